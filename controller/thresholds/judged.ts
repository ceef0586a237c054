/** Whether the condition of a threshold holds, and how it is told in one line. Pure. */
import type { Condition, Threshold } from '../../core/thresholds/model.ts'
import type { JudgedThreshold } from '../model.ts'
import { countText, msText } from '../outputs/format.ts'

export function holds({ comparison, limit }: Threshold, value: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit.number
    case '<=':
      return value <= limit.number
    case '>':
      return value > limit.number
    case '>=':
      return value >= limit.number
  }
}

/** At the end of a run. @param value null: there is none, which is a failure as well */
export function judged({ kind, threshold }: Condition, value: number | null): JudgedThreshold {
  const { expression, limit } = threshold
  const ok = value !== null && !holds(threshold, value)
  const was = value === null ? noDataText(threshold) : `was ${valueText(threshold, value)}`
  return { expression, kind, value, limit: limit.number, ok, text: `${expression}: ${was}` }
}

/** Its condition held in a window. @param atMs of the end of the window, since the start */
export function held({ kind, threshold }: Condition, value: number, atMs: number): JudgedThreshold {
  const { expression, limit } = threshold
  const was = `was ${valueText(threshold, value)} at ${(atMs / 1000).toFixed(0)} s`
  const text = `${expression}: ${was}${kind === 'abort-if' ? ', which ended the run' : ''}`
  return { expression, kind, value, limit: limit.number, ok: false, text }
}

/** Its condition held in no window. @param value of the last one */
export function passed({ kind, threshold }: Condition, value: number | null): JudgedThreshold {
  const { expression, limit } = threshold
  const text = `${expression}: never held`
  return { expression, kind, value, limit: limit.number, ok: true, text }
}

export function valueText({ limit }: Threshold, value: number): string {
  switch (limit.of) {
    case 'ms':
      return `${msText(value)} ms`
    case 'share':
      return percent(value)
    case 'planned':
      return `${percent(value)} of those planned`
    case 'rate':
      return `${Number(value.toFixed(2))}/s`
    case 'count':
      return Number.isInteger(value) ? countText(value) : String(Number(value.toFixed(2)))
  }
}

function noDataText({ value, phase, afterMs }: Threshold): string {
  const what = 'name' in value ? value.name : 'users'
  const where = phase === null ? '' : ` in phase ${phase}`
  const when = afterMs === 0 ? '' : ` after ${afterMs / 1000} s`
  return `failed, for nothing was measured of ${what}${where}${when}`
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`
}
