/** What text and functions of a scenario may know while they are evaluated: the virtual user they are evaluated for. */
import type { Value } from './value.ts'
import type { Variables } from './variables.ts'

export interface Environment {
  /** Unique in the run, from 1. */
  readonly id: number
  /** Where the user's next connection goes. */
  readonly server: { readonly host: string; readonly port: number }
  readonly variables: Variables
  /** Uniform in [0, 1), from the user's own stream. */
  random(): number
  /** Epoch ms, with fractions. */
  nowMs(): number
  /** A function of the scenario failed: it is counted, its value is nothing. */
  functionFailed(name: string, reason: string): void
}

/**
 * A function that a scenario calls: `%%module:function%%`, `callback`, `apply_to_content`, `code`.
 *
 * @param content only for `apply_to_content`: the answer, a byte string
 * @returns undefined when it has no value (told by `functionFailed` when that is a fault)
 */
export type ScenarioFunction = (environment: Environment, content?: string) => Value | undefined

/** Finds `module:function` among the scenario's JavaScript modules and the built-in ones; null when there is none. */
export type FindFunction = (module: string, name: string) => ScenarioFunction | null
