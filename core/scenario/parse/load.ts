/** `<load>`: phases and static users. Source: reference tsung-core.md, 1.3, 1.8 and 3.1. */
import type { Load, Phase, StaticUser } from '../model.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { type SessionShares, sessionsNamed, sharesInPhase } from './shares.ts'
import { childrenOf, hasMisspelt, integerOf, isTrue, numberOf, unitOf } from './values.ts'

/** Above it, Tsung's controller fails. */
const maxDurationS = 4_294_967

/**
 * @param root the whole scenario
 * @param names of the sessions, in order
 */
export function parseLoad(
  root: XmlElement,
  names: readonly string[],
  shares: SessionShares,
  report: Report,
): Load {
  const [element] = childrenOf(root, 'load')
  if (element === undefined) return { durationMs: null, loop: 0, phases: [], users: [] }
  const phases = childrenOf(element, 'arrivalphase').flatMap((phase) => {
    const parsed = parsePhase(phase, names, shares, report)
    return parsed === null ? [] : [parsed]
  })
  refuseRepeated(phases, report)
  const users = childrenOf(element, 'user').flatMap((user) => parseUser(user, names, report))
  if (element.children.length === 0) {
    report.warning('W_NO_USERS', '<load> is empty: no user starts', element.position)
  }
  return {
    durationMs: parseDuration(element, report),
    loop: integerOf(element, 'loop') ?? 0,
    phases: phases.sort((a, b) => a.phase - b.phase),
    users,
  }
}

function parseDuration(element: XmlElement, report: Report): number | null {
  const unit = unitOf(element, 'second')
  const duration = integerOf(element, 'duration')
  if (duration === null || unit === null || duration === 0) return null
  if (duration * unit > maxDurationS * 1000) {
    const text = `duration of <load> is more than ${maxDurationS} s (49 days)`
    report.unplayable('U_UNUSABLE', text, element.attributePosition('duration'))
  }
  return duration * unit
}

function parsePhase(
  element: XmlElement,
  names: readonly string[],
  base: SessionShares,
  report: Report,
): Phase | null {
  const phase = integerOf(element, 'phase')
  const duration = integerOf(element, 'duration')
  const unit = unitOf(element, '')
  const users = parseUsers(element, report)
  const requestsPerMs = parseRate(element, report)
  const shares = sharesInPhase(element, names, base, report)
  if (phase === null || duration === null || unit === null || users === null) {
    return null
  }
  if (duration === 0) {
    const text = `phase ${phase} lasts 0 ${element.attributes.get('unit')}s: no user starts in it`
    report.warning('W_NO_USERS', text, element.attributePosition('duration'))
  }
  return {
    phase,
    durationMs: duration * unit,
    ...users,
    requestsPerMs,
    waitAllSessionsEnd: isTrue(element, 'wait_all_sessions_end'),
    // With one session its share does not count.
    shares: shares.length === 1 ? [1] : shares,
    position: element.position,
  }
}

type Users = Pick<Phase, 'intensityPerMs' | 'maxNumber' | 'maxActive'>

/** Null after a reported error. */
function parseUsers(phase: XmlElement, report: Report): Users | null {
  const all = childrenOf(phase, 'users')
  const users = all.at(-1)
  if (users === undefined) {
    if (childrenOf(phase, 'rate').length === 0) {
      const text = `phase ${phase.attributes.get('phase')} has no <users>: it is a pause; Tsung would start nobody at all`
      report.warning('W_NO_USERS', text, phase.position)
    }
    return { intensityPerMs: 1, maxNumber: 0, maxActive: null }
  }
  if (all.length > 1) {
    const text = 'the phase has more than one <users>: the last one counts, as in Tsung'
    report.warning('W_USERS_AGAIN', text, all[1]!.position)
  }
  const unit = unitOf(users, '')
  const rates = ['arrivalrate', 'interarrival'].filter((name) => users.attributes.has(name))
  if (rates.length === 0 && hasMisspelt(users, ['arrivalrate', 'interarrival'])) return null
  if (rates.length !== 1) {
    const text =
      rates.length === 0
        ? 'arrivalrate or interarrival must be specified'
        : "arrivalrate and interarrival can't be defined simultaneously"
    report.error('E_RATE', text, users.position)
    return null
  }
  const [name] = rates
  const value = numberOf(users, name!)
  if (value === null || unit === null) return null
  if (value === 0) {
    const text = `${name} of <users> has to be more than 0`
    const hint = 'a phase without <users> is a pause'
    report.error('E_RATE', text, users.attributePosition(name!), hint)
    return null
  }
  const intensityPerMs = name === 'arrivalrate' ? value / unit : 1 / (value * unit)
  const maxActive = integerOf(users, 'maxactive')
  return { intensityPerMs, maxNumber: integerOf(users, 'maxnumber'), maxActive }
}

/** Paced requests per ms; null: the phase has no rate of its own, or after a reported error. */
function parseRate(phase: XmlElement, report: Report): number | null {
  const all = childrenOf(phase, 'rate')
  const rate = all.at(-1)
  if (rate === undefined) return null
  if (all.length > 1) {
    const text = 'the phase has more than one <rate>: the last one counts'
    report.warning('W_RATE_AGAIN', text, all[1]!.position)
  }
  const value = numberOf(rate, 'value')
  const unit = unitOf(rate, 'second')
  if (value === null || unit === null) return null
  if (value === 0) {
    const text = 'value of <rate> has to be more than 0'
    const hint = 'before the first phase with a <rate> nobody has a turn'
    report.error('E_RATE', text, rate.attributePosition('value'), hint)
    return null
  }
  return value / unit
}

function refuseRepeated(phases: readonly Phase[], report: Report): void {
  const known = new Set<number>()
  for (const { phase, position } of phases) {
    if (known.has(phase)) {
      const text = `phase ${phase} already defined`
      report.error('E_SAME_PHASE', text, position, 'each phase has its own number')
    }
    known.add(phase)
  }
}

function parseUser(
  element: XmlElement,
  names: readonly string[],
  report: Report,
): readonly StaticUser[] {
  if (!element.attributes.has('start_time') && !hasMisspelt(element, ['start_time'])) {
    const text = '<user> needs the attribute start_time'
    report.error('E_MISSING_ATTRIBUTE', text, element.position, 'start_time="0" is the beginning')
  }
  const wanted = element.attributes.get('session')
  const unit = unitOf(element, 'second')
  const start = numberOf(element, 'start_time')
  if (wanted === undefined || unit === null || start === null) return []
  const sessions = sessionsNamed(wanted, names)
  if (sessions.length === 0) {
    const text = `no session is called "${wanted}": this user does not start`
    report.warning('W_NO_SESSION', text, element.attributePosition('session'))
  }
  return sessions.map((session) => ({ startMs: start * unit, session }))
}
