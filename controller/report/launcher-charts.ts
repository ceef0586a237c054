/** How the launchers fared over time: of a few each one, of many the middle one and the worst. */
import type { SeriesHealth } from '../outputs/series.ts'
import type { Chart, ChartSeries } from './charts.ts'

type Fitness = SeriesHealth['launchers'][number]

/** Launchers that get a line of their own. */
const linesMax = 6

export function launcherCharts(lines: readonly SeriesHealth[]): readonly Chart[] {
  if (lines.length < 2) return []
  return [
    chart(
      lines,
      'launcher-cpu',
      'CPU of launchers',
      '% of one core',
      (each) => 100 * each.cpuShare,
    ),
    chart(
      lines,
      'launcher-loop',
      'Event-loop delay of launchers',
      'ms',
      (each) => each.loopDelayMaxMs,
    ),
    chart(
      lines,
      'launcher-gc',
      'Garbage collection of launchers',
      '% of time',
      (each) => 100 * each.gcShare,
    ),
    chart(lines, 'launcher-memory', 'Memory of launchers', 'MB', (each) => each.rssBytes / 1e6),
  ]
}

function chart(
  lines: readonly SeriesHealth[],
  id: string,
  title: string,
  unit: string,
  of: (each: Fitness) => number,
): Chart {
  const most = lines.flatMap(({ launchers, atMs }) =>
    launchers.map((each) => ({ launcher: each.launcher, value: of(each), atMs })),
  )
  const worst = most.reduce((a, b) => (b.value > a.value ? b : a), most[0]!)
  return {
    id,
    kind: 'time',
    title,
    unit,
    description: `The worst of each 10 s. Highest: ${short(worst.value)} ${unit}, launcher ${worst.launcher} at ${Math.round(worst.atMs / 1000)} s.`,
    logarithmic: false,
    x: lines.map(({ atMs }) => atMs / 1000),
    series: seriesOf(lines, of),
  }
}

function seriesOf(
  lines: readonly SeriesHealth[],
  of: (each: Fitness) => number,
): readonly ChartSeries[] {
  const numbers = [
    ...new Set(lines.flatMap(({ launchers }) => launchers.map(({ launcher }) => launcher))),
  ].sort((a, b) => a - b)
  if (numbers.length <= linesMax) {
    return numbers.map((number, index) =>
      line(`launcher ${number}`, `s${index + 1}`, lines, ({ launchers }) => {
        const own = launchers.find(({ launcher }) => launcher === number)
        return own === undefined ? null : of(own)
      }),
    )
  }
  const ranked = (launchers: readonly Fitness[]): number[] =>
    launchers.map(of).sort((a, b) => a - b)
  return [
    line('worst', 's2', lines, ({ launchers }) => ranked(launchers).at(-1) ?? null),
    line('middle', 's1', lines, ({ launchers }) => {
      return ranked(launchers)[Math.floor(launchers.length / 2)] ?? null
    }),
  ]
}

function line(
  label: string,
  colour: string,
  lines: readonly SeriesHealth[],
  of: (line: SeriesHealth) => number | null,
): ChartSeries {
  const values = lines.map((each) => {
    const value = of(each)
    return value === null ? null : short(value)
  })
  return { label, colour, dashed: false, filled: false, values }
}

function short(value: number): number {
  return Number(value.toPrecision(4))
}
