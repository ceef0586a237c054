/** What a user waits for on its connection, and how much of it has come. */
import { fromBytes } from '../../core/byte-string.ts'
import type { CompiledRegexp } from '../../core/regexp/translate.ts'
import type { DecodeSink } from '../api.ts'
import type { Backlog } from './backlog.ts'
import type { Expectation } from './requests.ts'

/** `refusal`: the request cannot be asked, which is told as soon as it can. */
type Awaited = 'nothing' | 'opening' | 'messages' | 'pong' | 'close' | 'refusal'

/** Between two messages of one answer. */
const newline = new Uint8Array([10])

export class Waiting {
  what: Awaited = 'nothing'
  /** When the request has failed, epoch ms; 0: never. */
  deadlineMs = 0
  /** What a pong has to say; what is wrong with a request. */
  text = ''
  /** Why the request cannot be asked: a counter. */
  refusal = ''
  #expectation: Expectation | null = null
  #filter: CompiledRegexp | null = null
  /** Messages that are missing of the answer, and those that were handed on. */
  #missing = 0
  #handed = 0
  /** Messages that came before the `receive` that they answer, until they can be handed on. */
  #owed: readonly Uint8Array[] | null = null

  /** @param filter which messages count, where the expectation says that not all do */
  expect(expectation: Expectation, filter: CompiledRegexp | null): void {
    this.what = 'messages'
    this.#expectation = expectation
    this.#filter = filter
    this.#missing = expectation.count
    this.#handed = 0
    this.#owed = null
  }

  /** Takes what came before. */
  takeFrom(backlog: Backlog): void {
    this.#owed = backlog.take(this.#missing, (message) => this.counts(message))
    this.#missing -= this.#owed.length
  }

  get isFiltered(): boolean {
    return this.what === 'messages' && this.#expectation!.isFiltered
  }

  /** All the messages have come. */
  get isSatisfied(): boolean {
    return this.what === 'messages' && this.#missing === 0
  }

  /** @param message null: nobody looks into it */
  counts(message: Uint8Array | null): boolean {
    if (!this.#expectation!.isFiltered) return true
    return this.#filter!.test(fromBytes(message!))
  }

  /** Hands on what came before the request was asked. */
  settle(sink: DecodeSink): void {
    const owed = this.#owed
    if (owed === null) return
    this.#owed = null
    if (!sink.wantsContent) return
    for (const message of owed) {
      this.separate(sink)
      sink.content(message)
    }
  }

  /** Before the content of each message. */
  separate(sink: DecodeSink): void {
    if (this.#handed++ > 0) sink.content(newline)
  }

  /** A message that counts has come. */
  came(): void {
    this.#missing--
  }

  over(): void {
    this.what = 'nothing'
    this.deadlineMs = 0
    this.#expectation = null
    this.#owed = null
  }

  /** What is missing, for people. */
  get shortfall(): string {
    const { count } = this.#expectation!
    return `${count - this.#missing} of ${count} messages came in time`
  }
}
