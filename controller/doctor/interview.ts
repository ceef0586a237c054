/** The conversation with the agent of one host: it is started, asked, and ended. */
import type { AgentFacts, FromAgent } from '../../core/wire/messages.ts'
import { protocolVersion } from '../../core/wire/messages.ts'
import type { Answer, AnswerTo, Question, Refused } from '../../core/wire/probe.ts'
import type { AgentLink, Transport } from '../transports/transport.ts'

/** An agent that hears nothing for so long ends, in ms. */
const graceMs = 30_000
/** How often it hears something while other hosts are waited for. */
const pingMs = 5000

/** Why there is nobody to talk to. */
export class Unreached extends Error {
  constructor(reason: string, cause: unknown) {
    super(reason, { cause })
  }
}

interface Asked {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

export class Interview {
  readonly host: string
  readonly isLocal: boolean
  readonly #link: AgentLink
  readonly #asked = new Map<number, Asked>()
  readonly #hello: Promise<AgentFacts>
  #greet: (facts: AgentFacts) => void = () => undefined
  #fail: (error: Unreached) => void = () => undefined
  #over: Unreached | null = null
  #last = 0
  readonly #pings: NodeJS.Timeout

  constructor(transport: Transport) {
    this.host = transport.host
    this.isLocal = transport.isLocal
    this.#hello = new Promise((resolve, reject) => {
      this.#greet = resolve
      this.#fail = reject
    })
    // Who does not wait for it hears of it from the questions.
    this.#hello.catch(() => undefined)
    this.#pings = setInterval(() => this.#link.send({ type: 'ping', t1: 0 }), pingMs)
    this.#link = transport.connect({
      message: (message) => this.#onMessage(message),
      stray: () => undefined,
      cut: (reason) => this.#end(reason, null),
      closed: (reason, error) => this.#end(reason, error ?? null),
    })
  }

  /**
   * @param moves how much of what any host needs is on its way: so long as it grows within the deadline, nobody is late
   * @throws {Unreached}
   */
  hello(deadlineMs: number, moves: () => number): Promise<AgentFacts> {
    return this.#within(this.#hello, deadlineMs, 'did not say hello in time', moves)
  }

  /**
   * @returns what the host found out, or `refused`
   * @throws {Unreached} when it is gone, or does not answer in time
   */
  async ask<const Asked extends Question>(
    question: Asked,
    deadlineMs: number,
  ): Promise<AnswerTo<Asked['type']> | Refused> {
    if (this.#over !== null) throw this.#over
    const id = ++this.#last
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
    })
    this.#link.send({ type: 'ask', id, question })
    const told = await this.#within(answer, deadlineMs, `did not answer (${question.type})`)
    return told as AnswerTo<Asked['type']>
  }

  /** Nothing of ours runs there when it resolves, as far as the host can be reached. */
  async close(): Promise<void> {
    clearInterval(this.#pings)
    if (this.#over === null) await this.#link.close(0)
    else void this.#link.close(0)
  }

  #onMessage(message: FromAgent): void {
    if (!('type' in message)) return
    if (message.type === 'hello') {
      if (message.version !== protocolVersion) {
        this.#end('speaks another version of the protocol', null)
        return
      }
      this.#link.send({ type: 'watch', graceMs })
      this.#greet(message.facts)
    } else if (message.type === 'answer') {
      this.#asked.get(message.id)?.resolve(message.answer)
      this.#asked.delete(message.id)
    } else if (message.type === 'ping') {
      this.#link.send({ type: 'pong', t1: message.t1, t2: performance.now() })
    }
  }

  #end(reason: string, error: Error | null): void {
    this.#over ??= new Unreached(reason, error)
    this.#fail(this.#over)
    for (const { reject } of this.#asked.values()) reject(this.#over)
    this.#asked.clear()
  }

  #within<Result>(
    work: Promise<Result>,
    deadlineMs: number,
    late: string,
    moves: () => number = () => 0,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      let before = moves()
      const timer = setInterval(() => {
        const now = moves()
        if (now === before) {
          clearInterval(timer)
          reject(new Unreached(late, null))
        }
        before = now
      }, deadlineMs)
      work.then(resolve, reject).finally(() => clearInterval(timer))
    })
  }
}
