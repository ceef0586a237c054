/**
 * Timers of all users of a launcher: a hierarchical wheel of 1 ms slots driven by one native timer.
 *
 * Four levels of 256 slots: level 0 covers 256 ms, level 1 65 s, level 2 4.6 h, level 3 49 days; a timer beyond the
 * last level waits in its farthest slot. When level 0 has turned once, the next slot of level 1 is dealt out over it,
 * and so on. Arming and disarming cost a few pointer writes and allocate nothing.
 *
 * Source: Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987.
 */

/** A timer that lives inside its owner; armed at most once at a time. */
export class Timer {
  dueMs = 0
  next: Timer | null = null
  previous: Timer | null = null
  readonly owner: TimerOwner | null
  constructor(owner: TimerOwner | null) {
    this.owner = owner
  }
}

export interface TimerOwner {
  /** @param nowMs the wheel's clock; ≥ the timer's `dueMs` */
  wake(nowMs: number): void
}

const levels = 4
const slotBits = 8
const slots = 1 << slotBits
const slotMask = slots - 1

export class TimerWheel {
  readonly #now: () => number
  /** Sentinels of circular lists, level by level. */
  readonly #lists: Timer[] = []
  /** Every slot up to this tick (ms) was fired. */
  #tick: number
  /** Timers of the slot that is being fired. */
  readonly #firingList = new Timer(null)
  #armed = 0
  #native: NodeJS.Timeout | null = null
  /** When the native timer wakes; Infinity: it is not set. */
  #wakeMs = Number.POSITIVE_INFINITY
  #firing = false
  readonly #onNative = (): void => this.#fire()

  /** @param now a monotonic clock in ms */
  constructor(now: () => number) {
    this.#now = now
    this.#tick = Math.floor(now())
    for (let i = 0; i < levels * slots; i++) this.#lists.push(new Timer(null))
    for (const sentinel of [this.#firingList, ...this.#lists]) {
      sentinel.next = sentinel
      sentinel.previous = sentinel
    }
  }

  get armed(): number {
    return this.#armed
  }

  /** Wakes `timer.owner` once at or after `timer.dueMs`, never before. Arming an armed timer moves it. */
  arm(timer: Timer): void {
    if (timer.next !== null) this.disarm(timer)
    // Nothing was waiting: the ticks gone by need not be walked through.
    if (this.#armed === 0 && !this.#firing) this.#tick = Math.floor(this.#now())
    this.#armed++
    this.#insert(timer)
    if (!this.#firing) this.#schedule(Math.ceil(timer.dueMs))
  }

  disarm(timer: Timer): void {
    if (timer.next === null) return
    timer.previous!.next = timer.next
    timer.next.previous = timer.previous
    timer.next = null
    timer.previous = null
    this.#armed--
  }

  /** Stops the native timer; nothing fires any more. */
  close(): void {
    if (this.#native !== null) clearTimeout(this.#native)
    this.#native = null
    this.#wakeMs = Number.POSITIVE_INFINITY
  }

  #insert(timer: Timer): void {
    const first = this.#tick + 1
    // What is due already goes into the next slot that will be fired.
    const tick = Math.max(Math.ceil(timer.dueMs), first)
    const distance = tick - first
    let level = 0
    if (distance >= slots) level = distance < slots * slots ? 1 : distance < slots ** 3 ? 2 : 3
    const reach = level === 3 ? Math.min(tick, first + slots ** 4 - slots ** 3) : tick
    const slot = Math.floor(reach / slots ** level) & slotMask
    const list = this.#lists[level * slots + slot]!
    timer.next = list
    timer.previous = list.previous
    list.previous!.next = timer
    list.previous = timer
  }

  #fire(): void {
    this.#native = null
    this.#wakeMs = Number.POSITIVE_INFINITY
    this.#firing = true
    const nowMs = this.#now()
    const last = Math.floor(nowMs)
    while (this.#tick < last) {
      const tick = ++this.#tick
      if ((tick & slotMask) === 0) this.#cascade(tick)
      this.#detach(this.#lists[tick & slotMask]!)
      const list = this.#firingList
      while (list.next !== list) {
        const timer = list.next!
        this.disarm(timer)
        timer.owner!.wake(nowMs)
      }
    }
    this.#firing = false
    if (this.#armed > 0) this.#schedule(this.#nextTick())
  }

  /** Moves a slot's timers aside: what is armed while they fire belongs to the slot's next turn. */
  #detach(list: Timer): void {
    if (list.next === list) return
    const firing = this.#firingList
    firing.next = list.next
    firing.previous = list.previous
    firing.next!.previous = firing
    firing.previous!.next = firing
    list.next = list
    list.previous = list
  }

  /** Deals the timers of the upper levels' current slots out over the levels below. */
  #cascade(tick: number): void {
    for (let level = 1; level < levels; level++) {
      const list = this.#lists[level * slots + (Math.floor(tick / slots ** level) & slotMask)]!
      let timer = list.next!
      list.next = list
      list.previous = list
      // The tick itself has not been fired: a timer due now must land in its slot.
      this.#tick = tick - 1
      while (timer !== list) {
        const next = timer.next!
        this.#insert(timer)
        timer = next
      }
      this.#tick = tick
      if ((Math.floor(tick / slots ** level) & slotMask) !== 0) return
    }
  }

  /** The next tick at which something fires, or at which the upper levels have to be dealt out. */
  #nextTick(): number {
    for (let tick = this.#tick + 1; ; tick++) {
      if ((tick & slotMask) === 0) return tick
      const list = this.#lists[tick & slotMask]!
      if (list.next !== list) return tick
    }
  }

  #schedule(tick: number): void {
    if (tick >= this.#wakeMs) return
    if (this.#native !== null) clearTimeout(this.#native)
    this.#wakeMs = tick
    this.#native = setTimeout(this.#onNative, Math.max(0, Math.ceil(tick - this.#now())))
  }
}
