/** From a file's name to a scenario that this version can play here, or to what forbids it. */

import type { Diagnostic } from '../core/scenario/errors.ts'
import type { Scenario } from '../core/scenario/model.ts'
import { diagnosticsText } from './diagnostics-text.ts'
import { type LoadedScenario, loadScenario } from './load-scenario.ts'
import { chosenSessions, type Playable, refusals, withoutUnchosen } from './playable.ts'
import type { RunIo, RunOptions } from './run-options.ts'

/**
 * Reads a scenario; tells everything that was found on standard error.
 *
 * @param file its path; `-`: standard input
 * @param choose the sessions that will be played
 * @returns null when it cannot be played: exit code 2
 * @throws {UsageError} when it cannot be read
 */
export async function loadPlayable(
  file: string,
  options: Pick<RunOptions, 'excludeTags' | 'plugins' | 'quiet'>,
  io: RunIo,
  choose: (scenario: Scenario) => Iterable<number> = chosenSessions,
): Promise<Playable | null> {
  const loaded = await loadFrom(file, options, io)
  const { scenario, expandedXml, sha256, folder, plugins } = loaded
  const chosen = new Set(scenario === null ? [] : choose(scenario))
  const found = loaded.diagnostics
  const forbidden = refusals(found, chosen)
  tell(options.quiet ? forbidden : found, loaded, io)
  if (scenario === null || forbidden.length > 0) return null
  return { scenario: withoutUnchosen(scenario, chosen), expandedXml, sha256, folder, plugins }
}

/**
 * Reads a scenario, whether it can be played or not; tells everything that was found on standard error.
 *
 * @returns null when it is none: exit code 2
 * @throws {UsageError} when it cannot be read
 */
export async function loadValid(
  file: string,
  options: Pick<RunOptions, 'excludeTags' | 'plugins'>,
  io: RunIo,
): Promise<Scenario | null> {
  const loaded = await loadFrom(file, options, io)
  tell(loaded.diagnostics, loaded, io)
  return loaded.scenario
}

async function loadFrom(
  file: string,
  { excludeTags, plugins }: Pick<RunOptions, 'excludeTags' | 'plugins'>,
  io: RunIo,
): Promise<LoadedScenario> {
  const stdin = file === '-' ? { stdin: await readAll(io.stdin) } : {}
  return loadScenario(file, { excludeTags, plugins, ...stdin })
}

function tell(found: readonly Diagnostic[], { sources }: LoadedScenario, io: RunIo): void {
  if (found.length > 0) io.stderr.write(diagnosticsText(found, sources, io.stderr))
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}
