/** Functions of Tsung that scenarios call by their Erlang names. Source: reference tsung-core.md, 2.3. */
import type { ScenarioFunction } from '../dynvars/environment.ts'

/** Null when there is none of that name. */
export function findBuiltin(module: string, name: string): ScenarioFunction | null {
  const functions = Object.hasOwn(builtins, module) ? builtins[module]! : {}
  return Object.hasOwn(functions, name) ? functions[name]! : null
}

const builtins: { readonly [module: string]: { readonly [name: string]: ScenarioFunction } } = {
  ts_user_server: {
    get_unique_id: ({ id }) => String(id),
    get_really_unique_id: (environment) =>
      `${Math.floor(environment.nowMs() / 1000)}-${environment.id}`,
  },
}
