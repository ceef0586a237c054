/** The variables of one virtual user, in slots that were numbered when its session was compiled. */
import type { Value } from './value.ts'

/** The one variable that every user has. Source: reference tsung-core.md, 2.3. */
export const userIdName: string = 'tsung_userid'
const userIdSlot = 0

/** The names that occur in a session, each with its slot; `tsung_userid` is always the first. */
export class VariableNames {
  readonly #slots = new Map<string, number>([[userIdName, userIdSlot]])
  readonly #names: string[] = [userIdName]

  /** The slot of a name, given out on first use. */
  slot(name: string): number {
    let slot = this.#slots.get(name)
    if (slot === undefined) {
      slot = this.#names.push(name) - 1
      this.#slots.set(name, slot)
    }
    return slot
  }

  /** Undefined when no session says the name. */
  find(name: string): number | undefined {
    return this.#slots.get(name)
  }

  get names(): readonly string[] {
    return this.#names
  }
}

export class Variables {
  readonly names: VariableNames
  readonly #values: (Value | undefined)[] = []

  constructor(names: VariableNames, userId: number) {
    this.names = names
    this.#values[userIdSlot] = String(userId)
  }

  get(slot: number): Value | undefined {
    return this.#values[slot]
  }

  /** Undefined: as if it had never been set. */
  set(slot: number, value: Value | undefined): void {
    this.#values[slot] = value
  }

  /** For functions that look names up at run time. */
  named(name: string): Value | undefined {
    const slot = this.names.find(name)
    return slot === undefined ? undefined : this.#values[slot]
  }

  /** Those that are set, in order of their first mention. */
  entries(): readonly (readonly [name: string, value: Value])[] {
    return this.names.names.flatMap((name, slot) => {
      const value = this.#values[slot]
      return value === undefined ? [] : [[name, value] as const]
    })
  }
}
