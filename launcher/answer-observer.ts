/**
 * Told of what matches and extractions find: counters, lines of match.log, answers to keep. One for all users of a
 * launcher, turned to a request before its answer is looked at. Source: reference tsung-core.md, 6 and 8.7.
 */
import type { Value } from '../core/dynvars/value.ts'
import type { ChecksObserver } from '../core/program/checks.ts'
import { epochMs } from './clock.ts'
import type { LineBatch } from './line-batch.ts'
import type { Recorder } from './recorder.ts'

/** Whose answer is looked at. */
export interface ObservedUser {
  readonly id: number
  /** Its session's place in the scenario, from 1. */
  readonly sessionNumber: number
  /** The innermost transaction that is open, with `tr_` before its name. */
  readonly transaction: string | null
}

/** For `tsts try`. */
export interface FindingsTrace {
  extracted(line: number, name: string, value: Value | undefined): void
  matched(line: number, pattern: string, isMatch: boolean, what: string): void
}

/** Bytes of an answer that are kept by `do="dump"`. */
const maxKeptBytes = 1024 * 1024

export class AnswerObserver implements ChecksObserver {
  /** What was written to match.log last for this answer; empty: nothing. */
  lastEvent = ''
  readonly #recorder: Recorder
  readonly #trace: FindingsTrace | null
  readonly #matches: LineBatch
  readonly #answers: LineBatch
  #user: ObservedUser | null = null
  #action = 0

  constructor(
    recorder: Recorder,
    trace: FindingsTrace | null,
    matches: LineBatch,
    answers: LineBatch,
  ) {
    this.#recorder = recorder
    this.#trace = trace
    this.#matches = matches
    this.#answers = answers
  }

  /** @param action number of the request among the session's actions, from 1 */
  turnTo(user: ObservedUser, action: number): void {
    this.#user = user
    this.#action = action
    this.lastEvent = ''
  }

  count(name: string): void {
    this.#recorder.count(name)
  }

  log(event: string, name: string): void {
    const { id, sessionNumber, transaction } = this.#user!
    this.lastEvent = event
    const timeS = (epochMs() / 1000).toFixed(6)
    const place = `${id} ${sessionNumber} ${this.#action}`
    this.#matches.add(`${timeS} ${place} ${event} ${transaction ?? '-'} ${name}`)
  }

  dump(content: string): void {
    const { id: user, sessionNumber: session } = this.#user!
    const bytes = content.slice(0, maxKeptBytes)
    this.#answers.add(JSON.stringify({ user, session, action: this.#action, bytes }))
  }

  extracted(line: number, name: string, value: Value | undefined): void {
    this.#trace?.extracted(line, name, value)
  }

  matched(line: number, pattern: string, isMatch: boolean, what: string): void {
    this.#trace?.matched(line, pattern, isMatch, what)
  }
}
