/**
 * `<interaction>`: stopwatches over all users and launchers. A receive is measured from the last send under the same id,
 * by whichever user. Times are ms on the clock of the run, which all launchers share but for a few ms.
 */

/** Sends that are kept of an id: a receive may belong to one that is not the last any more. */
const keptSends = 8
/** Receives that are kept of an id until the send that they belong to arrives. */
const keptReceives = 64
/** How much later than its receive a send may seem to be, ms. */
const skewMs = 10

interface Stopwatch {
  /** Latest last. */
  readonly sendsMs: number[]
  readonly receives: { readonly launcher: number; readonly atMs: number }[]
}

export class Interactions {
  readonly #answer: (launcher: number, id: string, ms: number) => void
  readonly #stopwatches = new Map<string, Stopwatch>()

  /** @param answer told of each receive whose send is known: the ms between them */
  constructor(answer: (launcher: number, id: string, ms: number) => void) {
    this.#answer = answer
  }

  send(id: string, atMs: number): void {
    const { sendsMs, receives } = this.#stopwatch(id)
    sendsMs.push(atMs)
    sendsMs.sort((a, b) => a - b)
    if (sendsMs.length > keptSends) sendsMs.shift()
    for (const { launcher, atMs } of receives.splice(0)) this.receive(launcher, id, atMs)
  }

  receive(launcher: number, id: string, atMs: number): void {
    const { sendsMs, receives } = this.#stopwatch(id)
    const sentMs = sendsMs.findLast((each) => each <= atMs + skewMs)
    if (sentMs !== undefined) {
      this.#answer(launcher, id, Math.max(0, atMs - sentMs))
      return
    }
    receives.push({ launcher, atMs })
    if (receives.length > keptReceives) receives.shift()
  }

  #stopwatch(id: string): Stopwatch {
    const known = this.#stopwatches.get(id)
    if (known !== undefined) return known
    const made: Stopwatch = { sendsMs: [], receives: [] }
    this.#stopwatches.set(id, made)
    return made
  }
}
