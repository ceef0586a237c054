/**
 * Reads thresholds:
 *
 *     p99(request) > 250ms           mean, min, max, stddev, pNN of a time; min, mean, max of users and connected
 *     count(error_timeout) > 5       or error_timeout > 5; rate(200) < 100; share(5*) > 1%
 *     error_rate > 1%                is share(tsts_failed)
 *     users < 0.99 planned           users started, of those the plan made due
 *     … in phase 2 after 30s over 10s
 */
import {
  type Comparison,
  failedRequests,
  gaugeNames,
  type Threshold,
  type ThresholdLimit,
  type ThresholdValue,
} from './model.ts'
import { ThresholdError, type Token, tokensOf } from './tokens.ts'

/** Longest expression, in characters. */
const maxLength = 1000

/** @throws {ThresholdError} with the place in the text */
export function parseThreshold(text: string): Threshold {
  if (text.length > maxLength) {
    throw new ThresholdError(`it has more than ${maxLength} characters`, maxLength)
  }
  return new Parser(text).threshold()
}

const signs: readonly string[] = ['<', '<=', '>', '>=']
const unitMs: { readonly [unit: string]: number } = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  threshold(): Threshold {
    const value = this.#value()
    const comparison = this.#comparison()
    const limit = this.#limit(value)
    let phase: number | null = null
    let afterMs: number | null = null
    let overMs: number | null = null
    for (;;) {
      const token = this.#take()
      if (token.type === 'end') break
      const twice = (): never => fail(`"${token.text}" stands there twice`, token)
      if (token.text === 'in') phase = phase === null ? this.#phase() : twice()
      else if (token.text === 'after') afterMs = afterMs === null ? this.#duration() : twice()
      else if (token.text === 'over') overMs = overMs === null ? this.#window() : twice()
      else fail(`"${token.text}" means nothing here`, token, 'in phase 2, after 30s, or over 10s')
    }
    const expression = this.#text.trim()
    return { expression, value, comparison, limit, phase, afterMs: afterMs ?? 0, overMs }
  }

  #value(): ThresholdValue {
    const first = this.#take()
    if (first.type === 'end') fail('nothing is compared', first, 'e.g. p99(request) > 250ms')
    if (first.type === 'sign') fail(`a name is missing before "${first.text}"`, first)
    if (first.type === 'quoted') return { type: 'count', name: nameOf(first) }
    if (this.#peek().text !== '(') return bare(first)
    this.#take()
    const name = this.#take()
    if (name.type === 'sign' || name.type === 'end' || nameOf(name) === '') {
      fail(`${first.text}(…) lacks a name`, name, `e.g. ${first.text}(request)`)
    }
    const close = this.#take()
    if (close.text !== ')') fail(`a ")" is missing`, close)
    return applied(first, nameOf(name))
  }

  #comparison(): Comparison {
    const token = this.#take()
    if (token.type === 'sign' && signs.includes(token.text)) return token.text as Comparison
    return fail('a comparison is missing', token, 'one of <, <=, > and >=')
  }

  #limit(value: ThresholdValue): ThresholdLimit {
    const token = this.#take()
    if (token.type !== 'number') fail('a number is missing', token)
    const number = Number(token.text)
    const next = this.#peek()
    const isPercent = next.text === '%'
    if (isPercent) this.#take()
    const share = isPercent ? number / 100 : number
    if (value.type === 'users' && this.#peek().text === 'planned') {
      this.#take()
      return { number: share, of: 'planned' }
    }
    if (value.type === 'share') {
      if (share > 1) fail('a part of all requests is 100 % at most', token, 'write 1 % as 1%')
      return { number: share, of: 'share' }
    }
    if (isPercent) {
      fail('a "%" goes with error_rate, share(…) and users … planned', next)
    }
    if (this.#peek().text === 'planned') fail('"planned" goes with users', this.#peek())
    const isTime = 'name' in value && !['count', 'rate'].includes(value.type) && !isGauge(value)
    if (isTime) return { number: number * this.#timeUnit(), of: 'ms' }
    this.#plainUnit()
    return { number, of: value.type === 'rate' ? 'rate' : 'count' }
  }

  /** Of a time; ms when there is none. */
  #timeUnit(): number {
    const { type, text } = this.#peek()
    const factor = type === 'name' && Object.hasOwn(unitMs, text) ? unitMs[text] : undefined
    if (factor === undefined) return 1
    this.#take()
    return factor
  }

  #plainUnit(): void {
    const token = this.#peek()
    if (token.type === 'name' && Object.hasOwn(unitMs, token.text)) {
      fail('this is no time, and takes no unit', token, 'times are p99(request), mean(request) …')
    }
  }

  #phase(): number {
    const word = this.#take()
    if (word.text !== 'phase') fail('"phase" is missing', word, 'in phase 2')
    const token = this.#take()
    if (token.type !== 'number' || !/^\d+$/.test(token.text)) {
      fail('the number of a phase is missing', token, 'in phase 2')
    }
    return Number(token.text)
  }

  #duration(): number {
    const token = this.#take()
    if (token.type !== 'number') fail('a time is missing', token, 'e.g. 30s')
    const { text, type } = this.#peek()
    if (type !== 'name' || !Object.hasOwn(unitMs, text)) {
      fail('a unit is missing', this.#peek(), `e.g. ${token.text}s`)
    }
    return Number(token.text) * this.#timeUnit()
  }

  #window(): number {
    const token = this.#peek()
    const ms = this.#duration()
    if (ms >= 1000 && ms <= maxWindowMs) return ms
    return fail('a window lasts from 1 s to 10 minutes', token)
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(): Token {
    const token = this.#peek()
    if (token.type !== 'end') this.#next++
    return token
  }
}

