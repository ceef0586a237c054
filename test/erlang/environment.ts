import type { Environment } from '../../core/dynvars/environment.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { userIdName, VariableNames, Variables } from '../../core/dynvars/variables.ts'
import { stream } from '../../core/random.ts'

/** User 17 of a test. @param failures gets `name: reason` of each function that fails */
export function environment(
  variables: { readonly [name: string]: Value } = {},
  failures: string[] = [],
): Environment {
  const names = new VariableNames()
  names.slot(userIdName)
  for (const name of Object.keys(variables)) names.slot(name)
  const known = new Variables(names, 17)
  for (const [name, value] of Object.entries(variables)) known.set(names.slot(name), value)
  return {
    id: 17,
    server: { host: '127.0.0.1', port: 80 },
    variables: known,
    random: stream(1, 'erlang'),
    nowMs: () => 1_700_000_000_123.5,
    functionFailed: (name, reason) => {
      failures.push(`${name}: ${reason}`)
    },
  }
}
