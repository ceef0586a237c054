/** What was read of the servers under load, beside what the users saw. Nothing where nobody watched them. */
import { countText, rateText } from '../outputs/format.ts'
import type { SeriesMonitored } from '../outputs/series.ts'
import type { MonitoredSummary, Summary } from '../outputs/summary.ts'
import type { Chart } from './charts.ts'
import { html, type Markup } from './html.ts'
import { table } from './tables.ts'
import { Tracks } from './tracks.ts'

interface Known {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly names: readonly (readonly [name: string, label: string])[]
  readonly worst: 'highest' | 'lowest'
  /** Told as what came since the reading before. */
  readonly isDifference: boolean
}

/** By Tsung's names. */
const known: readonly Known[] = [
  {
    id: 'server-cpu',
    title: 'CPU of the servers',
    unit: '%',
    names: [['cpu', '']],
    worst: 'highest',
    isDifference: false,
  },
  {
    id: 'server-load',
    title: 'Load of the servers',
    unit: 'processes that run or wait',
    names: [['load', '']],
    worst: 'highest',
    isDifference: false,
  },
  {
    id: 'server-memory',
    title: 'Memory of the servers',
    unit: 'MB free',
    names: [['freemem', '']],
    worst: 'lowest',
    isDifference: false,
  },
  {
    id: 'server-packets',
    title: 'Network of the servers',
    unit: 'packets per second',
    names: [
      ['recvpackets', 'received'],
      ['sentpackets', 'sent'],
    ],
    worst: 'highest',
    isDifference: true,
  },
]
/** Other names (`mysql_threads`, an `<oid>`) that get a chart; the rest is in the table. */
const othersMax = 8

export class MonitoredTracks {
  readonly #tracks: Tracks
  readonly #others = new Set<string>()

  /** @param lastMs end of the run */
  constructor(lastMs: number) {
    this.#tracks = new Tracks(lastMs)
  }

  line({ fromMs, toMs, monitored }: SeriesMonitored): void {
    const seconds = Math.max(1, toMs - fromMs) / 1000
    for (const [server, readings] of Object.entries(monitored)) {
      for (const [name, value] of Object.entries(readings)) {
        const of = known.find(({ names }) => names.some(([each]) => each === name))
        if (of === undefined && !this.#isShown(name)) continue
        const shown = of?.isDifference ? value / seconds : value
        this.#tracks.add(toMs, server, { name, worst: of?.worst ?? 'highest' }, shown)
      }
    }
  }

  #isShown(name: string): boolean {
    if (this.#others.has(name)) return true
    if (this.#others.size >= othersMax) return false
    this.#others.add(name)
    return true
  }

  charts(): readonly Chart[] {
    const all = known.flatMap(({ id, title, unit, names, worst }) =>
      this.#tracks.chart({
        id,
        title,
        unit,
        tracks: names.map(([name, label]) => ({ name, label, worst })),
      }),
    )
    const others = [...this.#others].flatMap((name, at) =>
      this.#tracks.chart({
        id: `server-other-${at + 1}`,
        title: `${name} of the servers`,
        unit: '',
        tracks: [{ name, label: '', worst: 'highest' }],
      }),
    )
    return [...all, ...others]
  }
}

/** Nothing when nobody watched. */
export function monitoredTable({ monitored = {} }: Pick<Summary, 'monitored'>): Markup | null {
  const rows = Object.entries(monitored).flatMap(([server, names]) =>
    Object.entries(names).map(([name, told]) => row(server, name, told)),
  )
  if (rows.length === 0) return null
  const columns = ['server', 'what', 'readings', 'mean', 'stddev', 'min', 'max']
  return table(
    'Servers, under Tsung’s names; packets are those between two readings',
    columns,
    rows,
  )
}

function row(server: string, name: string, told: MonitoredSummary): readonly (string | Markup)[] {
  const { count, mean, stddev, min, max } = told
  return [
    server,
    html`<td class="text">${name}</td>`,
    countText(count),
    ...[mean, stddev, min, max].map(rateText),
  ]
}
