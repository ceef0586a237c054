/** What comes from the target of one user: decoded by the plugin, looked at by matches and extractions, dumped. */
import type { Environment } from '../core/dynvars/environment.ts'
import { type MatchCounts, type Outcome, runChecks } from '../core/program/checks.ts'
import type { RequestOp } from '../core/program/ops.ts'
import type { AnyPlugin, Progress } from '../plugins/api.ts'
import type { ObservedUser } from './answer-observer.ts'
import type { Connection } from './connection.ts'
import type { Engine } from './engine.ts'
import { pluginFault } from './plugin-fault.ts'
import type { SinkOwner } from './sink.ts'

/** For whom answers are read. */
export interface ReadingUser extends Environment, ObservedUser {
  readonly id: number
  readonly matchCounts: MatchCounts
  /** Of the type that is being played: what comes unasked is of use. */
  readonly bidi: boolean
}

/** What becomes of the connection when the answer is whole: it stays, has to be closed, or goes on with TLS. */
export type Then = 'done' | 'close' | 'upgrade'

/** Whose answers are read. */
export interface Answered extends SinkOwner {
  readonly user: ReadingUser
  readonly plugin: AnyPlugin
  readonly pluginUser: unknown
  /** The peer broke its protocol. @param code the counter */
  protocolBroken(code: string, detail: string): void
  /** The answer that was awaited is whole. */
  answered(connection: Connection, nowMs: number, then: Then): void
  /** It is told that it will not come. @param name the counter */
  requestFailed(name: string, detail: string): void
  /** What comes is no part of any answer. */
  unexpected(): void
  /** The plugin wants the connection closed while nothing is awaited. */
  closedUnasked(connection: Connection): void
  /** What the user waits for without a request has come. */
  pushed(nowMs: number): void
  /** An error that fails no request. @param name the counter */
  error(name: string, detail: string): void
}

export const goOn: Outcome = { type: 'continue' }

/** One for all users of a launcher: what an answer leaves behind between two reads is its owner's. */
export class AnswerReader {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * Part of the answer to a request; the owner is told what comes of it.
   *
   * @param bytes lent until it returns
   */
  read(
    owner: Answered,
    connection: Connection,
    op: RequestOp,
    bytes: Uint8Array,
    nowMs: number,
  ): void {
    const { sink } = this.#engine
    if (op.ack === 'local') {
      this.#goesOn(owner, connection, nowMs, this.#readLocal(owner, connection, op, bytes))
      return
    }
    sink.open(owner, op.checks !== null)
    const progress = this.#decode(owner, connection, bytes)
    if (progress === 'more') sink.keep()
    else this.#goesOn(owner, connection, nowMs, progress)
  }

  /** Anything that comes is the answer; the decoder sees it all the same, for what follows. */
  #readLocal(
    owner: Answered,
    connection: Connection,
    op: RequestOp,
    bytes: Uint8Array,
  ): Progress | null {
    const { sink } = this.#engine
    sink.open(owner, false)
    const progress = this.#decode(owner, connection, bytes)
    sink.open(owner, op.checks !== null)
    if (op.checks !== null) sink.content(bytes)
    return progress === null || progress === 'close' || progress === 'upgrade' ? progress : 'done'
  }

  /** The peer closed while the answer was awaited. @returns whether that completes it */
  end(owner: Answered, connection: Connection, op: RequestOp): boolean {
    const { sink } = this.#engine
    sink.open(owner, op.checks !== null)
    if (op.ack !== 'parse') return false
    const progress = owner.plugin.end(connection.state, owner.pluginUser, sink)
    return progress === 'done' || progress === 'close'
  }

  /** Bytes while no answer is awaited. Source: reference tsung-core.md, 5.5. */
  readUnasked(owner: Answered, connection: Connection, bytes: Uint8Array, nowMs: number): void {
    const { sink, recorder } = this.#engine
    sink.open(owner, false)
    const progress = this.#decode(owner, connection, bytes)
    if (owner.user.bidi) {
      recorder.count(sink.hasReplied ? 'async_data_sent' : 'async_unknown_data_rcv')
    }
    this.#unasked(owner, connection, nowMs, progress)
  }

  /** The plugin's alarm went off. @param op what is awaited; null: nothing */
  wake(owner: Answered, connection: Connection, op: RequestOp | null, nowMs: number): void {
    const { sink } = this.#engine
    sink.open(owner, op !== null && op.checks !== null)
    let progress: Progress | null = null
    try {
      progress = owner.plugin.wake!(connection.state, owner.pluginUser, sink)
    } catch (error) {
      this.#broken(owner, error)
    }
    if (op === null) this.#unasked(owner, connection, nowMs, progress)
    else this.#goesOn(owner, connection, nowMs, progress)
  }

  /** @param progress null: the protocol was broken, which was told */
  #goesOn(owner: Answered, connection: Connection, nowMs: number, progress: Progress | null): void {
    const { sink } = this.#engine
    if (progress === 'done' || progress === 'close' || progress === 'upgrade') {
      owner.answered(connection, nowMs, progress)
    } else if (progress === 'failed') owner.requestFailed(sink.failure, sink.failureDetail)
    else if (progress === 'unexpected') owner.unexpected()
  }

  /** @param progress as above */
  #unasked(
    owner: Answered,
    connection: Connection,
    nowMs: number,
    progress: Progress | null,
  ): void {
    const { sink } = this.#engine
    const { hasGoneOn } = sink
    if (progress === 'failed') owner.error(sink.failure, sink.failureDetail)
    else if (progress === 'close') owner.closedUnasked(connection)
    else if (progress === 'unexpected' || progress === 'upgrade') owner.unexpected()
    if (hasGoneOn) owner.pushed(nowMs)
  }

  /**
   * The answer is whole: its variables, its matches, its line in the dump.
   *
   * @param answerBytes all that came for it, headers included
   * @param ms what the request took
   */
  finish(
    owner: Answered,
    connection: Connection,
    op: RequestOp,
    answerBytes: number,
    ms: number,
  ): Outcome {
    const { sink, observer, dump } = this.#engine
    if (op.checks === null && dump === null) return goOn
    const { user } = owner
    let outcome = goOn
    observer.turnTo(user, op.action)
    if (op.checks !== null) {
      outcome = runChecks(op.checks, sink.takeContent(), user.matchCounts, user, observer)
    }
    if (dump?.tellsRequests === true) this.#dump(owner, connection, op, answerBytes, ms)
    return outcome
  }

  #decode(owner: Answered, connection: Connection, bytes: Uint8Array): Progress | null {
    try {
      return owner.plugin.decode(bytes, connection.state, owner.pluginUser, this.#engine.sink)
    } catch (error) {
      this.#broken(owner, error)
      return null
    }
  }

  #broken(owner: Answered, error: unknown): void {
    const { code, message } = pluginFault(error)
    owner.content = null
    owner.protocolBroken(code, message)
  }

  #dump(owner: Answered, connection: Connection, op: RequestOp, bytes: number, ms: number): void {
    const { sink, observer, dump } = this.#engine
    const { plugin, pluginUser } = owner
    const protocol = plugin.protocolDump?.(op.request, pluginUser, connection.state)
    if (protocol === undefined) return
    const { id: user, transaction } = owner.user
    const { lastEvent: match } = observer
    const { lastError: error } = sink
    dump!.answered({ user, protocol, bytes, ms, transaction, match, error, tag: op.tag })
  }
}
