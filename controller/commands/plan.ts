/** What `tsts plan` prints: launchers, phases, what to expect of the machines, and the load over time. */
import type { LauncherPlan, Plan, PlannedPhase } from '../../core/plan/model.ts'
import {
  assumedAnswerMs,
  maxSuccessors,
  type PredictedHost,
  type Prediction,
  predict,
} from '../../core/plan/predict.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { headroomWarnings } from '../headroom.ts'
import type { KnownLimits } from '../host-needs.ts'
import { clientHosts } from '../local-hosts.ts'
import {
  bytesText,
  countText,
  durationText,
  percentText,
  plural,
  printable,
  rateText,
  shortened,
} from '../outputs/format.ts'

/** Of a host that nobody asked. */
const unlimited: KnownLimits = {
  addresses: [],
  descriptorLimit: 0,
  memoryBytes: Number.POSITIVE_INFINITY,
  portRange: [32_768, 60_999],
  tcpTwReuse: 0,
}
/** Rows of a table before the rest is only counted. */
const maxRows = 24
const bars = ' ▁▂▃▄▅▆▇█'

/**
 * @param columns of the terminal; 80 are enough
 * @param limits of every host; left out: Linux's default ports, and all the memory and descriptors it takes
 * @param notes what else there is to say
 */
export function planText(
  scenario: Scenario,
  plan: Plan,
  columns: number,
  {
    limits: known = unlimited,
    notes = [],
  }: { readonly limits?: KnownLimits; readonly notes?: readonly string[] } = {},
): string {
  const prediction = predict(
    scenario,
    plan,
    assumedAnswerMs,
    scenario.clients.map(() => known),
  )
  const hostColumns = Math.max(8, Math.min(40, columns - 56))
  const blocks = [
    headLines(scenario, plan, columns),
    launcherLines(plan, hostColumns),
    phaseLines(plan),
    [...wrapped(expectation(prediction), columns), ...hostLines(prediction, hostColumns)],
    [...notes, ...noteLines(scenario, plan, prediction, known)].flatMap((note) =>
      wrapped(note, columns),
    ),
    chartLines(prediction, columns),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join(''))
    .join('\n')
}

function headLines(scenario: Scenario, plan: Plan, columns: number): string[] {
  const { users, launchers, durationMs, arrivals, seed } = plan
  const load = `${plural(users, 'user')} on ${plural(launchers.length, 'launcher')}`
  return [
    shortened(`${printable(scenario.file)}: ${load} in ${durationText(durationMs)}`, columns),
    `arrivals ${arrivals}, seed ${printable(seed)}`,
  ]
}

function launcherLines({ launchers }: Plan, hostColumns: number): string[] {
  const rows = launchers.map((each) => [
    String(each.launcher),
    hostText(each.host, hostColumns),
    percentText(each.share),
    countText(each.users),
    countText(each.staticUsers.length),
    countText(each.maxUsers),
    idsText(each),
  ])
  const heads = ['launcher', 'host', 'share', 'users', 'static', 'maxusers', 'user ids']
  return table(heads, rows, new Set([1, 6]), 'launcher')
}

function idsText({ firstUserId, users }: LauncherPlan): string {
  return users === 0 ? '-' : `${firstUserId}-${firstUserId + users - 1}`
}

function phaseLines(plan: Plan): string[] {
  const rows = plan.phases.map((phase, at) => [
    String(phase.number),
    String(phase.phase),
    durationText(phase.startMs),
    durationText(phase.durationMs),
    countText(phase.users),
    rateText(phase.users === 0 ? 0 : phase.intensityPerMs * 1000),
    durationText(plan.launchers[0]?.phases[at]?.spanMs ?? 0),
  ])
  const heads = ['phase', 'in file', 'start', 'duration', 'users', 'users/s', 'arrive within']
  return table(heads, rows, new Set(), 'phase')
}

function expectation({ peakUsers, peakAtMs, requests, endMs }: Prediction): string {
  const peak = `${plural(Math.round(peakUsers), 'user')} at once (at ${durationText(peakAtMs)})`
  return (
    `Expected, if an answer takes ${assumedAnswerMs} ms: ${peak}, ` +
    `${countText(requests)} requests, over at ${durationText(endMs)}`
  )
}

function hostLines({ hosts }: Prediction, hostColumns: number): string[] {
  const rows = hosts.map((each) => [
    hostText(each.host, hostColumns),
    each.successors === 0 ? String(each.launchers) : `${each.launchers} + ${each.successors}`,
    countText(each.peakUsers),
    countText(each.sockets),
    `${countText(each.ports)} of ${shortCount(each.portsAvailable)}`,
    bytesText(each.memoryBytes),
  ])
  const heads = ['host', 'processes', 'users', 'sockets', 'ports', 'memory']
  return table(heads, rows, new Set([0]), 'host')
}

/** `28,232`, `1.2 M` */
function shortCount(count: number): string {
  return count < 1e6 ? countText(count) : `${(count / 1e6).toPrecision(2)} M`
}

