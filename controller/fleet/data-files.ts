/** The data files of a run: their lines are leased to the launchers, file by file. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { FileLease, LauncherCommand } from '../../core/wire/messages.ts'
import type { Journal } from '../journal.ts'
import { FileLeases } from './file-leases.ts'

/** A file whose lines are dealt out. */
export interface LeasedFile {
  /** Of the file server. */
  readonly id: string
  readonly lines: number
}

/** How long launchers have to give back what they have not used, ms: others wait for it. */
const recallMs = 1000

export class DataFiles {
  readonly #leases = new Map<string, FileLeases>()
  readonly #recallTimers = new Map<string, NodeJS.Timeout>()
  readonly #journal: Journal

  /**
   * @param journal what the clock does is noted there
   * @param send tells a launcher something
   */
  constructor(
    files: readonly LeasedFile[],
    launchers: readonly LauncherPlan[],
    journal: Journal,
    send: (launcher: number, command: LauncherCommand) => void,
  ) {
    this.#journal = journal
    for (const { id, lines } of files) {
      const leases = new FileLeases(id, lines, launchers, {
        grant: (launcher, lease) => send(launcher, { type: 'lease', what: 'file', ...lease }),
        recall: (launcher) => {
          send(launcher, { type: 'recall', id })
          this.#armRecall(id)
        },
      })
      this.#leases.set(id, leases)
    }
  }

  /**
   * What a launcher begins with.
   *
   * @param predecessor whose users it goes on with, or null
   */
  first(launcher: number, predecessor: number | null): readonly FileLease[] {
    const leases: FileLease[] = []
    for (const each of this.#leases.values()) {
      const lease = each.first(launcher, predecessor)
      if (lease !== null) leases.push(lease)
    }
    return leases
  }

  ask(launcher: number, id: string, waiting: number): void {
    this.#leases.get(id)?.ask(launcher, waiting)
  }

  unused(launcher: number, id: string, leases: readonly FileLease[], recalled: boolean): void {
    this.#leases.get(id)?.unused(launcher, leases, recalled)
  }

  /** @returns how many lines of each file a launcher has taken with it, at most; those of which it has none left out */
  gone(launcher: number): ReadonlyMap<string, number> {
    const lost = new Map<string, number>()
    for (const [id, leases] of this.#leases) {
      const count = leases.gone(launcher)
      if (count > 0) lost.set(id, count)
    }
    return lost
  }

  /** Nobody is waited for any more. */
  close(): void {
    for (const timer of this.#recallTimers.values()) clearTimeout(timer)
    this.#recallTimers.clear()
  }

  /** Whoever has been asked for lines is waited for again. */
  arm(): void {
    for (const [id, leases] of this.#leases) if (leases.isRecalling) this.#armRecall(id)
  }

  /** Who has not given anything back by now has nothing. */
  endRecall(id: string): void {
    const leases = this.#leases.get(id)
    if (leases?.isRecalling) leases.endRecall()
  }

  #armRecall(id: string): void {
    if (this.#journal.replaying) return
    const cause = { type: 'did', deed: { name: 'recall-timeout', id } } as const
    const timer = setTimeout(() => {
      this.#recallTimers.delete(id)
      this.#journal.cause(cause, () => this.endRecall(id))
    }, recallMs)
    clearTimeout(this.#recallTimers.get(id))
    this.#recallTimers.set(id, timer)
  }
}