const maxWindowMs = 600_000

/** A name without a function. */
function bare(token: Token): ThresholdValue {
  if (token.text === 'error_rate') return { type: 'share', name: failedRequests }
  if (token.text === 'users') return { type: 'users' }
  if (gaugeNames.includes(token.text)) {
    fail(`${token.text} goes up and down`, token, `max(${token.text}), mean(…) or min(…)`)
  }
  return { type: 'count', name: token.text }
}

function applied(token: Token, name: string): ThresholdValue {
  switch (token.text) {
    case 'mean':
    case 'min':
    case 'max':
    case 'stddev':
      if (gaugeNames.includes(name) && token.text === 'stddev') {
        fail(`${name} has no stddev, but min, mean and max`, token)
      }
      return { type: token.text, name: plain(name, token) }
    case 'count':
    case 'rate':
    case 'share':
      if (gaugeNames.includes(name))
        fail(`${name} is no counter`, token, `max(${name}) or users_count`)
      return { type: token.text, name }
    default: {
      const p = /^p(\d+(?:\.\d+)?)$/.exec(token.text)?.[1]
      const known = 'p50 … p99.99, mean, min, max, stddev, count, rate or share'
      if (p === undefined) return fail(`there is no function ${token.text}`, token, known)
      if (Number(p) > 100) fail(`p${p} is more than all`, token, 'p99.9 has a point')
      if (gaugeNames.includes(name)) fail(`${name} has min, mean and max only`, token)
      return { type: 'percentile', p: Number(p), name: plain(name, token) }
    }
  }
}

/** @throws {ThresholdError} when it is a pattern: times are not added up */
function plain(name: string, token: Token): string {
  if (name.includes('*')) fail(`${token.text} is taken of one name, not of "${name}"`, token)
  return name
}

function nameOf({ type, text }: Token): string {
  return type === 'quoted' ? text.slice(1, -1) : text
}

function isGauge(value: { readonly name: string }): boolean {
  return gaugeNames.includes(value.name)
}

function fail(text: string, token: Token, hint?: string): never {
  throw new ThresholdError(text, token.at, hint)
}
