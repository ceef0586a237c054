/** Request times by transaction and by tag: as many as the scenario names, within the bound of the recorder's names. */
import type { MutableSample } from '../core/stats/sample.ts'

/** Where samples are kept by name; beyond the bound under `other`. */
interface Samples {
  sample(name: string): MutableSample
}

export class Dimension {
  /** Counter of the requests that got no whole answer. */
  readonly failed: string
  readonly #samples: Samples
  readonly #name: string
  #request: MutableSample | null = null
  #response: MutableSample | null = null

  /** @param name `tr_NAME` or `tag_NAME` */
  constructor(name: string, samples: Samples) {
    this.failed = `failed.${name}`
    this.#samples = samples
    this.#name = name
  }

  /** Metrics are made on their first value. */
  record(requestMs: number, responseMs: number): void {
    this.#request ??= this.#samples.sample(`request.${this.#name}`)
    this.#response ??= this.#samples.sample(`response.${this.#name}`)
    this.#request.record(requestMs)
    this.#response.record(responseMs)
  }
}

export class Dimensions {
  readonly #samples: Samples
  readonly #transactions = new Map<string, Dimension>()
  readonly #tags = new Map<string, Dimension>()

  constructor(samples: Samples) {
    this.#samples = samples
  }

  /** @param transaction `tr_NAME` */
  ofTransaction(transaction: string): Dimension {
    return this.#transactions.get(transaction) ?? this.#add(this.#transactions, transaction, '')
  }

  ofTag(tag: string): Dimension {
    return this.#tags.get(tag) ?? this.#add(this.#tags, tag, 'tag_')
  }

  #add(known: Map<string, Dimension>, name: string, prefix: string): Dimension {
    const made = new Dimension(prefix + name, this.#samples)
    known.set(name, made)
    return made
  }
}
