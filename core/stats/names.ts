/** Every name under which something is measured: Tsung's of the core, and ours. Plugins declare their own. */

export interface MetricName {
  /** `…` stands for a part that varies. */
  readonly name: string
  readonly kind: 'sample' | 'count' | 'sum' | 'gauge'
  readonly unit: 'ms' | 'bytes' | ''
  readonly isError: boolean
  /** Written to tsung.log: Tsung has it, or it is an error. */
  readonly inTsungLog: boolean
  readonly doc: string
}

const tsung = { unit: '', isError: false, inTsungLog: true } as const
const ours = { unit: '', isError: false, inTsungLog: false } as const
const error = { kind: 'count', unit: '', isError: true, inTsungLog: true } as const

/** Source: reference tsung-core.md, 7.2 and 7.3; DESIGN.md section 8. */
export const metricNames: readonly MetricName[] = [
  { ...tsung, name: 'users', kind: 'gauge', doc: 'users that play now' },
  { ...tsung, name: 'connected', kind: 'gauge', doc: 'open connections' },
  { ...tsung, name: 'users_count', kind: 'count', doc: 'users started' },
  { ...tsung, name: 'finish_users_count', kind: 'count', doc: 'users ended' },
  { ...tsung, name: 'newphase', kind: 'count', doc: 'phase changes, summed over launchers' },
  { ...tsung, name: 'session', kind: 'sample', unit: 'ms', doc: 'life of a user' },
  {
    ...tsung,
    name: 'request',
    kind: 'sample',
    unit: 'ms',
    doc: 'from issuing a request (its last attempt, a connect it needed included) to its answer',
  },
  {
    ...tsung,
    name: 'page',
    kind: 'sample',
    unit: 'ms',
    doc: 'from the first request of a page to the last answer; a think time ends a page',
  },
  {
    ...tsung,
    name: 'connect',
    kind: 'sample',
    unit: 'ms',
    doc: 'opening a connection, TLS handshake included',
  },
  {
    ...tsung,
    name: 'tr_…',
    kind: 'sample',
    unit: 'ms',
    doc: 'a transaction, think times included',
  },
  { ...tsung, name: 'size_sent', kind: 'sum', unit: 'bytes', doc: 'bytes sent' },
  { ...tsung, name: 'size_rcv', kind: 'sum', unit: 'bytes', doc: 'bytes received' },
  { ...tsung, name: 'request_noack', kind: 'count', doc: 'requests that wait for no answer' },
  {
    ...tsung,
    name: 'async_unknown_data_rcv',
    kind: 'count',
    doc: 'data that came to a bidirectional session unasked',
  },
  {
    ...ours,
    name: 'response',
    kind: 'sample',
    unit: 'ms',
    doc: 'from when a request was intended to start to its answer: what a user who keeps to the plan feels',
  },
  {
    ...ours,
    name: 'late',
    kind: 'sample',
    unit: 'ms',
    doc: 'how late the generator itself issued a request; large values mean that tsts, not the target, was slow',
  },
  {
    ...ours,
    name: 'ttfb',
    kind: 'sample',
    unit: 'ms',
    doc: 'from writing a request to the first byte of its answer',
  },
  { ...ours, name: 'tcp_connect', kind: 'sample', unit: 'ms', doc: 'the TCP part of connect' },
  { ...ours, name: 'tls', kind: 'sample', unit: 'ms', doc: 'the TLS part of connect' },
  { ...ours, name: 'tsts_issued', kind: 'count', doc: 'requests begun' },
  { ...ours, name: 'tsts_acknowledged', kind: 'count', doc: 'requests answered' },
  { ...ours, name: 'tsts_failed', kind: 'count', doc: 'requests that got no whole answer' },
  {
    ...ours,
    name: 'tsts_other_names',
    kind: 'count',
    doc: 'values under names beyond the first 500 of a launcher, kept under `other`',
  },
  {
    ...error,
    name: 'error_abort_max_conn_retries',
    doc: 'no connection after max_retries: the user ended',
  },
  {
    ...error,
    name: 'error_abort_max_send_retries',
    doc: 'nothing sent after max_retries: the user ended',
  },
  {
    ...error,
    name: 'error_closed',
    doc: 'the target closed the connection of a non-persistent session',
  },
  {
    ...error,
    name: 'error_closed_in_answer',
    doc: 'the target closed the connection before its answer was complete (ours: Tsung counts nothing)',
  },
  {
    ...error,
    name: 'error_connect_…',
    doc: 'a connection could not be opened; the reason is in the name',
  },
  { ...error, name: 'error_connect_timeout', doc: 'no connection within connect_timeout' },
  { ...error, name: 'error_inet_…', doc: 'an open connection broke; the reason is in the name' },
  {
    ...error,
    name: 'error_send_connection_closed',
    doc: 'the connection was closed while sending',
  },
  { ...error, name: 'error_timeout', doc: 'no answer within idle_timeout: the user ended' },
  { ...error, name: 'error_unknown_data', doc: 'data came while none was awaited: the user ended' },
]

const outside = new Set(metricNames.filter((each) => !each.inTsungLog).map((each) => each.name))

/** Whether a name goes into tsung.log. */
export function isInTsungLog(name: string): boolean {
  return !outside.has(name)
}

/** Distinct names a launcher keeps. */
const maxNames = 500

/** Bounds the set of names, so that what a target answers cannot fill memory. */
export class NameRegistry {
  readonly #names = new Set<string>()
  #refused = 0

  /** The name to keep a value under: itself, or `other` when there are too many. */
  register(name: string): string {
    if (this.#names.has(name)) return name
    if (this.#names.size >= maxNames) {
      this.#refused++
      return 'other'
    }
    this.#names.add(name)
    return name
  }

  /** How often a name was refused since the last call: the counter `tsts_other_names`. */
  takeRefused(): number {
    const refused = this.#refused
    this.#refused = 0
    return refused
  }
}
