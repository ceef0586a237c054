/** What launchers need from each other while they run: the barrier, user ids, lines of data files, interactions. */
import type { FileLease, LauncherCommand, LauncherMessage } from '../../core/wire/messages.ts'
import { DataFiles } from './data-files.ts'
import { Interactions } from './interactions.ts'
import type { Assignment } from './model.ts'
import { Rendezvous } from './rendezvous.ts'

export class Switchboard {
  readonly #send: (launcher: number, command: LauncherCommand) => void
  readonly #rendezvous: Rendezvous
  readonly #dataFiles: DataFiles
  readonly #interactions: Interactions

  constructor(
    { scenario, plan, dataFiles }: Assignment,
    send: (launcher: number, command: LauncherCommand) => void,
  ) {
    const { globalNumber, globalAckTimeoutMs } = scenario.options
    this.#send = send
    this.#rendezvous = new Rendezvous(
      globalNumber,
      globalAckTimeoutMs,
      plan.users,
      (launcher, count) => send(launcher, { type: 'release', barrier: 'global', count }),
    )
    const leased = dataFiles.filter(({ isLocal }) => !isLocal)
    this.#dataFiles = new DataFiles(leased, plan.launchers, send)
    this.#interactions = new Interactions((launcher, id, ms) =>
      send(launcher, { type: 'interaction', id, ms }),
    )
  }

  /** The lines a launcher begins with. @param predecessor whose users it goes on with, or null */
  leases(launcher: number, predecessor: number | null): readonly FileLease[] {
    return this.#dataFiles.first(launcher, predecessor)
  }

  joined(launcher: number, count: number): void {
    this.#rendezvous.join(launcher, count)
  }

  leaseAsked(launcher: number, lease: LauncherMessage & { readonly type: 'lease' }): void {
    const { what, id, count } = lease
    if (what === 'file') {
      this.#dataFiles.ask(launcher, id, count)
      return
    }
    const from = this.#rendezvous.leaseUserIds(count)
    this.#send(launcher, { type: 'lease', what, id, from, count })
  }

  unused(launcher: number, unused: LauncherMessage & { readonly type: 'unused' }): void {
    this.#dataFiles.unused(launcher, unused.id, unused.leases, unused.recalled)
  }

  interacted(launcher: number, said: LauncherMessage & { readonly type: 'interaction' }): void {
    if (said.action === 'send') this.#interactions.send(said.id, said.atMs)
    else this.#interactions.receive(launcher, said.id, said.atMs)
  }

  /** @returns how many lines of each data file a launcher has taken with it, at most */
  gone(launcher: number): ReadonlyMap<string, number> {
    return this.#dataFiles.gone(launcher)
  }

  /** Nothing is done by the clock any more. */
  close(): void {
    this.#rendezvous.close()
    this.#dataFiles.close()
  }
}
