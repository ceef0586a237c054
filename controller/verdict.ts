/** Whether the numbers of a run can be trusted, and if not, why. */
import type { Compared } from './fleet/interactions.ts'
import type { LauncherReport, Verdict, VerdictReason } from './model.ts'
import type { PhaseLoad } from './outputs/delivered-load.ts'
import { exhausted, type HostEvidence } from './verdict-host.ts'
import { type Finding, gravityOf, pressed } from './verdict-launcher.ts'
import { defaultLimits, type Limit, type Limits } from './verdict-limits.ts'

/** Every code a reason may have; told in docs/errors.md. */
export const verdictCodes = [
  'V_NOT_STARTED',
  'V_PHASE_SHORT',
  'V_LAUNCHER_SHORT',
  'V_LATE',
  'V_STALLED',
  'V_LOOP',
  'V_CPU',
  'V_GC',
  'V_STEAL',
  'V_OWN_LIMIT',
  'V_PORTS',
  'V_DESCRIPTORS',
  'V_MEMORY',
  'V_CLOCKS',
  'V_LOST',
  'V_LOST_USERS',
  'V_FILES',
  'V_NO_DATA',
  'V_NO_END',
] as const
export type VerdictCode = (typeof verdictCodes)[number]

export interface Evidence extends HostEvidence {
  readonly plannedUsers: number
  /** Users that the plan made due as long as the run lasted. */
  readonly dueUsers: number
  readonly startedUsers: number
  /** The run ended before its plan did: interrupted, stopped or cut by `load/@duration`. */
  readonly cut: boolean
  /** Times of `<interaction>` between hosts; null: there were none. */
  readonly compared: Compared | null
  readonly phases?: readonly PhaseLoad[]
  /** Files that could not be written whole, each in words. */
  readonly troubles?: readonly string[]
}

/** Error of the clocks as a part of the median that a time between hosts may have whatever the limit in ms. */
export const clockErrorShare = 0.05

/**
 * Joins planned and delivered load, lateness, strain and losses. A run that was cut is judged for the time it ran.
 *
 * @returns reasons with the gravest first; none when the run is valid
 */
export function judge(evidence: Evidence, limits: Limits = defaultLimits): Verdict {
  const found = [
    ...notStarted(evidence, limits.started),
    ...evidence.launchers.flatMap((launcher) => [...lost(launcher), ...pressed(launcher, limits)]),
    ...exhausted(evidence, limits),
    ...clocks(evidence.compared, limits.clock),
    ...files(evidence.troubles ?? []),
  ]
  const gravest = (grave: boolean): readonly VerdictReason[] =>
    found.filter((finding) => finding.grave === grave).map((finding) => finding.reason)
  const invalid = gravest(true)
  return {
    status: invalid.length > 0 ? 'invalid' : found.length > 0 ? 'suspect' : 'valid',
    reasons: [...invalid, ...gravest(false)],
  }
}

function notStarted(evidence: Evidence, limit: Limit): Finding[] {
  const { plannedUsers, dueUsers, startedUsers, cut, launchers } = evidence
  const wanted = cut ? dueUsers : plannedUsers
  const reported = launchers.some((launcher) => launcher.lastHeardMs > 0)
  if (plannedUsers > 0 && !reported) {
    const text = 'no launcher reported anything, so nothing is known of this run'
    return [{ grave: true, reason: { code: 'V_NO_DATA', text } }]
  }
  const missing = wanted - startedUsers
  if (missing <= 0) return []
  const parts = [...phasesShort(evidence, limit, missing), ...launchersShort(evidence, limit)]
  const gravity = gravityOf(startedUsers / wanted, limit, 'below')
  if (gravity === null) return parts
  const share = ((100 * startedUsers) / wanted).toFixed(startedUsers === 0 ? 0 : 2)
  const due = cut ? 'due by the time the run was cut' : 'planned'
  const maybe = launchers.reduce((sum, launcher) => sum + launcher.maybeStartedUsers, 0)
  const text =
    `${missing} of ${wanted} users ${due} were not started ` +
    `(${share} % delivered): the target saw less load than the scenario asks for` +
    (maybe === 0 ? '' : `; up to ${maybe} of them perhaps were, by launchers that were lost`)
  return [{ grave: gravity === 'invalid', reason: { code: 'V_NOT_STARTED', text } }, ...parts]
}

/**
 * Of several phases those that lack users. A user that started behind the border of its phase is not missing: no phase
 * lacks more than the run does.
 *
 * @param missing users of the whole run
 */
function phasesShort({ phases = [], cut }: Evidence, limit: Limit, missing: number): Finding[] {
  if (cut || phases.length < 2) return []
  return phases.flatMap(({ number, plannedUsers, startedUsers }): Finding[] => {
    const lacks = Math.min(missing, plannedUsers - startedUsers)
    const gravity = lacks > 0 ? gravityOf(1 - lacks / plannedUsers, limit, 'below') : null
    if (gravity === null) return []
    const text = `phase ${number} lacks ${lacks} of its ${plannedUsers} users`
    return [{ grave: gravity === 'invalid', reason: { code: 'V_PHASE_SHORT', text } }]
  })
}

function launchersShort({ launchers, cut }: Evidence, limit: Limit): Finding[] {
  if (launchers.length < 2) return []
  return launchers.flatMap((report): Finding[] => {
    const { launcher, host, state, startedUsers } = report
    // What a lost one lacks is told with its loss; what is due of a part of a plan, only a whole one knows.
    if (state === 'lost') return []
    const wanted = cut ? Math.min(report.plannedUsers, report.strain.dueUsers) : report.plannedUsers
    const lacks = wanted - startedUsers
    const gravity = lacks > 0 ? gravityOf(startedUsers / wanted, limit, 'below') : null
    if (gravity === null) return []
    const text = `launcher ${launcher} on ${host} lacks ${lacks} of its ${wanted} users`
    return [{ grave: gravity === 'invalid', reason: { code: 'V_LAUNCHER_SHORT', text, launcher } }]
  })
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

function clocks(compared: Compared | null, limit: Limit): Finding[] {
  if (compared === null) return []
  const { count, medianMs, errorMs } = compared
  if (errorMs <= clockErrorShare * medianMs) return []
  const gravity = gravityOf(errorMs, limit)
  if (gravity === null) return []
  const limitMs = Math.max(limit[gravity]!, clockErrorShare * medianMs)
  const text =
    `${count} times of <interaction> lie between users of different hosts, whose clocks are known to ` +
    `${errorMs.toFixed(1)} ms only (limit ${limitMs.toFixed(1)} ms at a median of ${medianMs.toFixed(1)} ms)`
  return [{ grave: gravity === 'invalid', reason: { code: 'V_CLOCKS', text } }]
}

function files(troubles: readonly string[]): Finding[] {
  return troubles.map((text) => ({ grave: false, reason: { code: 'V_FILES', text } }))
}
