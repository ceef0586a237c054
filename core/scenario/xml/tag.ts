/** Lexical rules of XML 1.0 that both the check before and the reading after expansion need. */

const start =
  ':A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f' +
  '\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
const rest = `${start}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f-\\u2040`

export const namePattern: RegExp = new RegExp(`[${start}][${rest}]*`, 'uy')
const tokenPattern = new RegExp(`^[${rest}]+$`, 'u')
const blankPattern = /[ \t\n]*/y

/** Whether the text is one XML token (Nmtoken): letters, digits, `.`, `-`, `_`, `:`. */
export function isToken(text: string): boolean {
  return tokenPattern.test(text)
}

/** The match of a sticky pattern at `at`; empty when there is none. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

export function nameAt(text: string, at: number): string {
  return matchAt(namePattern, text, at)
}

/** @returns where the blanks from `at` on end */
export function skipBlanks(text: string, at: number): number {
  return at + matchAt(blankPattern, text, at).length
}

/** An attribute as it stands in a start tag; offsets into the text. */
export interface TagAttribute {
  readonly name: string
  readonly at: number
  /** Of the value, without its quotes. */
  readonly from: number
  readonly to: number
}

export interface StartTag {
  readonly name: string
  readonly attributes: readonly TagAttribute[]
  readonly isEmpty: boolean
  /** Behind its `>`. */
  readonly end: number
}

/** Reports what is wrong at an offset; does not return. */
export type Fail = (text: string, at: number, hint?: string) => never

/** Reads the start tag whose `<` stands at `at`; checks its syntax, not its values. */
export function startTagAt(text: string, at: number, fail: Fail): StartTag {
  const name = nameAt(text, at + 1)
  if (name === '') fail('a "<" that begins no tag', at, 'write &lt; for the character itself')
  const attributes: TagAttribute[] = []
  const seen = new Set<string>()
  let next = at + 1 + name.length
  for (;;) {
    const blanks = next
    next = skipBlanks(text, next)
    if (text.startsWith('/>', next)) return { name, attributes, isEmpty: true, end: next + 2 }
    if (text[next] === '>') return { name, attributes, isEmpty: false, end: next + 1 }
    if (next >= text.length) fail(`the tag <${name} does not end`, at, 'it needs a ">"')
    const attribute = attributeAt(text, next, name, fail)
    if (blanks === next) fail(`a blank is missing before the attribute ${attribute.name}`, next)
    if (seen.has(attribute.name)) {
      fail(`<${name}> has the attribute ${attribute.name} twice`, attribute.at)
    }
    seen.add(attribute.name)
    attributes.push(attribute)
    next = attribute.to + 1
  }
}

function attributeAt(text: string, at: number, element: string, fail: Fail): TagAttribute {
  const name = nameAt(text, at)
  if (name === '') {
    const found = JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))
    fail(`${found} cannot stand in the tag <${element}>`, at, 'is a quote missing before it?')
  }
  let next = skipBlanks(text, at + name.length)
  if (text[next] !== '=') fail(`the attribute ${name} has no value`, at, `write ${name}="…"`)
  next = skipBlanks(text, next + 1)
  const quote = text[next]
  if (quote !== '"' && quote !== "'") {
    fail(`the value of ${name} needs quotes`, next, `write ${name}="…"`)
  }
  const to = text.indexOf(quote as string, next + 1)
  if (to < 0) fail(`the value of ${name} does not end`, next, `it needs a closing ${quote}`)
  const bracket = text.indexOf('<', next + 1)
  if (bracket >= 0 && bracket < to) {
    const hint = `write &lt; for the character itself; or is a closing ${quote} missing?`
    fail(`"<" cannot stand in the value of ${name}`, bracket, hint)
  }
  return { name, at, from: next + 1, to }
}
