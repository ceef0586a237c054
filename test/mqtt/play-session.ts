/** Plays a session of MQTT, written as in a scenario. */
import assert from 'node:assert/strict'
import type { AnyPlugin } from '../../plugins/api.ts'
import { mqtt } from '../../plugins/mqtt/plugin.ts'
import { readParts } from '../scenario/build.ts'
import { type Played, type PlayOptions, playUsers } from '../support/play.ts'

export interface SessionOptions extends PlayOptions {
  readonly serverType?: string
  readonly options?: string
  /** More attributes of the session. */
  readonly attributes?: string
}

/** @param session what stands in it */
export function playSession(
  session: string,
  port: number,
  { serverType = 'tcp', options = '', attributes = '', ...rest }: SessionOptions = {},
): Promise<Played> {
  const { scenario, diagnostics } = readParts({
    servers: `<server host="127.0.0.1" port="${port}" type="${serverType}"/>`,
    options,
    sessions: `<session name="s" probability="100" type="ts_mqtt" ${attributes}>${session}</session>`,
  })
  const faults = diagnostics.filter(({ severity }) => severity !== 'warning')
  assert.deepEqual(faults, [])
  return playUsers(scenario!, { plugins: { ts_mqtt: mqtt as AnyPlugin }, ...rest })
}

/** `<request><mqtt type=… …>…</mqtt></request>` with markers replaced. */
export function ask(type: string, attributes = '', content = '', before = ''): string {
  return `<request subst="true">${before}<mqtt type="${type}" ${attributes}>${content}</mqtt></request>`
}
