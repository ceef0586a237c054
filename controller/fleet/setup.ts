/** What a launcher is told before it starts. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Setup } from '../../core/wire/messages.ts'
import type { Assignment, DataFile } from './model.ts'

/**
 * @param graceMs how long it goes on without its controller
 * @param pathOf where a data file lies for the launcher
 */
export function setupOf(
  assignment: Assignment,
  plan: LauncherPlan,
  graceMs: number,
  pathOf: (file: DataFile) => string = ({ path }) => path,
): Setup {
  const { scenario, arrivals, intervalMs, folder } = assignment
  const seed = assignment.plan.seed
  const dataFiles = Object.fromEntries(assignment.dataFiles.map((file) => [file.id, pathOf(file)]))
  return { scenario, plan, arrivals, seed, intervalMs, graceMs, folder, dataFiles }
}
