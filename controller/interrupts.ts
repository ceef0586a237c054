/** Ctrl-C and its kin, counted: the first asks for an end in order, the second for an end at once. */
const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `process`, or what stands for it in a test. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export class Interrupts {
  readonly #source: SignalSource
  readonly #onInterrupt: (count: number, signal: NodeJS.Signals) => void
  readonly #signals: readonly NodeJS.Signals[]
  #count = 0

  /** @param onInterrupt told of each, with how many there were */
  constructor(
    source: SignalSource,
    onInterrupt: (count: number, signal: NodeJS.Signals) => void,
    signals: readonly NodeJS.Signals[] = ends,
  ) {
    this.#source = source
    this.#onInterrupt = onInterrupt
    this.#signals = signals
    for (const signal of signals) source.on(signal, this.#listener)
  }

  get count(): number {
    return this.#count
  }

  close(): void {
    for (const signal of this.#signals) this.#source.off(signal, this.#listener)
  }

  readonly #listener = (signal: NodeJS.Signals): void => {
    this.#onInterrupt(++this.#count, signal)
  }
}
