/** What a launcher is told before it starts. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Setup } from '../../core/wire/messages.ts'
import type { Assignment, SentFile } from './model.ts'

/**
 * @param graceMs how long it goes on without its controller
 * @param pathOf where a file lies for the launcher
 */
export function setupOf(
  assignment: Assignment,
  plan: LauncherPlan,
  graceMs: number,
  pathOf: (file: SentFile) => string = ({ path }) => path,
): Setup {
  const { scenario, arrivals, intervalMs, folder } = assignment
  const seed = assignment.plan.seed
  const dataFiles = Object.fromEntries(assignment.dataFiles.map((file) => [file.id, pathOf(file)]))
  const named = (assignment.namedFiles ?? []).map((path) => [path, pathOf({ path })] as const)
  // What lies where it is need not be said.
  const files = Object.fromEntries(named.filter(([path, there]) => path !== there))
  const plugins = (assignment.plugins ?? []).map((plugin) => {
    return { type: plugin.type, path: pathOf(plugin), sha256: plugin.sha256 }
  })
  const shared = { scenario, arrivals, seed, intervalMs, folder, dataFiles, files, plugins }
  return { ...shared, plan, graceMs }
}
