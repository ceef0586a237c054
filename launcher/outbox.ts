/**
 * What a launcher tells its controller and has to arrive, in order and once, however the link fares: each message is
 * numbered and kept until it was acknowledged, and said again after a cut.
 *
 * What is kept is bounded: when it is full, `isFull` tells who makes intervals to wait, so that the next one covers
 * more time; what cannot wait (lines) is dropped and counted.
 */
import type { LauncherMessage } from '../core/wire/messages.ts'

/** A message that arrives once; `n` counts from 1. */
export type NumberedMessage = LauncherMessage & { readonly n: number }

export interface OutboxLimits {
  /** Messages kept, at most, before `isFull`. */
  readonly messages: number
  /** Messages that are kept even then, before they are dropped. */
  readonly overflow: number
}

export const outboxLimits: OutboxLimits = { messages: 600, overflow: 2000 }

export class Outbox {
  readonly #send: (message: LauncherMessage) => void
  readonly #limits: OutboxLimits
  #kept: NumberedMessage[] = []
  #last = 0
  #dropped = 0
  #onEmpty: (() => void) | null = null

  constructor(send: (message: LauncherMessage) => void, limits: OutboxLimits = outboxLimits) {
    this.#send = send
    this.#limits = limits
  }

  /** Sends it now, and again after every cut until it was received. */
  post(message: LauncherMessage): void {
    if (message.type === 'lines' && this.#kept.length >= this.#limits.overflow) {
      this.#dropped += message.lines.length
      return
    }
    const numbered: NumberedMessage = { ...message, n: ++this.#last }
    this.#kept.push(numbered)
    this.#send(numbered)
  }

  /** Everything up to number `n` was dealt with. */
  received(n: number): void {
    let gone = 0
    while (gone < this.#kept.length && this.#kept[gone]!.n <= n) gone++
    if (gone > 0) this.#kept.splice(0, gone)
    if (this.#kept.length === 0) this.#onEmpty?.()
  }

  /** Says all again that was not acknowledged. @param n the last one that arrived */
  resend(n: number): void {
    this.received(n)
    for (const message of this.#kept) this.#send(message)
  }

  /** No further interval should be made now: the next one covers its time as well. */
  get isFull(): boolean {
    return this.#kept.length >= this.#limits.messages
  }

  /** Lines that were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** Resolves when everything was acknowledged, or after `deadlineMs`. @returns whether it was */
  emptied(deadlineMs: number): Promise<boolean> {
    if (this.#kept.length === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
