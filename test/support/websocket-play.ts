/** Plays one session of type ts_websocket in this process. */

import type { AnyPlugin } from '../../plugins/api.ts'
import { websocket } from '../../plugins/websocket/plugin.ts'
import { scenarioOf } from '../scenario/build.ts'
import { type Played, type PlayOptions, playUsers } from './play.ts'

export interface SessionPlay extends PlayOptions {
  readonly attributes?: string
  readonly options?: string
  readonly serverType?: string
}

/** @param session requests and the like, as XML */
export function playSession(
  session: string,
  port: number,
  play: SessionPlay = {},
): Promise<Played> {
  const { attributes = '', serverType = 'tcp', options = '', ...rest } = play
  const scenario = scenarioOf({
    servers: `<server host="127.0.0.1" port="${port}" type="${serverType}"/>`,
    options,
    sessions: `<session name="s" probability="100" type="ts_websocket" ${attributes}>${session}</session>`,
  })
  return playUsers(scenario, { plugins: { ts_websocket: websocket as AnyPlugin }, ...rest })
}

/** A `<request>` with a `<websocket>`. */
export function ask(type: string, attributes = '', text = '', checks = ''): string {
  return `<request subst="true">${checks}<websocket type="${type}" ${attributes}>${text}</websocket></request>`
}

export const connect: string = ask('connect', 'path="/"')
export const close: string = ask('close')

export function message(text: string, attributes = '', checks = ''): string {
  return ask('message', attributes, text, checks)
}

export function think(ms: number): string {
  return `<thinktime value="${ms / 1000}"/>`
}

/** Requests issued, acknowledged, failed, not acknowledged. */
export function booksOf({ counters }: Played): readonly number[] {
  const names = ['tsts_issued', 'tsts_acknowledged', 'tsts_failed', 'request_noack']
  return names.map((name) => counters[name] ?? 0)
}

export function errorsOf({ counters }: Played): { readonly [name: string]: number } {
  return Object.fromEntries(Object.entries(counters).filter(([name]) => name.startsWith('error_')))
}

export function hit(pattern: string): string {
  return `<match do="log" when="match">${pattern}</match>`
}
