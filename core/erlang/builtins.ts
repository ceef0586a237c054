/**
 * Functions that scenarios call by their Erlang names. Source: reference tsung-core.md, 2.3.
 *
 * `ts_file_server:get_next_line` is not among them: Tsung inserts nothing there.
 */
import { hexDigest } from '../digest.ts'
import type { ScenarioFunction } from '../dynvars/environment.ts'
import { decodeBase64, encodeBase64 } from './library/web.ts'

/** Null when there is none of that name. */
export function findBuiltin(module: string, name: string): ScenarioFunction | null {
  return builtins.get(`${module}:${name}`) ?? null
}

const builtins: ReadonlyMap<string, ScenarioFunction> = new Map([
  ['ts_user_server:get_unique_id', ({ id }) => String(id)],
  [
    'ts_user_server:get_really_unique_id',
    (environment) => `${Math.floor(environment.nowMs() / 1000)}-${environment.id}`,
  ],
  forContent('ts_digest:md5hex', (content) => hexDigest('md5', content)),
  forContent('ts_digest:shahex', (content) => hexDigest('sha1', content)),
  forContent('base64:encode', encodeBase64),
  forContent('base64:decode', decodeBase64),
])

/**
 * A function for `apply_to_content` alone: elsewhere there is nothing that it could be applied to.
 *
 * @param apply null: the content is none that it takes
 */
function forContent(
  name: string,
  apply: (content: string) => string | null,
): [string, ScenarioFunction] {
  const call: ScenarioFunction = (environment, content) => {
    const value = content === undefined ? null : apply(content)
    if (value !== null) return value
    environment.functionFailed(name, content === undefined ? 'there is no content' : 'badarg')
    return undefined
  }
  return [name, call]
}
