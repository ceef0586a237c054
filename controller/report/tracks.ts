/**
 * Quantities of several machines over time, in a few hundred points: each the worst of what it stands for. What is kept
 * does not grow with the length of the run.
 */
import { msText } from '../outputs/format.ts'
import type { Chart, ChartSeries } from './charts.ts'

/** One quantity. */
export interface Track {
  readonly name: string
  /** In the legend. */
  readonly label: string
  readonly worst: 'highest' | 'lowest'
}

/** What one chart shows. */
export interface TrackChart {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly tracks: readonly Track[]
}

const maxPoints = 400
/** Lines of one chart. */
const linesMax = 6
/** So long a value stands for what was not told since, in ms. */
const heldMs = 10_000

/** Of one quantity: by machine, then by step. */
type Values = Map<string, Map<number, number>>

export class Tracks {
  readonly #stepMs: number
  readonly #values = new Map<string, Values>()
  /** In the order in which they were first told of. */
  readonly #machines = new Set<string>()
  /** End of the last thing that was told in each step, ms since the start. */
  readonly #ends = new Map<number, number>()

  /** @param lastMs end of the run */
  constructor(lastMs: number) {
    this.#stepMs = Math.max(1, Math.ceil(lastMs / maxPoints))
  }

  /** In the order of time. */
  add(
    atMs: number,
    machine: string,
    { name, worst }: Pick<Track, 'name' | 'worst'>,
    value: number,
  ): void {
    const step = Math.floor((atMs - 1) / this.#stepMs)
    const values: Values = this.#values.get(name) ?? new Map()
    this.#values.set(name, values)
    const own = values.get(machine) ?? new Map<number, number>()
    values.set(machine, own)
    const before = own.get(step) ?? value
    own.set(step, worst === 'highest' ? Math.max(before, value) : Math.min(before, value))
    this.#ends.set(step, atMs)
    this.#machines.add(machine)
  }

  /** Nothing when there are fewer than two points of it. */
  chart({ id, title, unit, tracks }: TrackChart): readonly Chart[] {
    const told = tracks.filter(({ name }) => this.#values.has(name))
    if (told.length === 0 || this.#ends.size < 2) return []
    const isFew = told.reduce((sum, { name }) => sum + this.#machinesOf(name).length, 0) <= linesMax
    const series = told.flatMap((track) => (isFew ? this.#each(track) : this.#ranked(track)))
    return [
      {
        id,
        kind: 'time',
        title,
        unit,
        description: told.map((track) => this.#extreme(track, unit)).join(' '),
        logarithmic: false,
        x: [...this.#ends.values()].map((atMs) => atMs / 1000),
        series: series.map((each, at) => ({ ...each, colour: `s${at + 1}` })),
      },
    ]
  }

  #each({ name, label }: Track): readonly ChartSeries[] {
    const isOne = this.#machines.size === 1
    return this.#machinesOf(name).map((machine) => {
      const own = isOne && label !== '' ? label : `${machine} ${label}`.trim()
      return line(own, this.#lineOf(name, machine))
    })
  }

  /** Those of which it was told. */
  #machinesOf(name: string): readonly string[] {
    const values = this.#values.get(name)
    return [...this.#machines].filter((machine) => values?.has(machine))
  }

  /** Of many, the worst one of each moment, and the middle one. */
  #ranked({ name, label, worst }: Track): readonly ChartSeries[] {
    const lines = this.#machinesOf(name).map((machine) => this.#lineOf(name, machine))
    const sorted = [...this.#ends.keys()].map((_, at) =>
      lines
        .flatMap((values) => values[at] ?? [])
        .sort((a, b) => (worst === 'highest' ? b - a : a - b)),
    )
    const told = (which: string): string => (label === '' ? which : `${label}, ${which}`)
    return [
      line(
        told(worst),
        sorted.map((values) => values[0] ?? null),
      ),
      line(
        told('middle'),
        sorted.map((values) => values[Math.floor(values.length / 2)] ?? null),
      ),
    ]
  }

  /** One value a point; null: nothing was told lately. */
  #lineOf(name: string, machine: string): readonly (number | null)[] {
    const own = this.#values.get(name)?.get(machine)
    let last = { value: 0, atMs: -Infinity }
    return [...this.#ends].map(([step, atMs]) => {
      const value = own?.get(step)
      if (value !== undefined) last = { value, atMs }
      return atMs - last.atMs <= heldMs ? last.value : null
    })
  }

  #extreme({ name, label, worst }: Track, unit: string): string {
    let found = { value: worst === 'highest' ? -Infinity : Infinity, machine: '', step: 0 }
    for (const [machine, own] of this.#values.get(name) ?? []) {
      for (const [step, value] of own) {
        const isWorse = worst === 'highest' ? value > found.value : value < found.value
        if (isWorse) found = { value, machine, step }
      }
    }
    const what = label === '' ? worst : `${label}, ${worst}`
    const seconds = Math.round((this.#ends.get(found.step) ?? 0) / 1000)
    const text = `${what}: ${msText(found.value)} ${unit}`.trim()
    return `${text[0]!.toUpperCase()}${text.slice(1)}, ${found.machine} at ${seconds} s.`
  }
}

function line(label: string, values: readonly (number | null)[]): ChartSeries {
  const shown = values.map((value) => (value === null ? null : short(value)))
  return { label, colour: 's1', dashed: false, filled: false, values: shown }
}

function short(value: number): number {
  return Number(value.toPrecision(4))
}
