/**
 * The data files of a launcher, and which of their lines its users may take in turn.
 *
 * The controller leases lines in blocks (`FileLease`); the next block is asked for when half of the last one is used, so
 * that users do not wait. Blocks of one line are only asked for when a user needs one: none stays unused at the end.
 * When every line was handed out once, the launcher goes round the whole file alone. DESIGN.md section 5.
 */
import { readFileSync } from 'node:fs'
import { lineEnd, lineStarts } from '../core/data-lines.ts'
import type { FileLease } from '../core/wire/messages.ts'

/** Who waits for a line. */
export interface LineWaiter {
  /** There is one now: `next` gives it. */
  lineReady(): void
}

export interface LinesHooks {
  /** The controller should lease more of a file; `count` users wait for a line (0: none yet). */
  ask(id: string, count: number): void
  /** A user has to wait for a lease. */
  waited(): void
}

export class Lines {
  readonly #files = new Map<string, DataFile>()

  /**
   * Reads all files.
   *
   * @param paths by id of the file server
   * @throws when a file cannot be read
   */
  constructor(paths: { readonly [id: string]: string }, hooks: LinesHooks) {
    for (const [id, path] of Object.entries(paths)) {
      this.#files.set(id, new DataFile(id, readFileSync(path), hooks))
    }
  }

  /**
   * The next line in turn, a byte string; empty when the file is.
   *
   * @returns null when no line is leased: `waiter.lineReady` is called when there is one
   */
  next(id: string, waiter: LineWaiter): string | null {
    return this.#file(id).next(waiter)
  }

  /** Any line. @param u uniform in [0, 1) */
  random(id: string, u: number): string {
    return this.#file(id).random(u)
  }

  grant(lease: FileLease): void {
    this.#file(lease.id).grant(lease)
  }

  /** All files without a controller, from their first line on. */
  goRoundAll(): void {
    for (const id of this.#files.keys()) this.grant({ id, from: 0, count: 0 })
  }

  /** Gives up what is leased of a file and not used yet. */
  takeBack(id: string): readonly FileLease[] {
    return this.#file(id).takeBack()
  }

  /** Whether a lease was asked for that has not come yet. */
  get isAsking(): boolean {
    for (const file of this.#files.values()) if (file.isAsking) return true
    return false
  }

  get ids(): readonly string[] {
    return [...this.#files.keys()]
  }

  #file(id: string): DataFile {
    const file = this.#files.get(id)
    if (file === undefined) throw new Error(`there is no data file ${id}`)
    return file
  }
}

class DataFile {
  readonly #id: string
  readonly #bytes: Buffer
  readonly #starts: Uint32Array
  readonly #count: number
  readonly #hooks: LinesHooks
  /** Leased and not used: the first is being used. */
  #blocks: { from: number; to: number }[] = []
  #left = 0
  /** Lines of the last lease. */
  #granted = 0
  /** `now`: users were waiting. */
  #asked: 'no' | 'ahead' | 'now' = 'no'
  #round = false
  /** Next line of the own round. */
  #roundAt = 0
  #waiting: LineWaiter[] = []

  constructor(id: string, bytes: Buffer, hooks: LinesHooks) {
    this.#id = id
    this.#bytes = bytes
    this.#starts = lineStarts(bytes)
    this.#count = this.#starts.length - 1
    this.#hooks = hooks
  }

  get isAsking(): boolean {
    return this.#asked !== 'no'
  }

  next(waiter: LineWaiter): string | null {
    if (this.#left > 0) return this.#take()
    if (this.#round || this.#count === 0) return this.#takeOfRound()
    this.#hooks.waited()
    this.#waiting.push(waiter)
    if (this.#asked !== 'now') this.#askNow()
    return null
  }

  random(u: number): string {
    return this.#line(Math.floor(u * this.#count))
  }

  grant({ from, count }: FileLease): void {
    if (count === 0) {
      this.#round = true
      this.#roundAt = this.#count === 0 ? 0 : from % this.#count
    } else {
      this.#blocks.push({ from, to: from + count })
      this.#left += count
      this.#granted = count
    }
    this.#asked = 'no'
    this.#wake()
  }

  takeBack(): readonly FileLease[] {
    const id = this.#id
    const leases = this.#blocks.map(({ from, to }) => ({ id, from, count: to - from }))
    this.#blocks = []
    this.#left = 0
    if (this.#round) leases.push({ id, from: this.#roundAt, count: 0 })
    return leases
  }

  /** Those that wait take in the order in which they came; who has ended meanwhile takes nothing. */
  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    let woken = 0
    while (woken < waiting.length && (this.#left > 0 || this.#round)) {
      waiting[woken++]!.lineReady()
    }
    if (woken === waiting.length) return
    this.#waiting = [...waiting.slice(woken), ...this.#waiting]
    if (this.#asked !== 'now') this.#askNow()
  }

  #askNow(): void {
    this.#asked = 'now'
    this.#hooks.ask(this.#id, this.#waiting.length)
  }

  #take(): string {
    const block = this.#blocks[0]!
    const line = block.from++
    this.#left--
    if (block.from === block.to) this.#blocks.shift()
    if (this.#asked === 'no' && this.#granted > 1 && this.#left * 2 <= this.#granted) {
      if (!this.#round) {
        this.#asked = 'ahead'
        this.#hooks.ask(this.#id, 0)
      }
    }
    return this.#line(line)
  }

  #takeOfRound(): string {
    const line = this.#roundAt
    this.#roundAt = line + 1 < this.#count ? line + 1 : 0
    return this.#line(line)
  }

  #line(line: number): string {
    if (line >= this.#count) return ''
    const end = lineEnd(this.#bytes, this.#starts, line)
    return this.#bytes.toString('latin1', this.#starts[line]!, end)
  }
}
