import { diagnosticsText } from '../diagnostics-text.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadScenario } from '../load-scenario.ts'
import type { RunIo } from '../run-options.ts'

/**
 * Tells on standard output everything that is wrong with a scenario.
 *
 * @param file its path; `-`: standard input
 * @param plugins paths of those that do not lie beside it
 * @returns 0, or 2 when there is an error
 * @throws {UsageError} when the file cannot be read
 */
export async function check(
  file: string,
  io: Pick<RunIo, 'stdin' | 'stdout'>,
  plugins: readonly string[] = [],
): Promise<number> {
  const loaded =
    file === '-'
      ? await loadScenario(file, { plugins, stdin: await readAll(io.stdin) })
      : await loadScenario(file, { plugins })
  const { scenario, sources } = loaded
  const found = loaded.diagnostics
  if (found.length > 0) io.stdout.write(diagnosticsText(found, sources, io.stdout))
  if (scenario === null) return exitCodes.unusable
  const { sessions, servers, load } = scenario
  const parts = [
    counted(sessions.length, 'session'),
    counted(servers.length, 'server'),
    counted(load.phases.length, 'phase'),
    ...(load.users.length > 0 ? [counted(load.users.length, 'static user')] : []),
  ]
  io.stdout.write(`${scenario.file}: a valid scenario, ${parts.join(', ')}\n`)
  return exitCodes.ok
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}
