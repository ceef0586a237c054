/** `websocket_…` and `bosh_…`: options of server types. Source: reference tsung-protocols.md, 5.4 and 7. */
import type { StreamOptions } from '../model.ts'
import type { Named } from './options.ts'

export function streamOptionsOf(named: Named): StreamOptions {
  const value = (name: string): string | null => named(name).at(-1)?.attributes.get('value') ?? null
  return {
    websocket: {
      path: value('websocket_path') ?? '/chat',
      frame: value('websocket_frame') === 'text' ? 'text' : 'binary',
      subprotocols: value('websocket_subprotocols'),
      origin: value('websocket_origin'),
    },
    bosh: { path: value('bosh_path') ?? '/http-bind/' },
  }
}
