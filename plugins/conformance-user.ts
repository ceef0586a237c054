/** The virtual user of the conformance suite: everything about it follows from its id. */
import { stampPrefix, stampText } from '../core/deliveries/stamp.ts'
import type { Environment } from '../core/dynvars/environment.ts'
import { renderTemplate, type Template } from '../core/dynvars/template.ts'
import { type VariableNames, Variables } from '../core/dynvars/variables.ts'
import { type Rng, stream } from '../core/random.ts'
import type { Endpoint, UserView } from './api.ts'

/** Of the run that the users of the suite play in. */
export const conformanceToken: string = 'suite'

const home: Endpoint = { host: 'target.example', port: 8080, transport: 'tcp' }

export class ConformanceUser implements UserView, Environment {
  readonly id: number
  readonly variables: Variables
  server: Endpoint = home
  readonly #random: Rng
  #stamps = 0

  /**
   * @param values texts of variables, by name
   * @param changed the name of the one that has another value
   */
  constructor(
    id: number,
    names: VariableNames,
    values: { readonly [name: string]: string },
    changed: string | null,
  ) {
    this.id = id
    this.variables = new Variables(names, id)
    for (const [name, value] of Object.entries(values)) {
      this.variables.set(names.slot(name), name === changed ? `${value}2` : value)
    }
    this.#random = stream('conformance', 'user', id)
  }

  moveTo(server: Endpoint | null): void {
    if (server !== null) this.server = server
  }

  random(): number {
    return this.#random()
  }

  nowMs(): number {
    return 1_750_000_000_000 + this.id
  }

  render(template: Template): string {
    return renderTemplate(template, this)
  }

  /** One stream is like another here. */
  stamp(): string {
    return stampText(stampPrefix(conformanceToken, 0, this.id, 0), ++this.#stamps, false, 1000)
  }

  functionFailed(name: string, reason: string): never {
    throw new Error(`conformance: ${name} failed: ${reason}`)
  }
}
