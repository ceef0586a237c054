import { CodeError, type Token, tokens } from './tokens.ts'

/** Expressions inside expressions, at most: deeper ones are refused, not overflowed. */
const maxDepth = 200

/** The tokens of a code, one after the other. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(code: string) {
    this.#tokens = tokens(code)
  }

  get current(): Token {
    return this.#tokens[this.#at]!
  }

  next(): Token {
    const token = this.current
    if (token.type !== 'end') this.#at++
    return token
  }

  /** The token after the current one. */
  isFollowedBy(text: string): boolean {
    const token = this.#tokens[this.#at + 1]
    return token !== undefined && isWord(token, text)
  }

  /** Whether the current token is this symbol or keyword. */
  is(text: string): boolean {
    return isWord(this.current, text)
  }

  /** Takes the token when it is this symbol or keyword. */
  take(text: string): boolean {
    if (!this.is(text)) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(`${text} is expected`)
  }

  /** The text of an atom or a variable. */
  word(type: 'atom' | 'variable'): string {
    const token = this.current
    if (token.type !== type)
      this.fail(type === 'atom' ? 'a name is expected' : 'a variable is expected')
    this.#at++
    return token.text
  }

  enter(): void {
    if (++this.#depth > maxDepth) this.fail('the code is nested too deep')
  }

  leave(): void {
    this.#depth--
  }

  fail(message: string): never {
    throw new CodeError(message, this.current.offset)
  }
}

function isWord(token: Token, text: string): boolean {
  return (token.type === 'symbol' || token.type === 'keyword') && token.text === text
}
