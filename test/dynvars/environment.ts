/** A user that is nothing but its variables. */
import type { Environment, FindFunction, ScenarioFunction } from '../../core/dynvars/environment.ts'
import type { Scope } from '../../core/dynvars/template.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { VariableNames, Variables } from '../../core/dynvars/variables.ts'
import { stream } from '../../core/random.ts'

export interface TestEnvironment extends Environment {
  readonly failed: string[]
}

export function scopeWith(functions: { readonly [name: string]: ScenarioFunction } = {}): Scope {
  const findFunction: FindFunction = (module, name) => functions[`${module}:${name}`] ?? null
  return { names: new VariableNames(), findFunction }
}

export function environmentWith(
  scope: Scope,
  values: { readonly [name: string]: Value } = {},
): TestEnvironment {
  const variables = new Variables(scope.names, 7)
  for (const [name, value] of Object.entries(values)) variables.set(scope.names.slot(name), value)
  const failed: string[] = []
  return {
    id: 7,
    server: { host: 'shop.example', port: 8080 },
    variables,
    random: stream('1'),
    nowMs: () => 0,
    functionFailed: (name, reason) => void failed.push(`${name}: ${reason}`),
    failed,
  }
}
