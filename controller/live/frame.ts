/** The live view as rows of text, made anew each second. */
import {
  bytesText,
  countText,
  durationText,
  msText,
  plural,
  printable,
  rateText,
  shortened,
} from '../outputs/format.ts'
import { percentilesOf } from '../outputs/summary.ts'
import { steeringText } from '../steering.ts'
import { hostRows } from './host-rows.ts'
import type { LiveWindow, Recent } from './window.ts'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'
/** A piece of a row, with or without a style. */
export type Segment = string | readonly [Style, string]
export type Row = readonly Segment[]

const bars = '▁▂▃▄▅▆▇█'

/** The view in at most `rows` rows; what matters least goes first when there is no room. */
export function frame(window: LiveWindow, columns: number, rows: number): readonly Row[] {
  const recent = window.recent()
  const spark = columns >= 76 ? Math.min(columns - 60, 40) : 0
  const top: Row[] = [
    titleRow(window),
    progressRow(window, columns),
    ...verdictRows(window),
    [],
    ...loadRows(window, recent, spark),
  ]
  const middle: Row[] = [[], ...percentileRows(recent)]
  const bottom: Row[] = [
    [],
    ...errorRows(window, columns),
    launchersRow(window),
    ...hostRows(window.standing?.hosts ?? []),
  ]
  const room = rows - 1 - top.length - middle.length - bottom.length
  const events = room > 1 ? window.events.slice(-(room - 1)).map(eventRow) : []
  return [...top, ...middle, ...bottom, ...(events.length > 0 ? [[], ...events] : [])].slice(
    0,
    Math.max(1, rows - 1),
  )
}

/** One plain line that says the same in short. */
export function plainLine(window: LiveWindow): string {
  const { last, head } = window
  if (last === null) return ''
  const recent = window.recent()
  const errors = sum(window.errors.values())
  const request = recent.samples.get('request')
  const parts = [
    durationText(last.atMs).padStart(7),
    phaseText(window),
    `started ${countText(last.started)} of ${countText(head.plan.users)} (due ${countText(last.due)})`,
    `users ${countText(last.users)}`,
    `${rateText(recent.requestRate)} requests/s`,
  ]
  if (request) {
    const [p50, p95, p99] = percentilesOf(request, [50, 95, 99]).map(msText)
    parts.push(`request p50 ${p50} p95 ${p95} p99 ${p99} ms`)
  }
  parts.push(errors === 0 ? 'no errors' : plural(errors, 'error'))
  const steered = steeringText(window.steering)
  if (steered !== '') parts.push(steered)
  const status = window.standing?.verdict.status ?? 'valid'
  if (status !== 'valid') parts.push(`${status} so far`)
  return parts.join('  ')
}

/** `▁▃█`: as many of the last values as there are columns, the highest as a full block. */
export function sparkline(values: readonly number[], columns: number): string {
  const shown = columns > 0 ? values.slice(-columns) : []
  const highest = Math.max(...shown, 0)
  return shown
    .map((value) => {
      if (highest === 0 || value <= 0) return bars[0]
      return bars[Math.min(bars.length - 1, Math.ceil((value / highest) * bars.length) - 1)]
    })
    .join('')
}

export function phaseText({ last, head }: LiveWindow): string {
  const number = last?.phase ?? 0
  const all = head.plan.phases.length
  if (number === 0) return 'before the first phase'
  return `phase ${number} of ${all}`
}

function titleRow(window: LiveWindow): Row {
  const steered = steeringText(window.steering)
  return [
    ['bold', printable(window.head.scenario.file)],
    '  ',
    phaseText(window),
    ...(steered === '' ? [] : [['yellow', `  ${steered}`] as const]),
    ['dim', `  seed ${printable(window.head.plan.seed)}`],
  ]
}

function progressRow(window: LiveWindow, columns: number): Row {
  const { done } = window.progress
  const width = Math.max(10, Math.min(40, columns - 40))
  const full = Math.round(done * width)
  return [['green', '━'.repeat(full)], ['dim', '─'.repeat(width - full)], `  ${timeText(window)}`]
}

function timeText({ progress, last }: LiveWindow): string {
  const { planMs, planEndMs, endMs } = progress
  const atMs = last?.atMs ?? 0
  const now = durationText(atMs)
  if (endMs === null) return `${now}, the plan stands with ${durationText(planEndMs - planMs)} left`
  const left =
    atMs < endMs
      ? `${durationText(endMs - atMs)} left`
      : `over the plan, ${plural(last?.users ?? 0, 'user')} still playing`
  return `${now} of ${durationText(endMs)}, ${left}`
}

