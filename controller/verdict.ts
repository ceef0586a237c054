/** Whether the numbers of a run can be trusted, and if not, why. */
import type { Compared } from './fleet/interactions.ts'
import type { LauncherReport, Verdict, VerdictReason } from './model.ts'

/** Every code a reason may have; told in docs/errors.md. */
export const verdictCodes = [
  'V_NOT_STARTED',
  'V_LATE',
  'V_CLOCKS',
  'V_LOST',
  'V_LOST_USERS',
  'V_NO_DATA',
  'V_NO_END',
] as const
export type VerdictCode = (typeof verdictCodes)[number]

/** Share of the users that has to be started, or the run is suspect; or it is invalid. */
export const startedShare: { readonly suspect: number; readonly invalid: number } = {
  suspect: 0.999,
  invalid: 0.99,
}
/** p99 of `late`, in ms, over which a run is suspect; or invalid. */
export const lateP99Ms: { readonly suspect: number; readonly invalid: number } = {
  suspect: 10,
  invalid: 100,
}

export interface Evidence {
  readonly plannedUsers: number
  /** Users that the plan made due as long as the run lasted. */
  readonly dueUsers: number
  readonly startedUsers: number
  /** The run ended before its plan did: interrupted, stopped or cut by `load/@duration`. */
  readonly cut: boolean
  readonly launchers: readonly LauncherReport[]
  /** Times of `<interaction>` between hosts; null: there were none. */
  readonly compared: Compared | null
}

/** Error of the clocks, in ms and as a part of the median, that a time between hosts may have: the greater counts. */
export const clockError: { readonly ms: number; readonly share: number } = { ms: 5, share: 0.05 }

/**
 * Joins planned and delivered load, lateness and losses. A run that was cut is judged for the time it ran.
 *
 * @returns reasons with the gravest first; none when the run is valid
 */
export function judge(evidence: Evidence): Verdict {
  const found = [
    ...notStarted(evidence),
    ...evidence.launchers.flatMap((launcher) => [...lost(launcher), ...late(launcher)]),
    ...clocks(evidence.compared),
  ]
  const gravest = (grave: boolean): readonly VerdictReason[] =>
    found.filter((finding) => finding.grave === grave).map((finding) => finding.reason)
  const invalid = gravest(true)
  return {
    status: invalid.length > 0 ? 'invalid' : found.length > 0 ? 'suspect' : 'valid',
    reasons: [...invalid, ...gravest(false)],
  }
}

interface Finding {
  /** Invalid rather than suspect. */
  readonly grave: boolean
  readonly reason: VerdictReason & { readonly code: VerdictCode }
}

function notStarted({ plannedUsers, dueUsers, startedUsers, cut, launchers }: Evidence): Finding[] {
  const wanted = cut ? dueUsers : plannedUsers
  const reported = launchers.some((launcher) => launcher.lastHeardMs > 0)
  if (plannedUsers > 0 && !reported) {
    const text = 'no launcher reported anything, so nothing is known of this run'
    return [{ grave: true, reason: { code: 'V_NO_DATA', text } }]
  }
  if (startedUsers >= wanted * startedShare.suspect) return []
  const percent = ((100 * startedUsers) / wanted).toFixed(startedUsers === 0 ? 0 : 2)
  const due = cut ? 'due by the time the run was cut' : 'planned'
  const maybe = launchers.reduce((sum, launcher) => sum + launcher.maybeStartedUsers, 0)
  const text =
    `${wanted - startedUsers} of ${wanted} users ${due} were not started ` +
    `(${percent} % delivered): the target saw less load than the scenario asks for` +
    (maybe === 0 ? '' : `; up to ${maybe} of them perhaps were, by launchers that were lost`)
  return [
    {
      grave: startedUsers < wanted * startedShare.invalid,
      reason: { code: 'V_NOT_STARTED', text },
    },
  ]
}

function lost(report: LauncherReport): Finding[] {
  const { launcher, host, state, unknownUsers, maybeStartedUsers, lastHeardMs } = report
  if (state !== 'lost') return []
  const when = `launcher ${launcher} on ${host} was lost after ${(lastHeardMs / 1000).toFixed(1)} s`
  if (unknownUsers + maybeStartedUsers === 0) {
    const text = `${when}; no user was playing on it then`
    return [{ grave: false, reason: { code: 'V_LOST', text, launcher } }]
  }
  const users = unknownUsers === 1 ? '1 user' : `${unknownUsers} users`
  const maybe =
    maybeStartedUsers === 0
      ? ''
      : `, and whether it started up to ${maybeStartedUsers} more that became due since`
  const text = `${when}; what became of its ${users} is unknown${maybe}`
  return [{ grave: true, reason: { code: 'V_LOST_USERS', text, launcher } }]
}

function late({ launcher, host, lateP99Ms: p99Ms }: LauncherReport): Finding[] {
  if (p99Ms <= lateP99Ms.suspect) return []
  const text =
    `launcher ${launcher} on ${host} was late: one request in a hundred left ${p99Ms.toFixed(1)} ms or more ` +
    `after it was due (limit ${lateP99Ms.suspect} ms), so the generator was a bottleneck`
  return [{ grave: p99Ms > lateP99Ms.invalid, reason: { code: 'V_LATE', text, launcher } }]
}

function clocks(compared: Compared | null): Finding[] {
  if (compared === null) return []
  const { count, medianMs, errorMs } = compared
  const limitMs = Math.max(clockError.ms, clockError.share * medianMs)
  if (errorMs <= limitMs) return []
  const text =
    `${count} times of <interaction> lie between users of different hosts, whose clocks are known to ` +
    `${errorMs.toFixed(1)} ms only (limit ${limitMs.toFixed(1)} ms at a median of ${medianMs.toFixed(1)} ms)`
  return [{ grave: false, reason: { code: 'V_CLOCKS', text } }]
}
