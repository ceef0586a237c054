import { lookup } from 'node:dns'
import { isIP } from 'node:net'

/** An address, or why there is none. */
export type Resolved = { readonly address: string } | { readonly reason: 'nxdomain' }

const keepMs = 60_000

/**
 * Names of targets to addresses, asked once a minute and name: a lookup per connection would go through a handful of
 * threads and be slower than the connection.
 */
export class Resolver {
  readonly #known = new Map<string, { readonly address: string; readonly untilMs: number }>()
  readonly #waiting = new Map<string, ((resolved: Resolved) => void)[]>()

  /** The address if it is known now, else null. */
  now(host: string, family: 4 | 6): string | null {
    if (isIP(host) !== 0) return host
    const known = this.#known.get(`${host}/${family}`)
    return known !== undefined && known.untilMs > performance.now() ? known.address : null
  }

  resolve(host: string, family: 4 | 6, done: (resolved: Resolved) => void): void {
    const key = `${host}/${family}`
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.push(done)
      return
    }
    this.#waiting.set(key, [done])
    lookup(host, { family }, (error, address) => {
      const callers = this.#waiting.get(key) ?? []
      this.#waiting.delete(key)
      if (error === null) {
        this.#known.set(key, { address, untilMs: performance.now() + keepMs })
      }
      for (const caller of callers) caller(error === null ? { address } : { reason: 'nxdomain' })
    })
  }
}
