/** Times, rates and parts as they are written on the command line. */
import { UsageError } from '../usage-error.ts'

const unitMs: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

/**
 * `30s`, `10m`, `1.5h`; a number alone is seconds.
 *
 * @returns whole seconds, in ms
 * @throws {UsageError} when it is none, or less than `minMs`
 */
export function durationMsOf(flag: string, text: string, minMs: number): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim()) ?? []
  const factor = unit === '' ? 1000 : Object.hasOwn(unitMs, unit) ? unitMs[unit]! : Number.NaN
  const ms = number === '' ? Number.NaN : 1000 * Math.round((Number(number) * factor) / 1000)
  if (ms >= minMs) return ms
  throw new UsageError(`${flag} wants a time of at least ${minMs / 1000}s, not "${text}"`)
}

/**
 * Users, or turns, per second.
 *
 * @throws {UsageError}
 */
export function rateOf(flag: string, text: string | null): number | null {
  if (text === null) return null
  const rate = Number(text.trim().replace(/\/s$/, ''))
  if (text.trim() !== '' && rate > 0 && Number.isFinite(rate)) return rate
  throw new UsageError(`${flag} wants a rate per second, more than 0, not "${text}"`)
}

/**
 * `5%` or `0.05`.
 *
 * @throws {UsageError} when it is none, or not between `min` and `max`
 */
export function partOf(flag: string, text: string, min: number, max: number): number {
  const [, number = '', percent = ''] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? []
  const part = number === '' ? Number.NaN : Number(number) / (percent === '' ? 1 : 100)
  if (part >= min && part <= max) return part
  throw new UsageError(`${flag} wants ${100 * min}% to ${100 * max}%, not "${text}"`)
}
