/**
 * `<interaction>`: stopwatches over all users and launchers. A receive is measured from the last send under the same id,
 * by whichever user. Times are ms on our clock of the run: those that launchers tell are corrected by their skew.
 */
import { MutableSample } from '../../core/stats/sample.ts'

/** Sends that are kept of an id: a receive may belong to one that is not the last any more. */
const keptSends = 8
/** Receives that are kept of an id until the send that they belong to arrives. */
const keptReceives = 64
/** How much later than its receive a send may seem to be, ms, besides the errors of their clocks. */
const orderMs = 10

/** When a user did something, and how well that is known. */
export interface Moment {
  /** Index of the agent: launchers of one have one clock. */
  readonly host: number
  readonly atMs: number
  /** At most so much earlier or later. */
  readonly errorMs: number
}

/** Times between users of different hosts. */
export interface Compared {
  readonly count: number
  readonly medianMs: number
  /** The greatest error of any of them. */
  readonly errorMs: number
}

interface Stopwatch {
  /** Latest last. */
  readonly sends: Moment[]
  readonly receives: { readonly launcher: number; readonly moment: Moment }[]
}

export class Interactions {
  readonly #answer: (launcher: number, id: string, ms: number) => void
  readonly #stopwatches = new Map<string, Stopwatch>()
  /** Times between different hosts. */
  readonly #apart: MutableSample = new MutableSample('session')
  #errorMs = 0

  /** @param answer told of each receive whose send is known: the ms between them */
  constructor(answer: (launcher: number, id: string, ms: number) => void) {
    this.#answer = answer
  }

  /** Null: no users of different hosts were. */
  get compared(): Compared | null {
    const { count } = this.#apart
    if (count === 0) return null
    return { count, medianMs: this.#apart.percentile(50), errorMs: this.#errorMs }
  }

  send(id: string, moment: Moment): void {
    const { sends, receives } = this.#stopwatch(id)
    sends.push(moment)
    sends.sort((a, b) => a.atMs - b.atMs)
    if (sends.length > keptSends) sends.shift()
    for (const { launcher, moment } of receives.splice(0)) this.receive(launcher, id, moment)
  }

  receive(launcher: number, id: string, moment: Moment): void {
    const { sends, receives } = this.#stopwatch(id)
    const sent = sends.findLast(
      (each) => each.atMs <= moment.atMs + orderMs + errorBetween(each, moment),
    )
    if (sent !== undefined) {
      const ms = Math.max(0, moment.atMs - sent.atMs)
      this.#compare(sent, moment, ms)
      this.#answer(launcher, id, ms)
      return
    }
    receives.push({ launcher, moment })
    if (receives.length > keptReceives) receives.shift()
  }

  #compare(sent: Moment, received: Moment, ms: number): void {
    if (sent.host === received.host) return
    this.#apart.record(ms)
    this.#errorMs = Math.max(this.#errorMs, errorBetween(sent, received))
  }

  #stopwatch(id: string): Stopwatch {
    const known = this.#stopwatches.get(id)
    if (known !== undefined) return known
    const made: Stopwatch = { sends: [], receives: [] }
    this.#stopwatches.set(id, made)
    return made
  }
}

/** Of the time between two moments: nothing where one clock told both. */
function errorBetween(a: Moment, b: Moment): number {
  return a.host === b.host ? 0 : a.errorMs + b.errorMs
}
