/** How hosts fare, from seconds in each of which only some of them tell. */
import type { HostSecond } from './host-record.ts'

/** A host that has told nothing for so long is left out, in ms: agents tell every 2 s. */
const silentMs = 10_000

export class LatestHosts {
  readonly #hosts = new Map<string, { readonly atMs: number; readonly told: HostSecond }>()

  /** @returns what each has told last */
  take(atMs: number, told: { readonly [host: string]: HostSecond } = {}): readonly HostSecond[] {
    for (const [host, each] of Object.entries(told)) this.#hosts.set(host, { atMs, told: each })
    for (const [host, last] of this.#hosts) {
      if (atMs - last.atMs > silentMs) this.#hosts.delete(host)
    }
    return [...this.#hosts.values()].map((last) => last.told)
  }
}
