/** What a plugin throws when a peer breaks its protocol, or a request cannot be asked. */
import type { AnyPlugin, UserView } from '../plugins/api.ts'

export interface PluginFault {
  /** The counter. */
  readonly code: string
  readonly message: string
}

/** Known by its code: a plugin may carry its own `ProtocolError`. @throws what is anything else: a defect of ours */
export function pluginFault(error: unknown): PluginFault {
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  if (typeof code !== 'string' || !code.startsWith('error_')) throw error
  return { code, message }
}

/** Null: the request can be asked. */
export function prepare(
  plugin: AnyPlugin,
  request: unknown,
  pluginUser: unknown,
  view: UserView,
): PluginFault | null {
  if (plugin.prepare === undefined) return null
  try {
    plugin.prepare(request, pluginUser, view)
    return null
  } catch (error) {
    return pluginFault(error)
  }
}
