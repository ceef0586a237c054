import type { AnyPlugin } from '../plugins/api.ts'
import { http } from '../plugins/http/plugin.ts'
import { mqtt } from '../plugins/mqtt/plugin.ts'
import { raw } from '../plugins/raw/plugin.ts'
import { websocket } from '../plugins/websocket/plugin.ts'

/** The protocols this version plays, by session type. */
export const players: { readonly [type: string]: AnyPlugin } = {
  ts_http: http as AnyPlugin,
  ts_mqtt: mqtt as AnyPlugin,
  ts_raw: raw as AnyPlugin,
  ts_websocket: websocket as AnyPlugin,
}
