/** The words of a threshold. */

export interface Token {
  readonly type: 'number' | 'name' | 'quoted' | 'sign' | 'end'
  readonly text: string
  /** Offset into the expression. */
  readonly at: number
}

/** What cannot be read, and where. */
export class ThresholdError extends Error {
  readonly code = 'E_THRESHOLD'
  /** Offset into the expression. */
  readonly at: number
  readonly hint: string | undefined

  constructor(text: string, at: number, hint?: string) {
    super(text)
    this.at = at
    this.hint = hint
  }
}

/** By its code. */
export function isThresholdError(error: unknown): error is ThresholdError {
  return error instanceof Error && 'code' in error && error.code === 'E_THRESHOLD'
}

const patterns: readonly (readonly [Token['type'], RegExp])[] = [
  // A name may begin with digits: `200`, `5*`. Whether it is a number, its place decides.
  ['number', /\d+(?:\.\d+)?(?![\w*])/y],
  ['name', /[\w*][\w.*:-]*/y],
  ['quoted', /"[^"]*"|'[^']*'/y],
  ['sign', /<=|>=|<|>|\(|\)|%/y],
]
/** A number with its unit behind it. */
const withUnit = /(\d+(?:\.\d+)?)(ms|us|µs|s|m|min|h|k)(?![\w.*:-])/y

/**
 * Cuts an expression into its words.
 *
 * @returns ends with a token of type `end`
 * @throws {ThresholdError} at the first character that begins none
 */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < expression.length) {
    if (/\s/.test(expression[at]!)) {
      at++
      continue
    }
    const found = tokensAt(expression, at)
    if (found.length === 0) {
      throw new ThresholdError(`"${expression[at]}" means nothing here`, at)
    }
    tokens.push(...found)
    const last = found.at(-1)!
    at = last.at + last.text.length
  }
  return [...tokens, { type: 'end', text: '', at: expression.length }]
}

function tokensAt(expression: string, at: number): readonly Token[] {
  withUnit.lastIndex = at
  const measure = withUnit.exec(expression)
  if (measure !== null) {
    const [, number = '', unit = ''] = measure
    return [
      { type: 'number', text: number, at },
      { type: 'name', text: unit, at: at + number.length },
    ]
  }
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at
    const text = pattern.exec(expression)?.[0]
    if (text !== undefined) return [{ type, text, at }]
  }
  return []
}
