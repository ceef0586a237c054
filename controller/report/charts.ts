/** What the charts of a report show: plain data, drawn in the browser by page-script.ts. */
import type { EventLine } from '../outputs/events.ts'
import { bytesText, countText, msText, rateText, shortened } from '../outputs/format.ts'
import type { HeatMap } from './distribution.ts'
import type { Point, PointSample, Timeline } from './timeline.ts'

export interface Chart {
  readonly id: string
  /** Over time, or what distribution-charts.ts makes. */
  readonly kind: 'time' | 'curve' | 'below' | 'heat'
  readonly title: string
  readonly unit: string
  /** Says in a sentence what the picture shows. */
  readonly description: string
  /** A button offers a logarithmic scale. */
  readonly logarithmic: boolean
  readonly series: readonly ChartSeries[]
  /** Where its points lie, when not at those of the timeline. */
  readonly x?: readonly number[]
  readonly heat?: HeatMap
}

export interface ChartSeries {
  readonly label: string
  /** Name of the colour in style.ts: `s1` … `s6`. */
  readonly colour: string
  readonly dashed: boolean
  readonly filled: boolean
  /** One a point; null: no value. */
  readonly values: readonly (number | null)[]
}

/** Something that happened, as a line on every chart. */
export interface Mark {
  readonly seconds: number
  readonly label: string
  readonly text: string
  readonly kind: 'grave' | 'steered' | 'plain'
}

/** Series of one chart at most; the rest is in the tables. */
const seriesMax = 6
const marksMax = 60

export function charts(timeline: Timeline): readonly Chart[] {
  const { points } = timeline
  return [
    arrivals(points),
    users(points),
    requests(points),
    throughput(points),
    ...percentiles('response', 'Response time, from the intended start', points),
    ...percentiles('request', 'Request time, from when it was sent', points),
    ...percentiles('connect', 'Time to connect', points),
    ...transactions(points),
    ...counters('codes', 'Status codes', 'answers per second', /^\d{3}$/, points),
    ...counters('errors', 'Errors', 'errors per second', /^error_/, points),
  ]
}

const grave: ReadonlySet<EventLine['type']> = new Set([
  'launcher-lost',
  'interrupted',
  'aborted',
  'warning',
])

/** Marks of all charts: the events that a reader needs to understand them. */
export function marks(events: readonly EventLine[]): readonly Mark[] {
  const told = events.filter(
    ({ type, atMs }) =>
      atMs >= 0 && type !== 'run-started' && type !== 'run-ended' && type !== 'launcher-started',
  )
  return told.slice(0, marksMax).map(({ atMs, type, text }, index) => ({
    seconds: atMs / 1000,
    label: String(index + 1),
    text,
    kind: type === 'steered' ? 'steered' : grave.has(type) ? 'grave' : 'plain',
  }))
}

function arrivals(points: readonly Point[]): Chart {
  const planned = points.map((point) => point.plannedRate)
  const due = points.map((point) => point.dueRate)
  const started = points.map((point) => point.startedRate)
  return {
    id: 'arrivals',
    kind: 'time',
    title: 'Users started, against the plan',
    unit: 'users per second',
    description: `Planned ${rateText(mean(planned))} users per second on average, started ${rateText(mean(started))}, at most ${rateText(highest(started))}.`,
    logarithmic: false,
    series: [
      line('started', 's1', started, { filled: true }),
      line('due', 's3', due),
      line('planned rate', 's2', planned, { dashed: true }),
    ],
  }
}

function users(points: readonly Point[]): Chart {
  const playing = points.map((point) => point.users)
  const connected = points.map((point) => point.connected)
  return {
    id: 'users',
    kind: 'time',
    title: 'Simultaneous users and connections',
    unit: 'at the same time',
    description: `At most ${countText(highest(playing))} users played and ${countText(highest(connected))} connections were open at the same time.`,
    logarithmic: false,
    series: [
      line('users', 's1', playing, { filled: true }),
      line('connections', 's2', connected),
      line(
        'waiting requests',
        's3',
        points.map((point) => point.inFlight),
      ),
    ],
  }
}

