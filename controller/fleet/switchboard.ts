/** What launchers need from each other while they run: the barrier, user ids, lines of data files, interactions. */
import { unreachable } from '../../core/json.ts'
import type { FileLease, LauncherCommand, LauncherMessage } from '../../core/wire/messages.ts'
import type { Journal } from '../journal.ts'
import { DataFiles } from './data-files.ts'
import { type Compared, Interactions, type Moment } from './interactions.ts'
import type { Assignment } from './model.ts'
import { Rendezvous } from './rendezvous.ts'

export class Switchboard {
  readonly #send: (launcher: number, command: LauncherCommand) => void
  readonly #rendezvous: Rendezvous
  readonly #dataFiles: DataFiles
  readonly #interactions: Interactions

  constructor(
    { scenario, plan, dataFiles }: Assignment,
    journal: Journal,
    send: (launcher: number, command: LauncherCommand) => void,
  ) {
    const { globalNumber, globalAckTimeoutMs } = scenario.options
    this.#send = send
    this.#rendezvous = new Rendezvous(
      globalNumber,
      globalAckTimeoutMs,
      plan.users,
      journal,
      (launcher, count) => send(launcher, { type: 'release', barrier: 'global', count }),
    )
    const leased = dataFiles.filter(({ isLocal }) => !isLocal)
    this.#dataFiles = new DataFiles(leased, plan.launchers, journal, send)
    this.#interactions = new Interactions((launcher, id, ms) =>
      send(launcher, { type: 'interaction', id, ms }),
    )
  }

  /** The lines a launcher begins with. @param predecessor whose users it goes on with, or null */
  leases(launcher: number, predecessor: number | null): readonly FileLease[] {
    return this.#dataFiles.first(launcher, predecessor)
  }

  asked(
    launcher: number,
    message: LauncherMessage & { readonly type: 'lease' | 'unused' | 'waiting' },
  ): void {
    switch (message.type) {
      case 'waiting':
        this.#rendezvous.join(launcher, message.count)
        return
      case 'lease':
        this.#leaseAsked(launcher, message)
        return
      case 'unused':
        this.#dataFiles.unused(launcher, message.id, message.leases, message.recalled)
        return
      default:
        unreachable(message)
    }
  }

  /** @param moment when it was, on our clock */
  interacted(
    launcher: number,
    { action, id }: LauncherMessage & { readonly type: 'interaction' },
    moment: Moment,
  ): void {
    if (action === 'send') this.#interactions.send(id, moment)
    else this.#interactions.receive(launcher, id, moment)
  }

  /** Users of different hosts whose times were compared; null: there were none. */
  get compared(): Compared | null {
    return this.#interactions.compared
  }

  /** @returns how many lines of each data file a launcher has taken with it, at most */
  gone(launcher: number): ReadonlyMap<string, number> {
    this.#rendezvous.gone(launcher)
    return this.#dataFiles.gone(launcher)
  }

  /** What the clock did for another controller it does again. */
  arm(): void {
    this.#rendezvous.arm()
    this.#dataFiles.arm()
  }

  barrierTimeout(): void {
    this.#rendezvous.open()
  }

  recallTimeout(id: string): void {
    this.#dataFiles.endRecall(id)
  }

  /** Nothing is done by the clock any more. */
  close(): void {
    this.#rendezvous.close()
    this.#dataFiles.close()
  }

  #leaseAsked(launcher: number, lease: LauncherMessage & { readonly type: 'lease' }): void {
    const { what, id, count } = lease
    if (what === 'file') {
      this.#dataFiles.ask(launcher, id, count)
      return
    }
    const from = this.#rendezvous.leaseUserIds(count)
    this.#send(launcher, { type: 'lease', what, id, from, count })
  }
}
