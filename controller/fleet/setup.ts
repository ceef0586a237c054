/** What a launcher is told before it starts. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Setup } from '../../core/wire/messages.ts'
import type { Assignment } from './model.ts'

/** @param graceMs how long it goes on without its controller */
export function setupOf(assignment: Assignment, plan: LauncherPlan, graceMs: number): Setup {
  const { scenario, arrivals, intervalMs } = assignment
  const seed = assignment.plan.seed
  return { scenario, plan, arrivals, seed, intervalMs, graceMs, ...pathsOn(assignment) }
}

/** Where the scenario's files lie for a launcher: on this machine, where they were found. */
function pathsOn({ folder, dataFiles }: Assignment): Pick<Setup, 'folder' | 'dataFiles'> {
  return { folder, dataFiles: Object.fromEntries(dataFiles.map(({ id, path }) => [id, path])) }
}