function noteLines(
  scenario: Scenario,
  plan: Plan,
  prediction: Prediction,
  known: KnownLimits,
): string[] {
  const { hosts, openEnded } = prediction
  const notes: string[] = []
  if (plan.cutAfterMs !== null) {
    notes.push(`Everything ends after ${durationText(plan.cutAfterMs)} (<load duration>).`)
  }
  if (plan.phases.length > 1 && scenario.load.phases.some((each) => each.waitAllSessionsEnd)) {
    notes.push('A phase with wait_all_sessions_end may move the phases after it to a later time.')
  }
  for (const phase of plan.phases) notes.push(...loadNotes(phase))
  if (openEnded.length > 0) {
    const names = openEnded.map((name) => `"${printable(name)}"`).join(', ')
    notes.push(`Not counted is the time for which users wait for others, in ${names}.`)
  }
  for (const host of hosts) notes.push(...hostNotes(host))
  const { names, ofClient } = clientHosts(scenario.clients, false)
  const warnings = headroomWarnings(
    scenario,
    plan,
    ofClient,
    names.map(() => known),
  )
  return [...notes, ...warnings.map((text) => `${text}.`)]
}

/** What a phase asks for besides arrivals. */
function loadNotes({ number, users, maxActive, requestsPerMs }: PlannedPhase): string[] {
  const notes: string[] = []
  if (maxActive !== null) {
    notes.push(
      `Phase ${number} keeps ${plural(users, 'user')} playing: those that end are followed by others, ` +
        'which are not counted here, as how many there will be depends on the target.',
    )
  }
  if (requestsPerMs !== null) {
    notes.push(
      `From phase ${number} on users have ${rateText(requestsPerMs * 1000)} turns per second at <pace/>, all together.`,
    )
  }
  return notes
}

function hostNotes({ host, launchers, successors }: PredictedHost): string[] {
  if (successors === 0) return []
  const about = successors >= maxSuccessors * launchers ? 'at least' : 'about'
  return [
    `On ${printable(host) || 'a host'} launchers will be full ${about} ${plural(successors, 'time')} and hand ` +
      'over to a successor; a higher maxusers or more launchers (cpu) would spare that.',
  ]
}

/** Users that play and users that arrive, over time. */
function chartLines({ points, endMs, peakUsers }: Prediction, columns: number): string[] {
  if (endMs === 0) return []
  const width = Math.max(20, Math.min(columns - 10, 100))
  const columnMs = endMs / width
  const users: number[] = Array.from({ length: width }, () => 0)
  for (const { atMs, users: playing } of points) {
    const column = Math.min(width - 1, Math.floor(atMs / columnMs))
    users[column] = Math.max(users[column]!, playing)
  }
  const arrivals = users.map((_, column) => {
    const arrived = arrivedAt(points, (column + 1) / width) - arrivedAt(points, column / width)
    return (arrived * 1000) / columnMs
  })
  const highest = Math.max(peakUsers, ...users)
  return [
    'users that play',
    // A fraction of a user is what short sessions come to on average.
    ...chart(users, highest, 6, highest < 10 ? rateText : countText),
    'users that start, per second',
    ...chart(arrivals, Math.max(...arrivals), 3, rateText),
    `${' '.repeat(8)} 0:00${durationText(endMs).padStart(width - 4)}`,
  ]
}

/** Users that have started, between two points by proportion. @param part of the time, 0..1 */
function arrivedAt(points: Prediction['points'], part: number): number {
  const at = part * (points.length - 1)
  const before = Math.min(Math.floor(at), points.length - 2)
  const [low, high] = [points[before]!.arrived, points[before + 1]!.arrived]
  // What has started at once, at 0, belongs to the first column.
  return part === 0 ? 0 : low + (high - low) * (at - before)
}

/** Rows of blocks, the highest value named beside the first. */
function chart(
  values: readonly number[],
  highest: number,
  rows: number,
  text: (value: number) => string,
): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const label = row === 0 ? text(highest) : row === rows - 1 ? '0' : ''
    const cells = values.map((value) => {
      const eighths = highest > 0 ? Math.round((value / highest) * rows * 8) : 0
      const shown = value > 0 ? Math.max(1, eighths) : 0
      return bars[Math.max(0, Math.min(8, shown - (rows - 1 - row) * 8))]
    })
    return `${label.padStart(8)}│${cells.join('')}`
  })
}

/** Columns as wide as they must be; numbers stand to the right. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  left: ReadonlySet<number>,
  noun: string,
): string[] {
  if (rows.length === 0) return []
  const shown = rows.length > maxRows ? rows.slice(0, maxRows - 1) : rows
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...shown.map((row) => [...row[at]!].length)),
  )
  const lines = [heads, ...shown].map((row) =>
    row
      .map((cell, at) => (left.has(at) ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  '),
  )
  const rest = rows.length - shown.length
  return rest === 0 ? lines : [...lines, `… and ${plural(rest, `more ${noun}`)}`]
}

function hostText(host: string, columns: number): string {
  return shortened(printable(host) || '(batch)', columns)
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}
