/**
 * What has to arrive, in order and once, however the link fares: each message is numbered and kept until it was
 * acknowledged, and said again after a cut. Launcher and controller have one each for the other.
 */

/** A message that arrives once; `n` counts from 1. */
export type Numbered<Message> = Message & { readonly n: number }

/** @typeParam Message has no `n` of its own */
export class Outbox<Message extends object> {
  readonly #send: (message: Message) => void
  readonly #onPost: (message: Numbered<Message>) => void
  #kept: Numbered<Message>[] = []
  #last = 0

  /**
   * @param send may lose it
   * @param onPost told of each message before it is sent for the first time
   */
  constructor(
    send: (message: Message) => void,
    onPost: (message: Numbered<Message>) => void = () => undefined,
  ) {
    this.#send = send
    this.#onPost = onPost
  }

  /** Messages that were not acknowledged. */
  get kept(): number {
    return this.#kept.length
  }

  /** Sends it now, and again after every cut until it was received. */
  post(message: Message): void {
    const numbered = { ...message, n: ++this.#last }
    this.#kept.push(numbered)
    this.#onPost(numbered)
    this.#send(numbered)
  }

  /** One that another outbox has posted, whose place this one takes. */
  restore(numbered: Numbered<Message>): void {
    this.#kept.push(numbered)
    this.#last = numbered.n
  }

  /** Everything up to number `n` was dealt with. */
  received(n: number): void {
    let gone = 0
    while (gone < this.#kept.length && this.#kept[gone]!.n <= n) gone++
    if (gone > 0) this.#kept.splice(0, gone)
  }

  /** Says all again that did not arrive. @param n the last one that did */
  resend(n: number): void {
    this.received(n)
    for (const message of this.#kept) this.#send(message)
  }
}

/** What has arrived from the other side's outbox. */
export class Inbox {
  #last = 0

  /** Number of the last message that was taken. */
  get last(): number {
    return this.#last
  }

  /**
   * Whether a message is to be dealt with: not one that was, nor one behind a gap, which a cut has made and which will
   * be said again. Messages without a number always are.
   */
  takes(message: object): boolean {
    const { n } = message as { readonly n?: number }
    if (n === undefined) return true
    if (n !== this.#last + 1) return false
    this.#last = n
    return true
  }
}
