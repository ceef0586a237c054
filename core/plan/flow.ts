/**
 * The users of a plan as a fluid: those of a session in a phase arrive evenly over its span, and each lasts as long
 * as the next. Nothing is drawn.
 */
import type { Scenario } from '../scenario/model.ts'
import type { Plan } from './model.ts'
import { expectedLength, type SessionLength } from './session-length.ts'

/** Users of one session that arrive evenly from `startMs` on. */
export interface Stream {
  readonly startMs: number
  /** 0: all at once. */
  readonly spanMs: number
  readonly users: number
  /** Life of each. */
  readonly lengthMs: number
  /** Requests of each. */
  readonly requests: number
}

export interface StaticStream extends Stream {
  readonly launcher: number
}

export interface Streams {
  /** Launchers have their share of each. */
  readonly shared: readonly Stream[]
  readonly statics: readonly StaticStream[]
  /** Sessions that are played and wait for others somewhere; lengths leave that time out. */
  readonly openEnded: readonly string[]
}

/** @param answerMs how long each answer is taken to last */
export function streamsOf(scenario: Scenario, plan: Plan, answerMs: number): Streams {
  const turnMs = turnMsOf(plan)
  const lengths = scenario.sessions.map(({ actions }) => expectedLength(actions, turnMs))
  const lifeOf = ({
    thinkMs,
    requests,
  }: SessionLength): { lengthMs: number; requests: number } => ({
    lengthMs: thinkMs + requests * answerMs,
    requests,
  })
  const played = new Set<number>()
  const shared = plan.phases.flatMap(({ users, startMs, durationMs, maxActive }, at): Stream[] => {
    const phase = plan.launchers[0]?.phases[at]
    if (phase === undefined) return []
    const { shares, spanMs } = phase
    const total = shares.reduce((sum, share) => sum + share, 0)
    return shares.flatMap((share, session) => {
      if (!(users * share > 0)) return []
      played.add(session)
      const stream = { startMs, spanMs, users: (users * share) / total }
      const life = lifeOf(lengths[session]!)
      return [{ ...stream, ...(maxActive === null ? life : keptFor(durationMs, life)) }]
    })
  })
  const statics = plan.launchers.flatMap(({ launcher, staticUsers }) =>
    staticUsers.map(({ startMs, session }): StaticStream => {
      played.add(session)
      return { launcher, startMs, spanMs: 0, users: 1, ...lifeOf(lengths[session]!) }
    }),
  )
  const openEnded = scenario.sessions
    .filter((_, session) => played.has(session) && lengths[session]!.openEnded)
    .map(({ name }) => name)
  return { shared, statics, openEnded }
}

/** A user that ends is followed by another, until the phase ends. */
function keptFor(
  durationMs: number,
  life: Pick<Stream, 'lengthMs' | 'requests'>,
): Pick<Stream, 'lengthMs' | 'requests'> {
  const lengthMs = Math.max(durationMs, life.lengthMs)
  return { lengthMs, requests: (life.requests * lengthMs) / Math.max(1, life.lengthMs) }
}

/** From a user's turn to its next when all users play that are planned, at the first rate. */
function turnMsOf({ users, phases }: Plan): number {
  const { requestsPerMs } = phases.find((phase) => phase.requestsPerMs !== null) ?? {}
  return requestsPerMs === undefined || requestsPerMs === null ? 0 : users / requestsPerMs
}

/** Users that have arrived up to and at `atMs`. */
export function arrivedBy(streams: readonly Stream[], atMs: number): number {
  return streams.reduce((sum, stream) => sum + arrivedOf(stream, atMs), 0)
}

/**
 * Users that play at `atMs`, or ended at most `afterMs` before it.
 *
 * @param fromMs those that started before it are left out
 */
export function playingAt(
  streams: readonly Stream[],
  atMs: number,
  afterMs = 0,
  fromMs = 0,
): number {
  let users = 0
  for (const stream of streams) {
    const goneMs = Math.max(fromMs, atMs - stream.lengthMs - afterMs)
    if (stream.startMs > atMs || stream.startMs + stream.spanMs < goneMs) continue
    users += arrivedOf(stream, atMs) - arrivedBefore(stream, goneMs)
  }
  return users
}

function arrivedOf({ startMs, spanMs, users }: Stream, atMs: number): number {
  if (atMs < startMs) return 0
  return atMs >= startMs + spanMs ? users : (users * (atMs - startMs)) / spanMs
}

/** As `arrivedOf`, but one that starts at `atMs` itself has not arrived. */
function arrivedBefore(stream: Stream, atMs: number): number {
  return atMs <= stream.startMs ? 0 : arrivedOf(stream, atMs)
}
