/**
 * Which launcher may use which lines of one data file: every line once before any twice.
 *
 * Blocks are guided: a launcher gets a third of its share of what is left, so that blocks grow small towards the end;
 * blocks of one line only go to users that wait. Who needs a line when none is left makes us recall what others have not
 * used. When nothing comes back every launcher goes round the whole file alone, each from a place of its own.
 *
 * ```
 * leasing -a user waits, nothing left-> recalling -something came back-> leasing
 *                                                 -nothing did-> exhausted
 * ```
 */
import type { FileLease } from '../../core/wire/messages.ts'

/** A launcher as far as lines go; a successor takes the lane of its predecessor. */
export interface Lane {
  readonly launcher: number
  /** Its part of the whole load, 0..1. */
  readonly share: number
}

export interface LeaseHooks {
  grant(launcher: number, lease: FileLease): void
  recall(launcher: number, id: string): void
}

/** Part of a launcher's share of what is left that it gets at a time. */
const guidedPart = 1 / 3

interface Holder {
  readonly share: number
  /** Where it begins its own round. */
  roundAt: number
  /** It may have lines that are not used: it got some since it last answered a recall. */
  mayHold: boolean
  /** Of its last two leases: it never has more that are not used. */
  granted: readonly [before: number, last: number]
  /** Users of it that wait for a line; null: it asked for nothing. */
  asked: number | null
  isRecalled: boolean
}

const nothing = [0, 0] as const

export class FileLeases {
  readonly #id: string
  readonly #lines: number
  readonly #hooks: LeaseHooks
  readonly #holders = new Map<number, Holder>()
  /** Ranges that nobody has, in order. */
  #pool: { from: number; to: number }[]
  #left: number
  /** Launchers that asked, in order. */
  readonly #queue: number[] = []
  #isExhausted = false

  /** @param lines how many the file has */
  constructor(id: string, lines: number, lanes: readonly Lane[], hooks: LeaseHooks) {
    this.#id = id
    this.#lines = lines
    this.#hooks = hooks
    this.#pool = lines === 0 ? [] : [{ from: 0, to: lines }]
    this.#left = lines
    for (const [index, { launcher, share }] of lanes.entries()) {
      this.#holders.set(launcher, holder(share, Math.floor((index * lines) / lanes.length)))
    }
  }

  /** Launchers have been asked for what they have not used, and not all have answered. */
  get isRecalling(): boolean {
    for (const each of this.#holders.values()) if (each.isRecalled) return true
    return false
  }

  /**
   * What a launcher begins with, or null: then it asks when it needs a line.
   *
   * @param predecessor whose lane it takes, or null
   */
  first(launcher: number, predecessor: number | null): FileLease | null {
    const before = predecessor === null ? undefined : this.#holders.get(predecessor)
    if (before !== undefined) this.#holders.set(launcher, holder(before.share, before.roundAt))
    const own = this.#holders.get(launcher)
    if (own === undefined) return null
    if (this.#isExhausted) return this.#roundOf(own)
    const count = this.#guided(own)
    return count < 2 ? null : this.#take(own, count)
  }

  /** @param waiting users of the launcher that wait for a line; 0: it asks ahead of need */
  ask(launcher: number, waiting: number): void {
    const own = this.#holders.get(launcher)
    if (own === undefined) return
    if (own.asked === null) this.#queue.push(launcher)
    own.asked = Math.max(own.asked ?? 0, waiting)
    this.#serve()
  }

  /** A launcher gives back what it has not used; `recalled`: because it was asked to. */
  unused(launcher: number, leases: readonly FileLease[], recalled: boolean): void {
    const own = this.#holders.get(launcher)
    if (own === undefined) return
    for (const { from, count } of leases) {
      if (count === 0) own.roundAt = from
      else if (!this.#isExhausted) this.#putBack(from, from + count)
    }
    if (recalled) own.isRecalled = false
    this.#serve()
  }

  /** @returns how many lines it has taken with it, at most */
  gone(launcher: number): number {
    const own = this.#holders.get(launcher)
    if (own === undefined) return 0
    const lost = own.mayHold && !this.#isExhausted ? own.granted[0] + own.granted[1] : 0
    own.mayHold = false
    own.asked = null
    own.isRecalled = false
    this.#serve()
    return lost
  }

  /** Whoever has not answered a recall is taken to have nothing. */
  endRecall(): void {
    for (const each of this.#holders.values()) each.isRecalled = false
    this.#serve()
  }

  /** Gives those that asked what there is. */
  #serve(): void {
    for (const launcher of this.#queue.splice(0)) {
      const own = this.#holders.get(launcher)
      if (own?.asked == null) continue
      const count = own.asked > 0 ? Math.max(own.asked, this.#guided(own)) : this.#guided(own)
      if (this.#isExhausted) this.#answer(launcher, own, this.#roundOf(own))
      else if (this.#left > 0 && (own.asked > 0 || count > 1)) {
        this.#answer(launcher, own, this.#take(own, count))
      } else this.#queue.push(launcher)
    }
    if (this.#left > 0 || this.#isExhausted || this.isRecalling) return
    if (this.#queue.some((launcher) => (this.#holders.get(launcher)?.asked ?? 0) > 0)) {
      this.#recallAll()
    }
  }

  #recallAll(): void {
    for (const [launcher, each] of this.#holders) {
      if (!each.mayHold) continue
      each.isRecalled = true
      each.mayHold = false
      each.granted = nothing
      this.#hooks.recall(launcher, this.#id)
    }
    if (this.isRecalling) return
    this.#isExhausted = true
    this.#serve()
  }

  #answer(launcher: number, own: Holder, lease: FileLease): void {
    own.asked = null
    this.#hooks.grant(launcher, lease)
  }

  #guided({ share }: Holder): number {
    return Math.floor(this.#left * share * guidedPart)
  }

  #roundOf({ roundAt }: Holder): FileLease {
    return { id: this.#id, from: roundAt, count: 0 }
  }

  /** At most `count` lines of the first range. */
  #take(own: Holder, count: number): FileLease {
    const range = this.#pool[0]!
    const { from } = range
    const taken = Math.min(count, range.to - from)
    range.from += taken
    if (range.from === range.to) this.#pool.shift()
    this.#left -= taken
    own.mayHold = true
    own.granted = [own.granted[1], taken]
    return { id: this.#id, from, count: taken }
  }

  #putBack(from: number, to: number): void {
    if (from < 0 || to > this.#lines) return
    this.#left += to - from
    const ranges = [...this.#pool, { from, to }].sort((a, b) => a.from - b.from)
    this.#pool = []
    for (const range of ranges) {
      const last = this.#pool.at(-1)
      if (last?.to === range.from) last.to = range.to
      else this.#pool.push(range)
    }
  }
}

function holder(share: number, roundAt: number): Holder {
  return {
    share,
    roundAt,
    mayHold: false,
    granted: nothing,
    asked: null,
    isRecalled: false,
  }
}
