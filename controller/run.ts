/** `tsts run`: from a scenario's file to its report. */
import { withBatchHosts } from './batch-hosts.ts'
import { exitCodes } from './exit-codes.ts'
import { loadPlayable } from './load-playable.ts'
import { play } from './play.ts'
import type { RunIo, RunOptions } from './run-options.ts'
import { checkThresholds } from './thresholds/flags.ts'

/**
 * Plays a scenario and reports on it.
 *
 * @returns the exit code
 * @throws {UsageError} when the scenario cannot be read or the log folder cannot be written: nothing was run then
 */
export async function run(options: RunOptions, io: RunIo): Promise<number> {
  const playable = await loadPlayable(options.file, options, io)
  if (playable === null) return exitCodes.unusable
  const { scenario } = playable
  checkThresholds(options.judge.thresholds, scenario, playable.plugins)
  const onHosts = options.local ? scenario : withBatchHosts(scenario, process.env)
  return play({ ...playable, scenario: onHosts }, options, io)
}
