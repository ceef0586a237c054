import type { Outcome } from '../core/program/checks.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import type { UserView } from '../plugins/api.ts'
import type { ReadingUser } from './answer-reader.ts'
import type { EngineUser } from './engine.ts'

/** The user whose exchange it is. */
export interface ExchangeOwner extends UserView, EngineUser, ReadingUser {
  readonly id: number
  server: Endpoint
  readonly persistent: boolean
  /** What is left of `max_retries`: one budget for the whole life of the user. */
  retriesLeft: number
  /**
   * The request is over, whatever came of it: the program goes on.
   *
   * @param nowMs when that was; the outcome may have taken time to work out
   */
  requestOver(nowMs: number, outcome: Outcome): void
  /** What a user that waits for a push waits for has come. */
  pushed(nowMs: number): void
  /** Nothing more can be played. */
  end(): void
}
