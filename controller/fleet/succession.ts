/**
 * Who follows whom: at maxusers a launcher hands over to a successor, and the share of one that was lost goes on in
 * another, as the policy says.
 *
 * ```
 * launched -ready, knows where to go on-> playing -full-> its successor plays
 *                                                 -lost-> (respawn) its successor plays
 * launched -lost-> another is launched, at most `maxAttempts` in a row
 * ```
 */
import { type Arrivals, usersLeft } from '../../core/plan/cursor.ts'
import type { Cursor, LauncherPlan } from '../../core/plan/model.ts'
import type { RunEvent } from '../model.ts'
import type { LauncherHandle } from './launcher-handle.ts'
import { type Loss, missingText, type Seat } from './loss.ts'
import type { LossPolicy } from './model.ts'

/** Launchers in a row that may be tried for a share before it is given up. */
const maxAttempts = 3

/** From where a launcher goes on. */
export interface Resume {
  readonly cursor: Cursor
  /** See the command `start`. */
  readonly skipBefore: Pick<Cursor, 'atMs' | 'planMs'> | null
}

/** What can be done with launchers. */
export interface Crew {
  readonly stopping: boolean
  /** The launchers of the plan were started. */
  readonly begun: boolean
  launch(
    plan: LauncherPlan,
    agent: number,
    predecessor: LauncherHandle,
    attempt: number,
  ): LauncherHandle
  goOn(launcher: LauncherHandle, resume: Resume): void
  dismiss(launcher: LauncherHandle): void
  /** Null: nowhere. */
  seat(launcher: LauncherHandle): Seat | null
  arrivals(plan: LauncherPlan): Arrivals
  event(type: RunEvent['type'], text: string, launcher: number): void
  /** The whole run ends at once. */
  endRun(reason: string, launcher: number): void
}

const nothingSkipped = { atMs: 0, planMs: 0 }

export class Succession {
  readonly #crew: Crew
  readonly #policy: LossPolicy
  #gaveUp = false

  constructor(crew: Crew, policy: LossPolicy) {
    this.#crew = crew
    this.#policy = policy
  }

  /** Before the start: nobody will play a share of the plan. */
  get gaveUp(): boolean {
    return this.#gaveUp
  }