function requests(points: readonly Point[]): Chart {
  const acknowledged = rates(points, 'tsts_acknowledged')
  const optional = [
    ['failed', 's2', rates(points, 'tsts_failed')],
    ['without answer', 's4', rates(points, 'request_noack')],
  ] as const
  return {
    id: 'requests',
    kind: 'time',
    title: 'Requests',
    unit: 'requests per second',
    description: `On average ${rateText(mean(acknowledged))} requests per second were acknowledged, at most ${rateText(highest(acknowledged))}.`,
    logarithmic: false,
    series: [
      line('acknowledged', 's1', acknowledged, { filled: true }),
      ...optional
        .filter(([, , values]) => highest(values) > 0)
        .map(([label, colour, values]) => line(label, colour, values)),
    ],
  }
}

function throughput(points: readonly Point[]): Chart {
  const received = rates(points, 'size_rcv')
  const sent = rates(points, 'size_sent')
  const kilobytes = (values: readonly number[]): number[] => values.map((value) => value / 1000)
  return {
    id: 'throughput',
    kind: 'time',
    title: 'Throughput',
    unit: 'kB per second',
    description: `Received ${bytesText(Math.round(mean(received)))} and sent ${bytesText(Math.round(mean(sent)))} per second on average.`,
    logarithmic: false,
    series: [
      line('received', 's1', kilobytes(received), { filled: true }),
      line('sent', 's2', kilobytes(sent)),
    ],
  }
}

function percentiles(name: string, title: string, points: readonly Point[]): readonly Chart[] {
  if (!points.some((point) => point.samples.has(name))) return []
  const of = (pick: (sample: PointSample) => number): (number | null)[] =>
    points.map((point) => {
      const sample = point.samples.get(name)
      return sample ? pick(sample) : null
    })
  const p50 = of((sample) => sample.p50)
  const p99 = of((sample) => sample.p99)
  const max = of((sample) => sample.max)
  return [
    {
      id: `percentiles-${name}`,
      kind: 'time',
      title,
      unit: 'ms',
      description: `Half were below ${msText(median(p50))} ms and 99 % below ${msText(median(p99))} ms in a typical moment; the slowest took ${msText(highest(max))} ms.`,
      logarithmic: true,
      series: [
        line('p50', 's1', p50),
        line(
          'p95',
          's3',
          of((sample) => sample.p95),
        ),
        line('p99', 's2', p99),
        line('max', 's6', max, { dashed: true }),
      ],
    },
  ]
}

function transactions(points: readonly Point[]): readonly Chart[] {
  const names = namesOf(points, (point) => point.samples.keys(), /^tr_/).slice(0, seriesMax)
  if (names.length === 0) return []
  const series = names.map((name, index) =>
    line(
      name.slice('tr_'.length),
      `s${index + 1}`,
      points.map((point) => point.samples.get(name)?.p95 ?? null),
    ),
  )
  return [
    {
      id: 'transactions',
      kind: 'time',
      title: 'Transactions, p95',
      unit: 'ms',
      description: `The time below which 95 % of each transaction stayed: ${names.join(', ')}.`,
      logarithmic: true,
      series,
    },
  ]
}

function counters(
  id: string,
  title: string,
  unit: string,
  pattern: RegExp,
  points: readonly Point[],
): readonly Chart[] {
  const names = namesOf(points, (point) => point.rates.keys(), pattern)
  const totals = names.map((name) => [name, mean(rates(points, name))] as const)
  const most = totals.sort((a, b) => b[1] - a[1]).slice(0, seriesMax)
  if (most.length === 0) return []
  return [
    {
      id,
      kind: 'time',
      title,
      unit,
      description: `On average per second: ${most.map(([name, rate]) => `${name} ${rateText(rate)}`).join(', ')}.`,
      logarithmic: false,
      series: most.map(([name], index) =>
        line(shortened(name.replace(/^error_/, ''), 60), `s${index + 1}`, rates(points, name)),
      ),
    },
  ]
}

function line(
  label: string,
  colour: string,
  values: readonly (number | null)[],
  { dashed = false, filled = false } = {},
): ChartSeries {
  return { label, colour, dashed, filled, values: values.map(short) }
}

/** Five digits: more than a pixel, and half the bytes. */
function short(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5))
}

function rates(points: readonly Point[], name: string): number[] {
  return points.map((point) => point.rates.get(name) ?? 0)
}

function namesOf(
  points: readonly Point[],
  keys: (point: Point) => Iterable<string>,
  pattern: RegExp,
): string[] {
  const names = new Set<string>()
  for (const point of points) for (const name of keys(point)) names.add(name)
  return [...names].filter((name) => pattern.test(name)).sort()
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function highest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
}

function median(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b)
  return known[Math.floor(known.length / 2)] ?? 0
}
