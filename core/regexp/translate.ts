/** PCRE expressions, as scenarios have them, to JavaScript's. */
import { emit } from './emit.ts'
import { hasAtomic, judgeLookbehinds, judgeReferences, judgeRepeats } from './judge.ts'
import { parsePattern } from './parse.ts'
import { RegexpError, type RegexpFault } from './pattern.ts'

export type { RegexpFault } from './pattern.ts'

/** An expression ready to be held against answers; all texts are byte strings. */
export interface CompiledRegexp {
  test(text: string): boolean
  /** What the first group caught in the first match; empty when it took no part or there is none; null: no match. */
  firstGroup(text: string): string | null
}

/**
 * An expression as Erlang's `re` has it without options: `.` stops at a newline, `^` and `$` are the ends of the text,
 * letters are those of ISO-8859-1.
 *
 * @param pattern a byte string, as the answers that it is held against
 * @param use `test`: only whether it matches. What catches differently in JavaScript is then no fault
 * @returns a fault is told by its `type`, which a compiled expression does not have
 */
export function translateRegexp(
  pattern: string,
  use: 'test' | 'group' = 'group',
): CompiledRegexp | RegexpFault {
  try {
    const tree = parsePattern(pattern)
    judgeLookbehinds(tree)
    judgeReferences(tree, new Set())
    if (use === 'group' || hasAtomic(tree)) judgeRepeats(tree)
    const { source, flags, firstGroup } = emit(tree)
    return new Expression(new RegExp(source, flags), firstGroup)
  } catch (error) {
    if (error instanceof RegexpError) return error.fault
    // What V8 finds too big.
    if (error instanceof SyntaxError) return { type: 'unsupported', text: error.message }
    throw error
  }
}

class Expression implements CompiledRegexp {
  readonly #regexp: RegExp
  readonly #group: number

  constructor(regexp: RegExp, group: number) {
    this.#regexp = regexp
    this.#group = group
  }

  test(text: string): boolean {
    return this.#regexp.test(text)
  }

  firstGroup(text: string): string | null {
    const found = this.#regexp.exec(text)
    if (found === null) return null
    return this.#group === 0 ? '' : (found[this.#group] ?? '')
  }
}
