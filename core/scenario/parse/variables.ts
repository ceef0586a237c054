/** Which variables a session sets and reads: one that is read and never set is told. */
import { userIdName } from '../../dynvars/variables.ts'
import type { Position } from '../model.ts'
import type { Report } from '../report.ts'
import { suggestion } from '../suggest.ts'

export class VariableUses {
  readonly #set = new Set<string>()
  readonly #read = new Map<string, Position>()

  /** Forgets the session before. */
  begin(): void {
    this.#set.clear()
    this.#set.add(userIdName)
    this.#read.clear()
  }

  sets(name: string): void {
    this.#set.add(name)
  }

  /** @param name may end with the index of an item: `name[2]` */
  reads(name: string, position: Position): void {
    if (!this.#read.has(name)) this.#read.set(name, position)
  }

  /** Tells what was read and is not set anywhere in the session. */
  tellUndefined(report: Report): void {
    const told = new Set<string>()
    for (const [read, position] of this.#read) {
      const name = this.#set.has(read) ? read : read.replace(/\[\d+\]$/, '')
      if (this.#set.has(name) || told.has(name)) continue
      told.add(name)
      const text = `nothing in the session sets the variable ${name}`
      report.warning('W_UNDEFINED_VARIABLE', text, position, suggestion(name, this.#set))
    }
  }
}
