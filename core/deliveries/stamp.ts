/**
 * The stamp that a message carries from the user who sends it to those who receive it, at the start of its payload:
 *
 *     @@@k3x9q,0;1042;0;17,86403;120034@@@
 *        token host ; user ; stream ; number, s ; µs
 *
 * Tsung's stamp with a run and a sequence. `token`: of the run, so that what an earlier run left behind is known for
 * what it is. `host`: index of the host whose monotonic clock told the time. `stream`: number of the stream among
 * those of the user. `number`: 1, 2, 3, … within the stream; 0: not counted; with a `*` behind it the message is one
 * of those whose receivers are compared. All numbers are decimal.
 *
 * Source: reference tsung-protocols.md, 6.5.
 */

/** Of all stamps, at both ends. */
const fence = '@@@'
const at = 0x40
const comma = 0x2c
const semicolon = 0x3b
const star = 0x2a

/** Characters beyond which nothing is a stamp. */
const maxLength = 90
/** Digits of a number: it stays whole. */
const maxDigits = 15

/** Letters and digits of a token. */
export const tokenLength = 5

/** What the stamps of a stream begin with. */
export function stampPrefix(token: string, host: number, user: number, stream: number): string {
  return `${fence}${token},${host};${user};${stream};`
}

/**
 * @param prefix of the stream
 * @param hostMs monotonic clock of the host
 */
export function stampText(
  prefix: string,
  sequence: number,
  isCompared: boolean,
  hostMs: number,
): string {
  const second = Math.floor(hostMs / 1000)
  const micro = Math.floor((hostMs - second * 1000) * 1000)
  return `${prefix}${sequence}${isCompared ? '*' : ''},${second};${micro}${fence}`
}

/** Reads stamps; what it has read stands in its fields until the next one. */
export class StampReader {
  host = 0
  user = 0
  stream = 0
  /** 0: not counted. */
  sequence = 0
  isCompared = false
  /** When it was made, ms on the monotonic clock of its host. */
  hostMs = 0
  readonly #token: string
  #payload: Uint8Array | string = ''
  #next = 0

  /** @param token of the run */
  constructor(token: string) {
    this.#token = token
  }

  /**
   * @param payload bytes, or a byte string
   * @returns `foreign`: a stamp, of another run or of Tsung
   */
  read(payload: Uint8Array | string): 'none' | 'foreign' | 'ours' {
    this.#payload = payload
    this.#next = 0
    if (!this.#passesFence()) return 'none'
    const isOurs = this.#passesToken() && this.#passesRest()
    const result = isOurs ? 'ours' : this.#isClosed() ? 'foreign' : 'none'
    this.#payload = ''
    return result
  }

  #passesRest(): boolean {
    this.host = this.#number()
    if (!this.#passes(semicolon)) return false
    this.user = this.#number()
    if (!this.#passes(semicolon)) return false
    this.stream = this.#number()
    if (!this.#passes(semicolon)) return false
    this.sequence = this.#number()
    this.isCompared = this.#passes(star)
    if (!this.#passes(comma)) return false
    const second = this.#number()
    if (!this.#passes(semicolon)) return false
    this.hostMs = second * 1000 + this.#number() / 1000
    return this.#passesFence() && this.hostMs >= 0 && this.sequence >= 0 && this.user >= 0
  }

  /** -1 beyond the end. */
  #code(index: number): number {
    const payload = this.#payload
    if (index >= payload.length) return -1
    return typeof payload === 'string' ? payload.charCodeAt(index) : payload[index]!
  }

  #passes(code: number): boolean {
    if (this.#code(this.#next) !== code) return false
    this.#next++
    return true
  }

  #passesFence(): boolean {
    return this.#passes(at) && this.#passes(at) && this.#passes(at)
  }

  #passesToken(): boolean {
    for (let index = 0; index < tokenLength; index++) {
      if (!this.#passes(this.#token.charCodeAt(index))) return false
    }
    return this.#passes(comma)
  }

  /** NaN: there is none. */
  #number(): number {
    let value = 0
    let digits = 0
    for (; digits <= maxDigits; digits++) {
      const digit = this.#code(this.#next) - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      this.#next++
    }
    return digits === 0 || digits > maxDigits ? Number.NaN : value
  }

  /** A fence follows somewhere. */
  #isClosed(): boolean {
    for (let index = fence.length + 1; index < maxLength; index++) {
      if (this.#code(index) !== at) continue
      if (this.#code(index + 1) === at && this.#code(index + 2) === at) return true
    }
    return false
  }
}
