/** What plugins may say while they decode: one for all users of a launcher, opened for an exchange before each call. */
import type { DecodeSink } from '../plugins/api.ts'
import { AnswerContent } from './answer-content.ts'
import type { Deliveries } from './deliveries.ts'
import type { Recorder } from './recorder.ts'

/** The exchange whose bytes are decoded. */
export interface SinkOwner {
  readonly user: { readonly id: number }
  /** What came of the answer in earlier reads; null: nothing. */
  content: AnswerContent | null
  reply(bytes: string): void
  /** The plugin's alarm. @param ms Infinity: none */
  wakeAfter(ms: number): void
}

const nothing = Buffer.alloc(0)

/**
 * Collects the content of an answer without copying while it lies in one piece: pieces that follow each other in the
 * lent bytes only move the end of a range. What is not whole when `decode` returns is copied by `keep`.
 */
export class Sink implements DecodeSink {
  wantsContent = false
  /** The plugin replied since the sink was opened. */
  hasReplied = false
  /** The user need not wait for a push any longer. */
  hasGoneOn = false
  /** What `fail` was told. */
  failure = ''
  failureDetail = ''
  /** The last error that was counted since it was set to an empty text. */
  lastError = ''
  #owner: SinkOwner | null = null
  /** The whole buffer in which the range lies. */
  #lent: Buffer = nothing
  #from = 0
  #to = 0
  readonly #recorder: Recorder
  readonly #deliveries: Deliveries

  constructor(recorder: Recorder, deliveries: Deliveries) {
    this.#recorder = recorder
    this.#deliveries = deliveries
  }

  open(owner: SinkOwner, wantsContent: boolean): void {
    this.#owner = owner
    this.wantsContent = wantsContent
    this.hasReplied = false
    this.hasGoneOn = false
    this.#from = 0
    this.#to = 0
  }

  count(name: string): void {
    if (name.startsWith('error_')) this.lastError = name
    this.#recorder.count(name)
  }

  add(name: string, amount: number): void {
    this.#recorder.add(name, amount)
  }

  sample(name: string, value: number): void {
    this.#recorder.sample(name).record(value)
  }

  delivered(payload: Uint8Array | string, metric: string): boolean {
    return this.#deliveries.delivered(this.#owner!.user.id, payload, metric)
  }

  joins(): void {
    this.#deliveries.joins(this.#owner!.user.id)
  }

  wakeAfter(ms: number): void {
    this.#owner!.wakeAfter(ms)
  }

  goOn(): void {
    this.hasGoneOn = true
  }

  fail(counter: string, detail: string): 'failed' {
    this.failure = counter
    this.failureDetail = detail
    return 'failed'
  }

  content(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const from = bytes.byteOffset
    const isNext = this.#to > this.#from && from === this.#to && bytes.buffer === this.#lent.buffer
    if (!isNext) {
      this.keep()
      if (bytes.buffer !== this.#lent.buffer) this.#lent = Buffer.from(bytes.buffer as ArrayBuffer)
      this.#from = from
    }
    this.#to = from + bytes.length
  }

  reply(bytes: string): void {
    this.hasReplied = true
    this.#owner!.reply(bytes)
  }

  /** Copies what lies in lent bytes: the answer goes on, or goes on elsewhere. */
  keep(): void {
    if (this.#to === this.#from) return
    const owner = this.#owner!
    owner.content ??= new AnswerContent()
    owner.content.append(this.#lent.subarray(this.#from, this.#to))
    this.#from = 0
    this.#to = 0
  }

  /** The whole content as a byte string; it is given up. */
  takeContent(): string {
    const owner = this.#owner!
    if (owner.content === null) {
      const text = this.#lent.toString('latin1', this.#from, this.#to)
      this.#from = 0
      this.#to = 0
      return text
    }
    this.keep()
    const { content } = owner
    owner.content = null
    if (content.isCut) this.#recorder.count('error_answer_too_long')
    return content.text()
  }
}
