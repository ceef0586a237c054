/** The protocols that `help` and `schema` tell of. */
import type { PluginDeclaration } from '../../plugins/api.ts'
import { loadScenario } from '../load-scenario.ts'
import { Plugins } from '../plugins/plugins.ts'
import { UsageError } from '../usage-error.ts'

/**
 * Ours, those of `paths`, and those that the sessions of a scenario lead to.
 *
 * @param scenario its path; null: none
 * @throws {UsageError} when a plugin cannot be used, or the scenario cannot be read
 */
export async function knownDeclarations(
  scenario: string | null,
  paths: readonly string[],
): Promise<readonly PluginDeclaration[]> {
  if (scenario === null) return (await Plugins.given(paths)).declarations
  const loaded = await loadScenario(scenario, { plugins: paths })
  const fault = loaded.diagnostics.find(({ code }) => code === 'E_PLUGIN')
  if (fault !== undefined) throw new UsageError(`${scenario}: ${fault.text} (${fault.hint ?? ''})`)
  return loaded.declarations
}
