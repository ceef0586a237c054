/** Whether what a module exports is a plugin: looked at once, when it is loaded. */
import { isPluginType } from '../core/scenario/unknown-types.ts'
import type { AnyPlugin } from './api.ts'
import type { ApiVersion } from './definition.ts'

/** The version of the API that this tsts has. */
export const apiVersion: ApiVersion = 1

/** A plugin with the version it was written for. */
export type LoadablePlugin = AnyPlugin & { readonly apiVersion: ApiVersion }

/**
 * The plugin of a module: its export `plugin`, or its default export.
 *
 * @throws {Error} when it has none, or one for another version of the API
 */
export function pluginOf(module: { readonly [name: string]: unknown }): LoadablePlugin {
  const found = module['plugin'] ?? module['default']
  if (found === undefined) {
    const names = Object.keys(module)
    const exported = names.length === 0 ? 'nothing' : names.join(', ')
    throw new Error(`it exports no plugin, but ${exported}: export const plugin = definePlugin(…)`)
  }
  const fault = shapeFault(found)
  if (fault !== null) throw new Error(fault)
  return found as LoadablePlugin
}

const calls = ['encode', 'decode'] as const
const texts = ['type', 'doc'] as const

/** Why something is no plugin; null: it is one. */
export function shapeFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return `it is no plugin, but ${kindOf(value)}`
  const plugin = value as { readonly [name: string]: unknown }
  const version = plugin['apiVersion']
  if (version !== apiVersion) {
    const said = version === undefined ? 'does not say its apiVersion' : `is for ${show(version)}`
    return `it ${said}, and this tsts has version ${apiVersion} of the API of plugins`
  }
  for (const name of calls) {
    if (typeof plugin[name] !== 'function') return `it has no function ${name}`
  }
  return declarationFault(plugin['declaration'])
}

function declarationFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'it has no declaration'
  const declaration = value as { readonly [name: string]: unknown }
  for (const name of texts) {
    if (typeof declaration[name] !== 'string') return `its ${name} is no text`
  }
  const type = declaration['type'] as string
  if (!isPluginType(type)) {
    return `its type is ${show(type)}: write ts_ and small letters, digits or _`
  }
  const elements = declaration['elements']
  if (!Array.isArray(elements) || elements.length === 0) return 'it declares no elements'
  for (const element of elements as readonly unknown[]) {
    const name = (element as { readonly name?: unknown } | null)?.name
    if (typeof name !== 'string' || !/^[a-z][\w.-]*$/.test(name)) {
      return `an element has the name ${show(name)}`
    }
  }
  for (const name of ['options', 'counters', 'transports'] as const) {
    const list = declaration[name]
    if (list !== undefined && !Array.isArray(list)) return `its ${name} are no list`
  }
  return null
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a ${typeof value}`
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
