import type { Environment } from '../../core/dynvars/environment.ts'
import { compileTemplate, renderTemplate, type Template } from '../../core/dynvars/template.ts'
import { VariableNames, Variables } from '../../core/dynvars/variables.ts'
import { findBuiltin } from '../../core/erlang/builtins.ts'
import { rsaSha1Signer } from '../../launcher/rsa-sha1.ts'
import type { CompileContext, Endpoint, Json, UserView } from '../../plugins/api.ts'

/** A virtual user as plugins see it: always number 7, at the same moment, drawing 0.5. */
export class PluginUser implements UserView, Environment {
  readonly id = 7
  server: Endpoint
  readonly variables: Variables
  readonly failed: string[] = []
  /** Streams that were stamped, in order. */
  readonly stamped: string[] = []

  constructor(
    server: Endpoint,
    variables: { readonly [name: string]: string } = {},
    names: VariableNames = new VariableNames(),
  ) {
    this.server = server
    this.variables = new Variables(names, this.id)
    for (const [name, text] of Object.entries(variables)) this.variables.set(names.slot(name), text)
  }

  random(): number {
    return 0.5
  }

  nowMs(): number {
    return 1_750_000_000_500
  }

  render(template: Template): string {
    return renderTemplate(template, this)
  }

  /** The n-th of all: `@@@n@@@`. */
  stamp(stream: string): string {
    return `@@@${this.stamped.push(stream)}@@@`
  }

  functionFailed(name: string): void {
    this.failed.push(name)
  }
}

export function compileContext(
  names: VariableNames,
  options: Json = null,
  subst: CompileContext['subst'] = 'false',
): CompileContext {
  const scope = { names, findFunction: findBuiltin }
  return { options, subst, template: (text) => compileTemplate(text, scope), rsaSha1Signer }
}
