/**
 * Users that follow those of their phase which have ended (`maxactive`), under ids beyond the plan that are leased ahead
 * of need.
 */

/** Ids asked for at once; the next ones when half of them are left. */
const idsAtOnce = 200

export interface RestartsHooks {
  /** Asks the controller for ids: `granted` is called when they come. */
  askIds(count: number): void
  /** A user had to wait for its id. */
  waited(): void
}

export class Restarts {
  readonly #hooks: RestartsHooks
  /** Of the phase, by id. */
  readonly #playing = new Set<number>()
  readonly #blocks: { next: number; end: number }[] = []
  #idsLeft = 0
  #idsAsked = 0
  /** When each that has to be started was due, on `performance.now()`'s clock. */
  #pending: number[] = []
  #left = 0
  #started = 0
  #isKept = false

  constructor(hooks: RestartsHooks) {
    this.#hooks = hooks
  }

  /** Users that are due and not started yet. */
  get pending(): number {
    return this.#pending.length
  }

  /** Users that were started in this phase. */
  get started(): number {
    return this.#started
  }

  /** One of those that wait can be started now. */
  get isReady(): boolean {
    return this.#pending.length > 0 && this.#idsLeft > 0
  }

  /**
   * A phase begins, or is gone on with: nobody of the one before is followed any more.
   *
   * @param max users that may be started in it here; null: it keeps none
   * @param started of them, before
   */
  begin(max: number | 'unlimited' | null, started: number): void {
    this.#playing.clear()
    this.#pending = []
    this.#isKept = max !== null
    this.#started = started
    this.#left = max === 'unlimited' ? Infinity : Math.max(0, (max ?? 0) - started)
    this.#askAhead()
  }

  /**
   * Another launcher goes on with the phase: each keeps the users that it has.
   *
   * @param share of what may still be started that remains here, 0..1
   * @returns how many are left to the other one as started, so that both together keep to the bound
   */
  handOver(share: number): number {
    if (this.#left === Infinity) return this.#started
    const kept = Math.round(this.#left * share)
    this.#left = kept
    return this.#started + kept
  }

  /** A user of the phase was started. */
  plays(id: number): void {
    if (this.#isKept) this.#playing.add(id)
  }

  /** @returns whether another one is due now */
  ended(id: number, nowMs: number): boolean {
    return this.#playing.delete(id) && this.add(1, nowMs) > 0
  }

  /** So many are due that a launcher before this one has lost. @returns how many may be started */
  add(count: number, nowMs: number): number {
    const added = Math.min(count, this.#left)
    this.#left -= added
    for (let each = 0; each < added; each++) this.#pending.push(nowMs)
    if (added > 0 && this.#idsLeft < this.#pending.length) this.#hooks.waited()
    this.#askAhead()
    return added
  }

  /** The run was paused: nobody is late for that. */
  moveTo(nowMs: number): void {
    this.#pending.fill(nowMs)
  }

  granted(from: number, count: number): void {
    this.#blocks.push({ next: from, end: from + count })
    this.#idsLeft += count
    this.#idsAsked -= count
  }

  /** When the first of those that wait was due; to be called when `isReady`. */
  take(): { readonly id: number; readonly dueMs: number } {
    const block = this.#blocks[0]!
    const id = block.next++
    if (block.next === block.end) this.#blocks.shift()
    this.#idsLeft--
    this.#started++
    const dueMs = this.#pending.shift()!
    this.#askAhead()
    return { id, dueMs }
  }

  #askAhead(): void {
    if (!this.#isKept) return
    const wanted = this.#pending.length + Math.min(idsAtOnce, this.#left)
    const there = this.#idsLeft + this.#idsAsked
    if (there >= wanted || there > this.#pending.length + idsAtOnce / 2) return
    this.#idsAsked += wanted
    this.#hooks.askIds(wanted)
  }
}
