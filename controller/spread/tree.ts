/**
 * Who brings a file to whom, so that the controller sends it once: the first host gets it directly, those that have it
 * give it on.
 *
 * ```
 * wanted --nobody has it, nobody is being sent it--> sent directly --> has it: gives it on
 *        --somebody has it and is free------------> fetched ---------> has it: gives it on
 *                                 '--twice in vain--> sent directly
 * ```
 */
import type { FileOffer } from '../../core/wire/messages.ts'

/** A host that has files. */
export interface Giver {
  readonly host: string
  /** Makes the file ready for one download. @throws when it cannot */
  give(sha256: string): Promise<FileOffer>
  /** Nobody needs anything of it any more. */
  close(): void
}

/** How one host gets one file. */
export interface Ways {
  /** From another host. @throws when it could not be fetched */
  fetch(offer: FileOffer, from: string): Promise<void>
  /** From the controller. */
  send(): Promise<void>
}

/** Downloads that a host gives at a time. */
const fanOut = 2
/** After so many vain attempts and none that worked, hosts are taken not to reach each other. */
const maxInVain = 4
/** Hosts that are tried before the controller sends the file itself. */
const maxAttempts = 2

interface Gift {
  readonly givers: Map<Giver, number>
  /** Hosts that are being sent it directly because nobody had it. */
  readonly roots: Set<string>
}

export class SpreadTree {
  readonly #gifts = new Map<string, Gift>()
  readonly #onFallback: (text: string) => void
  /** Of which nothing is known yet; null: nobody said which there are. */
  readonly #expected: Set<string> | null
  readonly #givers = new Set<Giver>()
  #waiting: (() => void)[] = []
  #inVain = 0
  #worked = false

  /**
   * @param onFallback told why a host did not get its file from another one
   * @param hosts all that will come; once each was told of, givers are closed. Default: they end with their connections
   */
  constructor(
    onFallback: (text: string) => void = () => undefined,
    hosts: readonly string[] | null = null,
  ) {
    this.#onFallback = onFallback
    this.#expected = hosts === null ? null : new Set(hosts)
  }

  /**
   * Brings a file to a host that lacks it. Afterwards the host has to be told of by `ready` or `failed`.
   *
   * @returns the host that gave it; null: the controller sent it
   * @throws what `send` throws
   */
  async bring(host: string, sha256: string, ways: Ways): Promise<string | null> {
    const gift = this.#gift(sha256)
    for (let attempt = 0; attempt < maxAttempts && !this.#isHopeless(); ) {
      const giver = freest(gift)
      if (giver !== null) {
        attempt++
        if (await this.#fetched(host, sha256, giver, ways)) return giver.host
      } else if (gift.givers.size === 0 && gift.roots.size === 0) {
        gift.roots.add(host)
        break
      } else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    await ways.send()
    return null
  }

  /** The host has these files and gives them on. @param giver null: it cannot */
  ready(host: string, giver: Giver | null, files: readonly string[]): void {
    if (giver !== null) {
      this.#givers.add(giver)
      for (const sha256 of files) this.#gift(sha256).givers.set(giver, 0)
    }
    this.failed(host)
  }

  /** Nothing comes of the host: others do not wait for it. */
  failed(host: string): void {
    for (const { roots } of this.#gifts.values()) roots.delete(host)
    this.#notify()
    this.#expected?.delete(host)
    if (this.#expected?.size !== 0) return
    for (const giver of this.#givers) giver.close()
    this.#givers.clear()
  }

  async #fetched(host: string, sha256: string, giver: Giver, ways: Ways): Promise<boolean> {
    const { givers } = this.#gift(sha256)
    givers.set(giver, (givers.get(giver) ?? 0) + 1)
    try {
      await ways.fetch(await giver.give(sha256), giver.host)
      this.#worked = true
      return true
    } catch (error) {
      this.#inVain++
      this.#onFallback(`${host} did not get a file from ${giver.host}: ${(error as Error).message}`)
      return false
    } finally {
      const left = (givers.get(giver) ?? 1) - 1
      if (givers.has(giver)) givers.set(giver, left)
      this.#notify()
    }
  }

  #isHopeless(): boolean {
    return !this.#worked && this.#inVain >= maxInVain
  }

  #gift(sha256: string): Gift {
    const known = this.#gifts.get(sha256)
    if (known !== undefined) return known
    const made: Gift = { givers: new Map(), roots: new Set() }
    this.#gifts.set(sha256, made)
    return made
  }

  #notify(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** The one that gives least now; null: all give as much as they may. */
function freest({ givers }: Gift): Giver | null {
  let least: Giver | null = null
  let count = fanOut
  for (const [giver, active] of givers) {
    if (active >= count) continue
    least = giver
    count = active
  }
  return least
}
