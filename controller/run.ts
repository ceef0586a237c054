/** `tsts run`: from a scenario's file to its report. */
import { exitCodes } from './exit-codes.ts'
import { loadPlayable } from './load-playable.ts'
import { play } from './play.ts'
import type { RunIo, RunOptions } from './run-options.ts'

/**
 * Plays a scenario and reports on it.
 *
 * @returns the exit code
 * @throws {UsageError} when the scenario cannot be read or the log folder cannot be written: nothing was run then
 */
export async function run(options: RunOptions, io: RunIo): Promise<number> {
  const playable = await loadPlayable(options.file, options, io)
  return playable === null ? exitCodes.unusable : play(playable, options, io)
}