function loadRows(window: LiveWindow, recent: Recent, spark: number): readonly Row[] {
  const { last, head } = window
  const behind = (last?.due ?? 0) - (last?.started ?? 0)
  const delivered = rateText(recent.startedRate).padStart(8)
  const slow = recent.startedRate < recent.plannedRate * 0.99 && behind > 1
  return [
    [
      'users/s   ',
      slow ? ['yellow', delivered] : ['bold', delivered],
      cell(`  due ${rateText(recent.plannedRate)}/s`, 20),
      cell(`started ${countText(last?.started ?? 0)} of ${countText(head.plan.users)}`, 22),
      ['cyan', sparkline(window.startedHistory, spark)],
    ],
    [
      'users     ',
      ['bold', countText(last?.users ?? 0).padStart(8)],
      cell(`  most ${countText(window.usersMax)}`, 20),
      cell(`connected ${countText(last?.connected ?? 0)}`, 22),
      ['cyan', sparkline(window.usersHistory, spark)],
    ],
    [
      'requests/s',
      ['bold', rateText(recent.requestRate).padStart(8)],
      cell(`  waiting ${countText(last?.inFlight ?? 0)}`, 20),
      cell('', 22),
      ['cyan', sparkline(window.requestHistory, spark)],
    ],
  ]
}

function percentileRows(recent: Recent): readonly Row[] {
  const columns = ['mean', 'p50', 'p95', 'p99', 'max'].map((name) => name.padStart(9)).join('')
  const header: Row = [['dim', `ms, last 10 s${columns.slice(3)}`]]
  if (recent.samples.size === 0) return [header, [['dim', 'no answer yet']]]
  return [
    header,
    ...[...recent.samples].map(([name, sample]): Row => {
      const values = [sample.mean, ...percentilesOf(sample, [50, 95, 99]), sample.max]
      return [name.padEnd(10), values.map((value) => msText(value).padStart(9)).join('')]
    }),
  ]
}

/** The names with their counts, and an example of the most frequent that has one. */
function errorRows(window: LiveWindow, columns: number): readonly Row[] {
  const names = errorsRow(window, columns)
  const sorted = [...window.errors].sort((a, b) => b[1] - a[1])
  const [name] = sorted.find(([each]) => window.examples.has(each)) ?? []
  const example = name === undefined ? undefined : window.examples.get(name)
  if (example === undefined) return [names]
  const { atMs, user, session, request, detail } = example
  const text = `${durationText(atMs)} user ${user}, ${session}: ${detail === '' ? request : `${detail}, ${request}`}`
  return [names, [cell('', 10), ['dim', printable(text)]]]
}

function errorsRow(window: LiveWindow, columns: number): Row {
  if (window.errors.size === 0) return [cell('errors', 10), ['dim', 'none']]
  const sorted = [...window.errors].sort((a, b) => b[1] - a[1])
  const shown: string[] = []
  let length = 10
  for (const [name, count] of sorted) {
    const text = `${shortened(printable(name.slice('error_'.length)), 40)} ${countText(count)}`
    if (shown.length > 0 && length + text.length > columns - 12) break
    shown.push(text)
    length += text.length + 2
  }
  const more = sorted.length - shown.length
  return [
    cell('errors', 10),
    ['red', shown.join('  ')],
    more > 0 ? ['dim', `  and ${more} more`] : '',
  ]
}

function verdictRows({ standing }: LiveWindow): readonly Row[] {
  if (standing === null) return []
  const { status, reasons } = standing.verdict
  const [first] = reasons
  const style = status === 'valid' ? 'green' : status === 'suspect' ? 'yellow' : 'red'
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : ''
  return [
    [
      cell('so far', 10),
      [style, status],
      ...(first === undefined ? [] : [`: ${printable(first.text)}${more}`]),
    ],
  ]
}

/** A launcher is the bottleneck above one of these: it has used so much of a core, or its loop stood still so long. */
const tight = { cpuShare: 0.9, loopDelayMs: 100 } as const

/** How many report, and those that fare worst. */
function launchersRow({ last, head, standing }: LiveWindow): Row {
  const planned = head.plan.launchers.length
  const running = last?.launchers ?? 0
  const text = `${running} of ${planned} reporting`
  const segments: Segment[] = [cell('launchers', 10), running < planned ? ['yellow', text] : text]
  const playing = standing?.launchers.filter(({ state }) => state === 'playing') ?? []
  if (playing.length === 0) return segments
  const busiest = playing.reduce((a, b) => (b.cpuShare > a.cpuShare ? b : a))
  const slowest = playing.reduce((a, b) => (b.loopDelayMaxMs > a.loopDelayMaxMs ? b : a))
  const memory = playing.reduce((sum, { rssBytes }) => sum + rssBytes, 0)
  const cpu = `CPU at most ${(100 * busiest.cpuShare).toFixed(0)} %`
  const loop = `loop delay ${msText(slowest.loopDelayMaxMs)} ms`
  return [
    ...segments,
    ', ',
    busiest.cpuShare > tight.cpuShare ? ['red', `${cpu} (launcher ${busiest.launcher})`] : cpu,
    ', ',
    slowest.loopDelayMaxMs > tight.loopDelayMs
      ? ['red', `${loop} (launcher ${slowest.launcher})`]
      : loop,
    `, ${bytesText(memory)}`,
  ]
}

function eventRow({ atMs, text, type }: LiveWindow['events'][number]): Row {
  const line = `${durationText(Math.max(0, atMs)).padStart(7)}  ${printable(text)}`
  if (type === 'launcher-lost') return [['red', line]]
  const isNotable = type === 'warning' || type === 'interrupted' || type === 'aborted'
  return [[isNotable ? 'yellow' : 'dim', line]]
}

function cell(text: string, columns: number): string {
  return text.padEnd(columns)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
