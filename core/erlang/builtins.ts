/**
 * Functions of Tsung that scenarios call by their Erlang names. Source: reference tsung-core.md, 2.3.
 *
 * `ts_file_server:get_next_line` is not among them: Tsung inserts nothing there.
 */
import { hexDigest } from '../digest.ts'
import type { ScenarioFunction } from '../dynvars/environment.ts'

/** Null when there is none of that name. */
export function findBuiltin(module: string, name: string): ScenarioFunction | null {
  return builtins.get(`${module}:${name}`) ?? null
}

const builtins: ReadonlyMap<string, ScenarioFunction> = new Map<string, ScenarioFunction>([
  ['ts_user_server:get_unique_id', ({ id }) => String(id)],
  [
    'ts_user_server:get_really_unique_id',
    (environment) => `${Math.floor(environment.nowMs() / 1000)}-${environment.id}`,
  ],
  // Only `apply_to_content` gives them something to digest.
  ['ts_digest:md5hex', (_, content = '') => hexDigest('md5', content)],
  ['ts_digest:shahex', (_, content = '') => hexDigest('sha1', content)],
])
