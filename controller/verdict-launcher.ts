/** What the verdict finds at one launcher: each cause with its numbers, its limit, and the launcher's name. */
import type { LauncherReport, VerdictReason } from './model.ts'
import type { Limit, Limits } from './verdict-limits.ts'

export interface Finding {
  /** Invalid rather than suspect. */
  readonly grave: boolean
  readonly reason: VerdictReason
}

/** Null: the value keeps to the limit. @param bad which side of the limit is */
export function gravityOf(
  value: number,
  { suspect, invalid }: Limit,
  bad: 'above' | 'below' = 'above',
): 'suspect' | 'invalid' | null {
  const isBeyond = (limit: number | null): boolean =>
    limit !== null && (bad === 'above' ? value > limit : value < limit)
  if (isBeyond(invalid)) return 'invalid'
  return isBeyond(suspect) ? 'suspect' : null
}

/** All but its loss. */
export function pressed(report: LauncherReport, limits: Limits): Finding[] {
  const { strain, lateP99Ms, loopDelayMaxMs } = report
  const who = `launcher ${report.launcher} on ${report.host}`
  const found: Finding[] = []
  const tell = (code: string, value: number, limit: Limit, text: () => string): void => {
    const gravity = gravityOf(value, limit)
    if (gravity === null) return
    const { launcher } = report
    const tail = limitText(gravity === 'invalid' ? limit.invalid : limit.suspect, code)
    found.push({
      grave: gravity === 'invalid',
      reason: { code, text: `${who} ${text()} ${tail}`, launcher },
    })
  }
  tell(
    'V_LATE',
    lateP99Ms,
    limits.late_p99,
    () =>
      `was late: one request in a hundred left ${lateP99Ms.toFixed(1)} ms or more after it was due`,
  )
  tell(
    'V_STALLED',
    loopDelayMaxMs,
    limits.stall,
    () => `did nothing for ${(loopDelayMaxMs / 1000).toFixed(2)} s: it was stopped, or got no CPU`,
  )
  tell(
    'V_LOOP',
    strain.loopDelayP99Ms,
    limits.loop_p99,
    () =>
      `was busy: its event loop came round ${strain.loopDelayP99Ms.toFixed(1)} ms late (p99 over 10 s)`,
  )
  tell(
    'V_CPU',
    strain.cpuShareMax,
    limits.cpu,
    () => `used ${percent(strain.cpuShareMax)} of a core over 10 s: it can do no more`,
  )
  tell(
    'V_GC',
    strain.gcShareMax,
    limits.gc,
    () => `spent ${percent(strain.gcShareMax)} of 10 s on garbage collection`,
  )
  return [...found, ...ownLimit(report, limits.own_errors), ...descriptors(report, limits)]
}

function ownLimit(
  { launcher, host, strain: { issued, ownErrors } }: LauncherReport,
  limit: Limit,
): Finding[] {
  const count = Object.values(ownErrors).reduce((sum, each) => sum + each, 0)
  const share = count / Math.max(1, issued)
  const gravity = count > 0 ? gravityOf(share, limit) : null
  if (gravity === null) return []
  const names = Object.entries(ownErrors).map(([name, each]) => `${name}: ${each}`)
  const text =
    `launcher ${launcher} on ${host} could not open ${count} connections because a limit of its own host was ` +
    `reached (${names.join(', ')}): ${percent(share)} of its ${issued} requests`
  return [{ grave: gravity === 'invalid', reason: { code: 'V_OWN_LIMIT', text, launcher } }]
}

function descriptors({ launcher, host, strain }: LauncherReport, limits: Limits): Finding[] {
  const { descriptorsMax, descriptorLimit } = strain
  if (descriptorLimit === 0) return []
  const gravity = gravityOf(descriptorsMax / descriptorLimit, limits.descriptors)
  if (gravity === null) return []
  const text = `launcher ${launcher} on ${host} used ${descriptorsMax} of ${descriptorLimit} descriptors`
  return [{ grave: gravity === 'invalid', reason: { code: 'V_DESCRIPTORS', text, launcher } }]
}

const inMs: readonly string[] = ['V_LATE', 'V_STALLED', 'V_LOOP']

export function limitText(limit: number | null, code: string): string {
  if (limit === null) return ''
  return `(limit ${inMs.includes(code) ? `${limit} ms` : percent(limit)})`
}

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(share < 0.01 ? 3 : 1))} %`
}
