/** Every name under which something is measured: Tsung's of the core, and ours. Plugins declare their own. */
import { messageNames } from './message-names.ts'

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

/** Source: reference tsung-core.md, 7.2; DESIGN.md section 8. */
const plain: readonly MetricName[] = [
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
    ...tsung,
    name: 'async_data_sent',
    kind: 'count',
    doc: 'data that came to a bidirectional session unasked and was answered',
  },
  { ...tsung, name: 'match', kind: 'count', doc: 'tests of <match> that matched' },
  { ...tsung, name: 'nomatch', kind: 'count', doc: 'tests of <match> that did not match' },
  { ...tsung, name: 'match_stop', kind: 'count', doc: 'users ended by do="abort"' },
  { ...tsung, name: 'match_stop_test', kind: 'count', doc: 'runs ended by do="abort_test"' },
  {
    ...tsung,
    name: 'match_loop',
    kind: 'count',
    doc: 'hits of do="loop", those at max_loop that go on included',
  },
  { ...tsung, name: 'match_restart', kind: 'count', doc: 'sessions begun again by do="restart"' },
  {
    ...tsung,
    name: 'match_restart_abort',
    kind: 'count',
    doc: 'users ended because max_restart was reached',
  },
  { ...tsung, name: 'max_repeat', kind: 'count', doc: '<repeat> left because of max_repeat' },
  { ...tsung, name: 'abort_session', kind: 'count', doc: 'users ended by <abort/>' },
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
  {
    ...ours,
    name: 'request.tr_…',
    kind: 'sample',
    unit: 'ms',
    doc: 'request, of the requests of a transaction (the innermost one that is open when one is issued)',
  },
  {
    ...ours,
    name: 'response.tr_…',
    kind: 'sample',
    unit: 'ms',
    doc: 'response, of the requests of a transaction',
  },
  {
    ...ours,
    name: 'failed.tr_…',
    kind: 'count',
    doc: 'tsts_failed, of the requests of a transaction',
  },
  {
    ...ours,
    name: 'request.tag_…',
    kind: 'sample',
    unit: 'ms',
    doc: 'request, of the requests with that tag',
  },
  {
    ...ours,
    name: 'response.tag_…',
    kind: 'sample',
    unit: 'ms',
    doc: 'response, of the requests with that tag',
  },
  {
    ...ours,
    name: 'failed.tag_…',
    kind: 'count',
    doc: 'tsts_failed, of the requests with that tag',
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
  { ...ours, name: 'match.…', kind: 'count', doc: 'hits of the <match> of that name' },
  { ...ours, name: 'count.…', kind: 'count', doc: 'how often <count> of that name was played' },
  { ...ours, name: 'sum.…', kind: 'sum', doc: 'the sum of what <sum> of that name added' },
  {
    ...ours,
    name: 'tsts_dump_lost',
    kind: 'count',
    doc: 'packets or requests left out of tsung.dump, and answers not kept: there were too many at once',
  },
  {
    ...ours,
    name: 'tsts_lines_lost',
    kind: 'count',
    doc: 'lines left out of match.log: there were too many at once',
  },
  {
    ...ours,
    name: 'tsts_values_lost',
    kind: 'count',
    doc: 'values left out of tsung-fullstats.log: there were too many at once',
  },
  {
    ...ours,
    name: 'tsts_ports_taken',
    kind: 'count',
    doc: 'source ports that somebody else held or that were in TIME_WAIT: another one was tried',
  },
  {
    ...ours,
    name: 'tsts_lease_waits',
    kind: 'count',
    doc: 'users that had to wait for a line of a data file, or for an id, because the controller had not dealt it out yet',
  },
  {
    ...ours,
    name: 'tsts_turns_due',
    kind: 'count',
    doc: 'turns of users at <pace/> that the <rate> made due',
  },
  {
    ...ours,
    name: 'tsts_turns_taken',
    kind: 'count',
    doc: 'turns that users took; the others were owed to users that ended, or still are',
  },
  ...messageNames,
]

/** Errors. Source: reference tsung-core.md, 7.3. */
const errors: readonly MetricName[] = [
  {
    ...error,
    name: 'error_abort',
    doc: 'the run was ended by do="abort_test" or <abort type="all"/>',
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
  {
    ...error,
    name: 'error_send_…',
    doc: 'a request could not be sent; the reason is in the name',
  },
  {
    ...error,
    name: 'error_foreach_…undef',
    doc: 'the list of a <foreach> was never set: it is passed over',
  },
  { ...error, name: 'error_if_undef', doc: 'the variable of an <if> was never set: it is entered' },
  {
    ...error,
    name: 'error_repeat_…undef',
    doc: 'the variable that a <repeat> tests was never set: it is left',
  },
  { ...error, name: 'error_xml_unparsable', doc: 'an answer that XPath cannot read' },
  {
    ...error,
    name: 'error_xml_not_parsed',
    doc: 'variables that kept their value because of that',
  },
  { ...error, name: 'error_json_unparsable', doc: 'an answer that is no JSON' },
  {
    ...error,
    name: 'error_json_not_parsed',
    doc: 'variables that kept their value because of that',
  },
  {
    ...error,
    name: 'error_answer_too_long',
    doc: 'an answer of more than 32 MiB: matches and variables saw its beginning (ours)',
  },
  {
    ...error,
    name: 'error_change_type',
    doc: 'the port of a <change_type> is none: the user ended (ours)',
  },
  {
    ...error,
    name: 'error_for',
    doc: 'a bound of a <for> is no whole number: its body is played once (ours)',
  },
  {
    ...error,
    name: 'error_function',
    doc: 'a function of the scenario failed: its value is nothing (ours)',
  },
  {
    ...error,
    name: 'error_if_not_a_number',
    doc: 'a comparison by size of something that is no number: it does not hold (ours)',
  },
  {
    ...error,
    name: 'error_match_regexp',
    doc: 'an expression that became wrong by what was put into it: it does not match (ours)',
  },
  {
    ...error,
    name: 'error_set_option',
    doc: 'the value of a <set_option> is no whole number: it is passed over (ours)',
  },
  { ...error, name: 'error_sum', doc: 'a <sum> of something that is no number (ours)' },
  {
    ...error,
    name: 'error_thinktime',
    doc: 'a think time that is no number of seconds: the user does not wait (ours)',
  },
]

export const metricNames: readonly MetricName[] = [...plain, ...errors]

const outside = metricNames.filter((each) => !each.inTsungLog).map((each) => each.name)
const outsideNames = new Set(outside)
/** What the names of a family begin with, or end with. */
const outsideBeginnings = outside
  .filter((name) => name.endsWith('…'))
  .map((name) => name.slice(0, -1))
const outsideEnds = outside.filter((name) => name.startsWith('…')).map((name) => name.slice(1))

/** Whether a name goes into tsung.log. */
export function isInTsungLog(name: string): boolean {
  if (outsideNames.has(name)) return false
  if (outsideBeginnings.some((beginning) => name.startsWith(beginning))) return false
  // The name of a transaction is the scenario's affair.
  return name.startsWith('tr_') || !outsideEnds.some((end) => name.endsWith(end))
}

/** Distinct names a launcher keeps. */
export const maxNames = 500

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
