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
}

/** Whose answers are read. */
export interface Answered extends SinkOwner {
  readonly user: ReadingUser
  readonly plugin: AnyPlugin
  readonly pluginUser: unknown
  /** The peer broke its protocol. @param code the counter */
  protocolBroken(code: string, detail: string): void
}

export const goOn: Outcome = { type: 'continue' }

/** One for all users of a launcher: what an answer leaves behind between two reads is its owner's. */
export class AnswerReader {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * Part of the answer to a request.
   *
   * @param bytes lent until `finish` was called, when this makes the answer whole
   * @returns null when the peer broke its protocol, which was told
   */
  read(owner: Answered, connection: Connection, op: RequestOp, bytes: Uint8Array): Progress | null {
    const { sink } = this.#engine
    sink.open(owner, op.checks !== null)
    if (op.ack === 'local') {
      if (op.checks !== null) sink.content(bytes)
      return 'done'
    }
    const progress = this.#decode(owner, connection, bytes)
    if (progress === 'more') sink.keep()
    return progress
  }

  /** The peer closed while the answer was awaited. @returns whether that completes it */
  end(owner: Answered, connection: Connection, op: RequestOp): boolean {
    const { sink } = this.#engine
    sink.open(owner, op.checks !== null)
    if (op.ack !== 'parse') return false
    const progress = owner.plugin.end(connection.state, owner.pluginUser, sink)
    return progress === 'done' || progress === 'close'
  }

  /** Bytes while no answer is awaited. @returns whether the user may go on */
  readUnasked(
    owner: Answered,
    connection: Connection,
    bytes: Uint8Array,
    isBidi: boolean,
  ): boolean {
    const { sink, recorder } = this.#engine
    sink.open(owner, false)
    const progress = this.#decode(owner, connection, bytes)
    if (!isBidi) return progress !== 'unexpected'
    recorder.count(sink.hasReplied ? 'async_data_sent' : 'async_unknown_data_rcv')
    return true
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
      const { code, message } = pluginFault(error)
      owner.content = null
      owner.protocolBroken(code, message)
      return null
    }
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
