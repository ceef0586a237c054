import type { Environment } from '../dynvars/environment.ts'
import { compileTemplate, renderTemplate, type Scope, type Template } from '../dynvars/template.ts'

/** Texts whose compiled form is kept: few, because users may have as many as there are values. */
const maxKept = 32

/** An expression that variables may be part of, compiled for the text it comes to. */
export class ChangingText<Compiled> {
  /** Null: it is always the same. */
  readonly #template: Template | null
  readonly #constant: Compiled
  readonly #compile: (bytes: string) => Compiled
  readonly #kept = new Map<string, Compiled>()

  /**
   * @param text Unicode
   * @param subst whether markers in it count
   * @param constant the text as it is, compiled
   * @param compile gets a byte string
   */
  constructor(
    text: string,
    subst: boolean,
    scope: Scope,
    constant: Compiled,
    compile: (bytes: string) => Compiled,
  ) {
    const template = subst ? compileTemplate(text, scope) : null
    this.#template = template === null || template.constant !== null ? null : template
    this.#constant = constant
    this.#compile = compile
  }

  get(environment: Environment): Compiled {
    if (this.#template === null) return this.#constant
    const text = renderTemplate(this.#template, environment)
    let compiled = this.#kept.get(text)
    if (compiled === undefined) {
      compiled = this.#compile(text)
      if (this.#kept.size >= maxKept) this.#kept.delete(this.#kept.keys().next().value!)
      this.#kept.set(text, compiled)
    }
    return compiled
  }
}
