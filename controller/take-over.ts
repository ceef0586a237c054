/** What a controller that takes a run over finds, and does again. */
import type { Collector } from './collector.ts'
import type { KnownAgent } from './fleet/agents.ts'
import type { Fleet } from './fleet/fleet.ts'
import {
  type CutDeed,
  type Journal,
  type JournalEntry,
  type JournalGroup,
  journalVersion,
  readJournal,
} from './journal.ts'
import type { RunSetup } from './play.ts'
import { UsageError } from './usage-error.ts'

/** What was planned with. */
export interface Planned {
  readonly seed: string
  readonly cores: readonly number[]
  readonly agents: readonly KnownAgent[]
}

/** How long is worked without listening, ms: links are kept meanwhile. */
const sliceMs = 50

/**
 * Opens the journal of a run.
 *
 * @throws {UsageError} when the run cannot be gone on with
 */
export async function openJournal(folder: string): Promise<{
  readonly head: RunSetup
  readonly planned: Planned
  readonly groups: AsyncIterable<JournalGroup>
}> {
  const groups = readJournal(folder)
  const first = await firstOf(groups, 'head', folder)
  const head = first.entry
  if (head.version !== journalVersion) {
    throw new UsageError(`${folder}: another version of tsts has led this run`)
  }
  const second = await firstOf(groups, 'planned', folder)
  const all = async function* (): AsyncGenerator<JournalGroup> {
    yield first.group
    yield second.group
    yield* groups
  }
  return { head: head.run as RunSetup, planned: second.entry, groups: all() }
}

async function firstOf<Type extends JournalEntry['type']>(
  groups: AsyncGenerator<JournalGroup>,
  type: Type,
  folder: string,
): Promise<{
  readonly entry: JournalEntry & { readonly type: Type }
  readonly group: JournalGroup
}> {
  const next = await groups.next().catch((error: Error) => {
    throw new UsageError(`this run cannot be taken over: ${error.message}`, { cause: error })
  })
  if (!next.done && next.value.first.type === type) {
    const entry = next.value.first as JournalEntry & { readonly type: Type }
    return { entry, group: next.value }
  }
  throw new UsageError(
    `${folder}: the load of this run had not begun, there is nothing to go on with`,
  )
}

export interface AgainHooks {
  begun(entry: JournalEntry & { readonly type: 'begun' }): void
  cut(deed: CutDeed): void
}

/** Does again what stands in a journal. */
export class Again {
  readonly #journal: Journal
  readonly #fleet: Fleet
  readonly #collector: Collector
  readonly #hooks: AgainHooks

  constructor(journal: Journal, fleet: Fleet, collector: Collector, hooks: AgainHooks) {
    this.#journal = journal
    this.#fleet = fleet
    this.#collector = collector
    this.#hooks = hooks
  }

  /** @returns up to where the journal is whole, in bytes */
  async all(groups: AsyncIterable<JournalGroup>): Promise<number> {
    let endBytes = 0
    let sinceMs = performance.now()
    for await (const group of groups) {
      this.#group(group)
      endBytes = group.endBytes
      if (performance.now() - sinceMs < sliceMs) continue
      await new Promise((resolve) => setImmediate(resolve))
      sinceMs = performance.now()
    }
    return endBytes
  }

  #group({ first, decisions, effects }: JournalGroup): void {
    if (first.type === 'heard' || first.type === 'did') {
      this.#journal.again(decisions, () => this.#fleet.again(first))
      if (first.type === 'did' && first.deed.name === 'cut') this.#hooks.cut(first.deed)
    } else if (first.type === 'begun') this.#hooks.begun(first)
    else this.#effect(first)
    for (const effect of effects) this.#effect(effect)
  }

  #effect(entry: JournalEntry): void {
    if (entry.type === 'told') this.#fleet.toldAgain(entry)
    else if (entry.type === 'event') this.#collector.tell(entry.event, entry.epochMs)
  }
}
