/** All times of a run: percentile by percentile, as a share below each time, and over time as a heat map. */
import { highestMs, lowestMs } from '../../core/stats/bucket-range.ts'
import { decodeHistogram } from '../../core/stats/histogram.ts'
import type { SeriesHistograms } from '../outputs/series.ts'

export interface Distribution {
  readonly name: string
  readonly count: number
  /** ms at each of `curveGrid`; null where fewer than one value lies beyond. */
  readonly curve: readonly (number | null)[]
  /** Share of the values up to each of the grid's times, 0..1. */
  readonly below: readonly number[]
}

export interface Distributions {
  /** Times in ms at which `below` is told, evenly spaced on a logarithmic scale. */
  readonly grid: readonly number[]
  readonly list: readonly Distribution[]
}

export interface HeatMap {
  readonly name: string
  /** Ends of the columns, seconds; the first begins at 0. */
  readonly seconds: readonly number[]
  /** Borders of the rows, ms, rising: one more than there are rows. */
  readonly borders: readonly number[]
  /** For each column: row, count, row, count, … where there are values. */
  readonly columns: readonly (readonly number[])[]
  readonly most: number
}

/** Nines: 0 is the least value, 1 is p90, 2 p99, … 5 p99.999. */
export const curveGrid: readonly number[] = Array.from({ length: 101 }, (_, at) => at / 20)

const gridPoints = 120
const columnsMax = 360
const rowsPerDecade = 12

export class DistributionBuilder {
  readonly #wholes = new Map<string, Counts>()
  readonly #columns: { toMs: number; counts: Counts }[] = []
  readonly #heatName: string

  /** @param heatName the metric of the heat map */
  constructor(heatName: string) {
    this.#heatName = heatName
  }

  histograms({ toMs, samples }: SeriesHistograms): void {
    for (const [name, { histogram }] of Object.entries(samples)) {
      const { pairs } = decodeHistogram(histogram)
      const whole = this.#wholes.get(name) ?? new Counts()
      whole.add(pairs)
      this.#wholes.set(name, whole)
      if (name !== this.#heatName) continue
      const counts = new Counts()
      counts.add(pairs)
      this.#columns.push({ toMs, counts })
    }
  }

  /** Of these metrics, those that have values. */
  distributions(names: readonly string[]): Distributions {
    const found = names.flatMap((name) => {
      const counts = this.#wholes.get(name)
      return counts === undefined ? [] : [{ name, counts }]
    })
    const low = Math.min(...found.map(({ counts }) => lowestMs(counts.sorted()[0]![0])))
    const high = Math.max(...found.map(({ counts }) => highestMs(counts.sorted().at(-1)![0])))
    const grid = found.length === 0 ? [] : spaced(Math.max(0.001, low), high, gridPoints)
    return {
      grid,
      list: found.map(({ name, counts }) => ({
        name,
        count: counts.total,
        curve: counts.curve(),
        below: counts.below(grid),
      })),
    }
  }

  /** Null: there is nothing to show. */
  heatMap(): HeatMap | null {
    const columns = gathered(this.#columns)
    const all = this.#wholes.get(this.#heatName)?.sorted()
    if (all === undefined || columns.length < 2) return null
    const low = oneDigit(Math.max(0.001, lowestMs(all[0]![0])))
    const high = Math.max(low * 1.2, highestMs(all.at(-1)![0]))
    const rows = Math.max(4, Math.ceil(Math.log10(high / low) * rowsPerDecade))
    const borders = spaced(low, high * 1.0001, rows + 1)
    const told = columns.map(({ counts }) => counts.rows(borders))
    return {
      name: this.#heatName,
      seconds: columns.map(({ toMs }) => toMs / 1000),
      borders,
      columns: told,
      most: Math.max(...told.flatMap((column) => column.filter((_, at) => at % 2 === 1))),
    }
  }
}

/** How many values fell into each bucket. */
class Counts {
  readonly #counts = new Map<number, number>()
  total = 0

  add(pairs: readonly number[]): void {
    for (let at = 0; at < pairs.length; at += 2) {
      const count = pairs[at + 1]!
      this.#counts.set(pairs[at]!, (this.#counts.get(pairs[at]!) ?? 0) + count)
      this.total += count
    }
  }

  merge(other: Counts): void {
    this.add([...other.#counts].flat())
  }

  /** Buckets with their counts, the shortest times first. */
  sorted(): readonly (readonly [number, number])[] {
    return [...this.#counts].sort((a, b) => a[0] - b[0])
  }

  curve(): readonly (number | null)[] {
    const sorted = this.sorted()
    let at = 0
    let below = sorted[0]![1]
    return curveGrid.map((nines) => {
      const beyond = this.total * 10 ** -nines
      if (beyond < 1) return null
      while (at < sorted.length - 1 && this.total - below > beyond * 1.000001)
        below += sorted[++at]![1]
      return digits(highestMs(sorted[at]![0]))
    })
  }

  below(grid: readonly number[]): readonly number[] {
    const sorted = this.sorted()
    let at = 0
    let below = 0
    return grid.map((ms) => {
      while (at < sorted.length && highestMs(sorted[at]![0]) <= ms * 1.00001)
        below += sorted[at++]![1]
      return digits(below / this.total)
    })
  }

  /** @param borders of the rows, ms */
  rows(borders: readonly number[]): readonly number[] {
    const found = new Map<number, number>()
    const low = Math.log(borders[0]!)
    const step = Math.log(borders[1]!) - low
    for (const [bucket, count] of this.sorted()) {
      const place = Math.floor((Math.log(Math.max(0.001, highestMs(bucket))) - low) / step)
      const row = Math.min(borders.length - 2, Math.max(0, place))
      found.set(row, (found.get(row) ?? 0) + count)
    }
    return [...found].flat()
  }
}

/** Neighbours together, until there are few enough. */
function gathered(
  columns: readonly { readonly toMs: number; readonly counts: Counts }[],
): readonly { readonly toMs: number; readonly counts: Counts }[] {
  const size = Math.ceil(columns.length / columnsMax)
  if (size <= 1) return columns
  const found: { toMs: number; counts: Counts }[] = []
  columns.forEach(({ toMs, counts }, at) => {
    if (at % size === 0) found.push({ toMs, counts: new Counts() })
    const last = found.at(-1)!
    last.toMs = toMs
    last.counts.merge(counts)
  })
  return found
}

/** From `low` to `high`, each as many times the one before. */
function spaced(low: number, high: number, count: number): readonly number[] {
  const factor = Math.max(high, low * 1.001) / low
  return Array.from({ length: count }, (_, at) => digits(low * factor ** (at / (count - 1))))
}

/** Rounded down: 1.197 is 1. */
function oneDigit(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms) + 1e-9)
  return digits(Math.floor(ms / power + 1e-9) * power)
}

function digits(value: number): number {
  return Number(value.toPrecision(6))
}