  /** A launcher will soon be full. */
  prepare(launcher: LauncherHandle): LauncherHandle | null {
    if (this.#crew.stopping || launcher.state !== 'running') return null
    const { plan, agent } = launcher
    launcher.successor ??= this.#crew.launch(plan, agent, launcher, 1)
    return launcher.successor
  }

  /** A launcher is full. */
  handOver(launcher: LauncherHandle, cursor: Cursor): void {
    launcher.fullCursor = cursor
    const successor = this.prepare(launcher)
    if (successor !== null) this.#follow(successor, { cursor, skipBefore: null })
  }

  /** A launcher can play from now on. */
  ready(launcher: LauncherHandle): void {
    if (launcher.resume !== null) this.#begin(launcher, launcher.resume)
  }

  /** A successor that waits for a launcher which has ended without being full will not be needed. */
  dismissUnneeded({ successor }: LauncherHandle): void {
    const waits = successor?.alive && successor.state !== 'running' && successor.resume === null
    if (waits) this.#crew.dismiss(successor)
  }

  /** A launcher was lost that played. */
  lostPlaying(launcher: LauncherHandle, loss: Loss): void {
    if (this.#crew.stopping) return
    if (this.#policy === 'abort') {
      this.#abort(launcher)
      return
    }
    if (launcher.fullCursor !== null) return
    if (loss.left === 0) this.dismissUnneeded(launcher)
    else if (this.#policy === 'respawn') this.#respawn(launcher, loss)
    else {
      this.dismissUnneeded(launcher)
      this.#tellMissing(launcher, loss, '--on-launcher-lost=continue')
    }
  }

  /** A launcher was lost before it played: another is tried. */
  lostUnstarted(launcher: LauncherHandle): void {
    const { resume, predecessor, attempt } = launcher
    if (predecessor !== null && predecessor.successor !== launcher) return
    if (predecessor !== null) predecessor.successor = null
    if (this.#crew.stopping) return
    const isOfStart = !this.#crew.begun
    if (isOfStart && this.#policy !== 'respawn') {
      this.#gaveUp = true
      return
    }
    if (this.#policy === 'abort') {
      this.#abort(launcher)
      return
    }
    const before = predecessor ?? launcher
    const next = this.#launchFor(launcher, before, attempt + 1)
    if (typeof next !== 'string') next.resume = resume
    else if (isOfStart) {
      this.#gaveUp = true
      this.#crew.event(
        'warning',
        `no launcher plays the share of launcher ${before.number}: ${next}`,
        before.number,
      )
    } else if (resume !== null) {
      const left = usersLeft(launcher.plan, resume.cursor)
      this.#tellMissing(before, before.loss ?? { left, maybeStarted: 0 }, next)
    }
  }

  #abort({ number }: LauncherHandle): void {
    const reason = `launcher ${number} was lost: all users end (--on-launcher-lost=abort)`
    this.#crew.endRun(reason, number)
  }

  #respawn(dead: LauncherHandle, loss: Loss): void {
    dead.loss = loss
    const skipBefore = { atMs: loss.untilMs, planMs: loss.untilPlanMs }
    const resume = { cursor: loss.cursor, skipBefore }
    const attempt = dead.startedUsers > 0 ? 1 : dead.attempt + 1
    const prepared = dead.successor?.alive ? dead.successor : null
    const next = prepared ?? this.#launchFor(dead, dead, attempt)
    if (typeof next === 'string') this.#tellMissing(dead, loss, next)
    else this.#follow(next, resume)
  }

  /** @returns why there is none, when it is a text */
  #launchFor(
    lost: LauncherHandle,
    predecessor: LauncherHandle,
    attempt: number,
  ): LauncherHandle | string {
    if (attempt > maxAttempts) return `${maxAttempts} launchers in a row were lost`
    const seat = this.#seat(lost)
    if (seat === null) return 'no host is left for it'
    const next = this.#crew.launch(seat.plan, seat.agent, predecessor, attempt)
    predecessor.successor = next
    return next
  }

  #seat(lost: LauncherHandle): Seat | null {
    const seat = this.#crew.seat(lost)
    return this.#policy === 'respawn' || seat?.agent === lost.agent ? seat : null
  }

  #follow(successor: LauncherHandle, resume: Resume): void {
    successor.resume = resume
    if (successor.state === 'ready') this.#begin(successor, resume)
  }

  #begin(successor: LauncherHandle, resume: Resume): void {
    const before = successor.predecessor!
    const { number, plan, pid } = successor
    const goesOn = `launcher ${number} on ${plan.host} (pid ${pid}) goes on`
    if (before.loss === null) {
      const text = `launcher ${before.number} on ${before.plan.host} plays ${before.plan.maxUsers} users, its most: ${goesOn}`
      this.#crew.event('launcher-handover', text, number)
    } else {
      const { left, maybeStarted, cursor, untilMs } = before.loss
      const unsure =
        maybeStarted === 0
          ? ''
          : `; up to ${maybeStarted} that were due from ${secondsText(cursor.atMs)} to ${secondsText(untilMs)} are not started again`
      const text = `the share of launcher ${before.number} is played again: ${goesOn} with ${left} users${unsure}`
      this.#crew.event('launcher-respawn', text, number)
    }
    // Times of another host's clock say nothing here.
    const isOfHost = successor.agent === before.agent
    const skipBefore = resume.skipBefore ?? (isOfHost ? null : nothingSkipped)
    this.#crew.goOn(successor, { cursor: resume.cursor, skipBefore })
  }

  #tellMissing(
    { number }: LauncherHandle,
    missing: Pick<Loss, 'left' | 'maybeStarted'>,
    why: string,
  ): void {
    const text = `no launcher goes on from launcher ${number} (${why}): ${missingText(missing)}`
    this.#crew.event('warning', text, number)
  }
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
