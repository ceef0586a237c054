/** What a launcher is told before it starts. */
import { tokenOf } from '../../core/deliveries/token.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { LauncherCommand, Setup } from '../../core/wire/messages.ts'
import type { Numbered } from '../../core/wire/outbox.ts'
import type { Told } from '../journal.ts'
import type { Assignment, SentFile } from './model.ts'

/** Messages that a run has compared in a second, over its launchers; each of these has one at least. */
export const comparedPerSecond = 20

/**
 * @param host index of its host
 * @param graceMs how long it goes on without its controller
 * @param pathOf where a file lies for the launcher
 */
export function setupOf(
  assignment: Assignment,
  plan: LauncherPlan,
  host: number,
  graceMs: number,
  pathOf: (file: SentFile) => string = ({ path }) => path,
): Setup {
  const { scenario, arrivals, intervalMs, folder, run } = assignment
  const seed = assignment.plan.seed
  const dataFiles = Object.fromEntries(assignment.dataFiles.map((file) => [file.id, pathOf(file)]))
  const named = (assignment.namedFiles ?? []).map((path) => [path, pathOf({ path })] as const)
  // What lies where it is need not be said.
  const files = Object.fromEntries(named.filter(([path, there]) => path !== there))
  const plugins = (assignment.plugins ?? []).map((plugin) => {
    return { type: plugin.type, path: pathOf(plugin), sha256: plugin.sha256 }
  })
  const share = Math.floor(comparedPerSecond / Math.max(1, assignment.plan.launchers.length))
  const stamps = { token: tokenOf(run), host, comparedPerSecond: Math.max(1, share) }
  const shared = { scenario, arrivals, seed, intervalMs, folder, dataFiles, files, plugins }
  return { ...shared, stamps, plan, graceMs }
}

/** It is long, and who plays has it. */
export function withoutSetup(message: Numbered<LauncherCommand>): Told['message'] {
  return message.type === 'setup' ? { type: 'setup', n: message.n } : message
}
