/** The exchanges of one user: the one it plays with, and those that `<change_type store="true">` put aside. */
import type { Engine } from './engine.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeOwner } from './exchange-owner.ts'

export class UserExchanges {
  /** The plugin that plays now, e.g. `ts_http`. */
  type: string
  current: Exchange
  readonly #engine: Engine
  readonly #owner: ExchangeOwner
  /** By type; null: nothing was ever put aside. */
  #stored: Map<string, Exchange> | null

  constructor(engine: Engine, owner: ExchangeOwner, type: string) {
    this.type = type
    this.#engine = engine
    this.#owner = owner
    this.#stored = null
    this.current = this.#fresh(type)
  }

  /**
   * Goes on with another type.
   *
   * @param store keeps the present exchange, with its connection and the plugin's state, under its type; else it is closed
   * @param restore takes up what is kept under the new type, if there is anything; else everything begins anew
   */
  change(type: string, store: boolean, restore: boolean): void {
    const old = this.current
    const kept = restore ? this.#take(type) : null
    if (store) this.#put(this.type, old)
    else old.close()
    kept?.resume()
    this.current = kept ?? this.#fresh(type)
    this.current.link.adoptOptions(old.link)
    this.type = type
  }

  /** The user ends. */
  closeAll(): void {
    this.current.close()
    if (this.#stored === null) return
    for (const exchange of this.#stored.values()) exchange.close()
    this.#stored = null
  }

  #fresh(type: string): Exchange {
    const engine = this.#engine
    const plugin = engine.plugin(type)
    const pluginUser = plugin.newUser(this.#owner, engine.pluginOptions(type))
    return new Exchange(engine, this.#owner, plugin, pluginUser)
  }

  #take(type: string): Exchange | null {
    const kept = this.#stored?.get(type) ?? null
    this.#stored?.delete(type)
    return kept
  }

  #put(type: string, exchange: Exchange): void {
    this.#stored ??= new Map()
    this.#stored.get(type)?.close()
    this.#stored.set(type, exchange)
    exchange.store()
  }
}
