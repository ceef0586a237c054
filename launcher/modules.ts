/**
 * JavaScript modules beside a scenario: `%%name:function%%`, `callback`, `apply_to_content`.
 *
 * A function is called as `f(variables, user, content)` and returns a string, a number, a boolean, a list of such, or
 * nothing. What it throws, and a promise, is told by `functionFailed`.
 */
import { byteString } from '../core/byte-string.ts'
import type { Environment, FindFunction, ScenarioFunction } from '../core/dynvars/environment.ts'
import type { Value } from '../core/dynvars/value.ts'
import type { ScriptModule } from '../core/scenario/model.ts'

/** What a function of a module is told of the user it is called for. */
export interface ScriptUser {
  readonly id: number
  readonly server: { readonly host: string; readonly port: number }
  /** Uniform in [0, 1), from the user's own stream. */
  random(): number
}

/** By name: a string, or nested lists of strings; a character per byte. */
export type ScriptVariables = { readonly [name: string]: Value }

/** Lists in lists in a result, at most. */
const maxDepth = 20

/**
 * Loads the modules; their functions come before those of `builtIn`.
 *
 * @throws when a module cannot be loaded, with its name
 */
export async function loadModules(
  modules: readonly ScriptModule[],
  builtIn: FindFunction,
): Promise<FindFunction> {
  const loaded = new Map<string, { readonly [name: string]: unknown }>()
  for (const { name, source } of modules) loaded.set(name, await load(name, source))
  const known = new Map<unknown, ScenarioFunction>()
  return (module, name) => {
    const found = loaded.get(module)?.[name]
    if (typeof found !== 'function') return builtIn(module, name)
    let called = known.get(found)
    if (called === undefined) {
      called = scenarioFunction(`${module}:${name}`, found as (...values: unknown[]) => unknown)
      known.set(found, called)
    }
    return called
  }
}

async function load(name: string, source: string): Promise<{ readonly [name: string]: unknown }> {
  const base64 = Buffer.from(source, 'utf8').toString('base64')
  try {
    return await import(`data:text/javascript;base64,${base64}#${encodeURIComponent(name)}`)
  } catch (error) {
    throw new Error(`module ${name} cannot be loaded: ${reasonOf(error)}`, { cause: error })
  }
}

function scenarioFunction(
  name: string,
  called: (...values: unknown[]) => unknown,
): ScenarioFunction {
  return (environment, content) => {
    try {
      const { id, server } = environment
      const user: ScriptUser = {
        id,
        server: { host: server.host, port: server.port },
        random: () => environment.random(),
      }
      const result = called(variablesOf(environment), user, content)
      return result === undefined || result === null ? undefined : asValue(result, 0)
    } catch (error) {
      environment.functionFailed(name, reasonOf(error))
      return undefined
    }
  }
}

function variablesOf({ variables }: Environment): ScriptVariables {
  const byName: Record<string, Value> = Object.create(null)
  for (const [name, value] of variables.entries()) byName[name] = value
  return byName
}

/** @throws when it is nothing that a variable can hold */
function asValue(result: unknown, depth: number): Value {
  switch (typeof result) {
    case 'string':
      return byteString(result)
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(result)
    default:
      break
  }
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw new TypeError('it returned a promise: a user cannot wait for it')
  }
  if (!Array.isArray(result) || depth >= maxDepth) {
    throw new TypeError(`it returned ${Array.isArray(result) ? 'lists too deep' : typeof result}`)
  }
  return result.map((item) => asValue(item ?? '', depth + 1))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
