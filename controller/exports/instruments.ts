/** What is told of a run, whoever is told: the table of docs/exports.md. */
import { basename } from 'node:path'
import type { LauncherHealth, Second } from '../model.ts'
import { type Labels, labelsOf } from './labels.ts'
import type { RunMeter } from './run-meter.ts'

/** A number that only grows, or one that stands as it is. */
export interface Instrument {
  /** Words with dots between them: Prometheus is told `tsts_users_started_total`, OpenTelemetry `tsts.users.started`. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly unit: 'seconds' | 'bytes' | null
  readonly labels: readonly string[]
  readonly doc: string
  readonly points: (run: RunMeter) => readonly Point[]
}

export interface Point {
  readonly labels: Labels
  readonly value: number
}

/** Of the histograms: every time that is measured, in seconds. */
export const durations = {
  name: 'duration',
  labels: ['metric', 'transaction', 'tag'],
  doc: 'times measured since the start of the run',
} as const

const noLabels: Labels = {}

export const instruments: readonly Instrument[] = [
  gauge('run.info', 'which run this is; always 1', runInfo, ['run', 'scenario', 'version', 'host']),
  {
    ...gauge(
      'run.start_timestamp',
      'when the first user starts, in seconds since 1970',
      ({ head }) => single(head === null ? null : head.startedAt / 1000),
    ),
    unit: 'seconds',
  },
  {
    ...gauge('run.elapsed', 'end of the last second that was told', ({ last }) =>
      single((last?.atMs ?? 0) / 1000),
    ),
    unit: 'seconds',
  },
  gauge('run.over', '1: these are the last values', ({ result }) =>
    single(result === null ? 0 : 1),
  ),
  gauge('run.exit_code', 'of the run, when it is over', ({ result }) =>
    single(result?.exitCode ?? null),
  ),
  gauge('verdict', '1: the verdict, so far or at the end', verdict, ['status']),
  gauge('users.planned', 'users of the whole plan', ({ head }) => single(head?.plan.users ?? null)),
  ofSecond('users.due', 'users that the plan made due', ({ due }) => due),
  ofSecond('users', 'users that play', ({ users }) => users),
  ofSecond('connections', 'open connections', ({ connected }) => connected),
  ofSecond('requests.in_flight', 'requests that wait for their answer', ({ inFlight }) => inFlight),
  ofSecond('phase', 'number of the phase that is played, 0 before the first', ({ phase }) => phase),
  ofSecond('launchers', 'launchers that report', ({ launchers }) => launchers),
  counter('users.started', 'users started', 'users_count'),
  counter('users.finished', 'users ended', 'finish_users_count'),
  counter('requests.issued', 'requests begun', 'tsts_issued'),
  counter('requests.acknowledged', 'requests answered', 'tsts_acknowledged'),
  counter('requests.failed', 'requests that got no whole answer', 'tsts_failed'),
  { ...counter('sent', 'bytes sent', 'size_sent'), unit: 'bytes' },
  { ...counter('received', 'bytes received', 'size_rcv'), unit: 'bytes' },
  family('responses', 'HTTP answers by status code', 'status', (name) =>
    /^\d{3}$/.test(name) ? { status: name } : null,
  ),
  family('errors', 'errors by Tsung’s or our name', 'error', (name) =>
    name.startsWith('error_') ? { error: name } : null,
  ),
  {
    ...family('failures', 'requests that got no whole answer, by transaction and tag', '', failure),
    labels: ['transaction', 'tag'],
  },
  family('events', 'every other counter of tsung.log and ours, by its name', 'name', (name) =>
    isEvent(name) ? { name } : null,
  ),
  {
    ...family('sums', 'the sum of what <sum> of that name added', 'name', (name) =>
      name.startsWith('sum.') ? { name: name.slice(4) } : null,
    ),
    // It may go down.
    type: 'gauge',
  },
  ofLauncher('cpu_ratio', 'share of a core that it uses', ({ cpuShare }) => cpuShare),
  ofLauncher('gc_ratio', 'share of its time that it collects garbage', ({ gcShare }) => gcShare),
  {
    ...ofLauncher(
      'loop_delay',
      'longest delay of its event loop',
      (each) => each.loopDelayMaxMs / 1000,
    ),
    unit: 'seconds',
  },
  { ...ofLauncher('memory', 'its resident memory', ({ rssBytes }) => rssBytes), unit: 'bytes' },
  ofLauncher('users', 'users that play on it', ({ users }) => users),
  ofLauncher('connections', 'its open connections', ({ connected }) => connected),
  ofLauncher('descriptors', 'its open descriptors', ({ descriptors }) => descriptors),
  ofLauncher('descriptor_limit', 'how many it may have', ({ descriptorLimit }) => descriptorLimit),
]

/** Counters that have an instrument of their own. */
const own: ReadonlySet<string> = new Set([
  'users_count',
  'finish_users_count',
  'tsts_issued',
  'tsts_acknowledged',
  'tsts_failed',
  'size_sent',
  'size_rcv',
])

/** Launchers that are told of, when there are very many. */
const mostLaunchers = 1000

function isEvent(name: string): boolean {
  const isOther = own.has(name) || /^\d{3}$|^error_|^sum\./.test(name)
  return !isOther && failure(name) === null
}

function failure(name: string): Labels | null {
  const { metric, ...labels } = labelsOf(name)
  return metric === 'failed' && Object.keys(labels).length > 0 ? labels : null
}

function gauge(
  name: string,
  doc: string,
  points: Instrument['points'],
  labels: readonly string[] = [],
): Instrument {
  return { name, type: 'gauge', unit: null, labels, doc, points }
}

function ofSecond(name: string, doc: string, value: (second: Second) => number): Instrument {
  return gauge(name, doc, ({ last }) => single(last === null ? 0 : value(last)))
}

function counter(name: string, doc: string, of: string): Instrument {
  const points: Instrument['points'] = ({ counters }) => single(counters.get(of) ?? 0)
  return { name, type: 'counter', unit: null, labels: [], doc, points }
}

/** @param labelsOfName null: that counter is none of them */
function family(
  name: string,
  doc: string,
  label: string,
  labelsOfName: (name: string) => Labels | null,
): Instrument {
  const points: Instrument['points'] = ({ counters }) =>
    [...counters].flatMap(([each, value]) => {
      const labels = labelsOfName(each)
      return labels === null ? [] : [{ labels, value }]
    })
  return { name, type: 'counter', unit: null, labels: [label], doc, points }
}

function ofLauncher(
  name: string,
  doc: string,
  value: (health: LauncherHealth) => number,
): Instrument {
  const points: Instrument['points'] = ({ standing }) =>
    playing(standing?.launchers ?? []).map((each) => ({
      labels: { launcher: String(each.launcher), host: each.host },
      value: value(each),
    }))
  return gauge(`launcher.${name}`, doc, points, ['launcher', 'host'])
}

function playing(launchers: readonly LauncherHealth[]): readonly LauncherHealth[] {
  return launchers.filter(({ state }) => state === 'playing').slice(0, mostLaunchers)
}

function single(value: number | null): readonly Point[] {
  return value === null ? [] : [{ labels: noLabels, value }]
}

function runInfo({ head }: RunMeter): readonly Point[] {
  if (head === null) return []
  const { folder, scenario, environment } = head
  const labels = {
    run: basename(folder),
    scenario: basename(scenario.file),
    version: environment.tsts,
    host: environment.host,
  }
  return [{ labels, value: 1 }]
}

function verdict({ result, standing }: RunMeter): readonly Point[] {
  const status = (result ?? standing)?.verdict.status
  if (status === undefined) return []
  return ['valid', 'suspect', 'invalid'].map((each) => ({
    labels: { status: each },
    value: each === status ? 1 : 0,
  }))
}
