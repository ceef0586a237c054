/** Before a constant rate can be measured its users have to be there: who comes, and for how long that takes. Pure. */
import { assumedAnswerMs } from '../../core/plan/predict.ts'
import { expectedLength } from '../../core/plan/session-length.ts'
import type { Action, Phase, Scenario } from '../../core/scenario/model.ts'

export interface BringUp {
  /** Nobody has a turn in them; the last one is a pause, in which users come to their first `<pace/>`. */
  readonly phases: readonly Phase[]
  /** All of them; whole seconds. */
  readonly ms: number
  /** That come, static ones included. */
  readonly users: number
}

/** From the last arrival to that user's first turn, at least. */
const marginMs = 1000
/** Users that do more than this before their first turn are not waited for. */
const loginMaxMs = 120_000

/**
 * All users of the scenario's phases, one phase after the other. A phase whose users have all come (`maxnumber`,
 * `maxactive`) is not longer than that.
 */
export function bringUpOf({ load, sessions }: Scenario): BringUp {
  const coming = load.phases.flatMap((phase): Coming[] => {
    const users = usersOf(phase)
    if (users === 0) return []
    const durationMs = Math.min(phase.durationMs, Math.ceil(users / phase.intensityPerMs))
    return [{ phase: { ...phase, durationMs, requestsPerMs: null }, users }]
  })
  const spanMs = coming.reduce((sum, { phase }) => sum + phase.durationMs, 0)
  const lastMs = load.users.reduce((last, { startMs }) => Math.max(last, startMs), spanMs)
  const loginMs = Math.max(0, ...sessions.map(({ actions }) => beforeTurns(actions).ms))
  const ms = 1000 * Math.ceil((lastMs + Math.min(loginMaxMs, loginMs) + marginMs) / 1000)
  const pause: Phase = {
    ...load.phases[0]!,
    durationMs: ms - spanMs,
    maxNumber: 0,
    maxActive: null,
    requestsPerMs: null,
  }
  const users = coming.reduce((sum, each) => sum + each.users, load.users.length)
  return { phases: [...coming.map(({ phase }) => phase), pause], ms, users }
}

interface Coming {
  readonly phase: Phase
  readonly users: number
}

function usersOf({ durationMs, intensityPerMs, maxNumber, maxActive }: Phase): number {
  const most = Math.min(maxNumber ?? Infinity, maxActive ?? Infinity)
  return Math.min(most, Math.round(durationMs * intensityPerMs))
}

/** Some phase has a `<rate>`, and some session a `<pace/>`. */
export function hasTurns(scenario: Scenario): boolean {
  const isPaced = scenario.sessions.some(({ actions }) => beforeTurns(actions).found)
  return isPaced && highestTurnRate(scenario) !== null
}

/** Of all phases, turns per ms; null: none has a `<rate>`. */
export function highestTurnRate({ load }: Scenario): number | null {
  const rates = load.phases.map(({ requestsPerMs }) => requestsPerMs ?? 0)
  return rates.some((rate) => rate > 0) ? Math.max(...rates) : null
}

interface BeforeTurns {
  /** Until the first `<pace/>`, or the end when there is none. */
  readonly ms: number
  readonly found: boolean
}

function beforeTurns(actions: readonly Action[]): BeforeTurns {
  let ms = 0
  for (const action of actions) {
    if (action.type === 'pace') return { ms, found: true }
    if ('actions' in action) {
      const inside = beforeTurns(action.actions)
      if (inside.found) return { ms: ms + inside.ms, found: true }
    }
    const { thinkMs, requests } = expectedLength([action])
    ms += thinkMs + requests * assumedAnswerMs
  }
  return { ms, found: false }
}
