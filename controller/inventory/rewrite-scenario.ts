/** Puts `<clients>` into a scenario's file: every other byte stays, and the file is whole at any moment. */
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { loadScenario } from '../load-scenario.ts'
import { UsageError } from '../usage-error.ts'
import { type ClientAttributes, clientsText } from './client-lines.ts'
import { clientsPlace } from './clients-element.ts'

/**
 * @param targets values of `host`
 * @throws {UsageError} when the file cannot be read or written, or is not what it should be; it is as it was then
 */
export async function rewriteScenario(
  file: string,
  targets: readonly string[],
  attributes: ClientAttributes,
): Promise<void> {
  const { scenario } = await loadScenario(file)
  const bytes = readFileSync(file)
  if (/^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) {
    throw new UsageError(`${file} is in UTF-16: save it as UTF-8, then its clients can be replaced`)
  }
  const text = bytes.toString('latin1')
  const place = clientsPlace(text)
  if (place === null) throw new UsageError(`${file} is no scenario: tsts check ${file} tells why`)
  if (!place.isThere && (scenario?.clients.length ?? 0) > 0) {
    throw new UsageError(`${file}: <clients> comes from another file (an entity): replace it there`)
  }
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const clients = clientsText(targets, attributes, place.indent, lineEnd)
  const written = place.isThere ? clients : `${place.indent}${clients}${lineEnd}`
  await replace(
    realpathSync(file),
    [
      bytes.subarray(0, place.from),
      // Names of hosts may have letters that latin1 does not.
      Buffer.from(written, isLatin1(text) ? 'latin1' : 'utf8'),
      bytes.subarray(place.to),
    ],
    { targets, wasScenario: scenario !== null },
  )
}

/** What is written beside the file and read back as a scenario takes its place. */
async function replace(
  path: string,
  parts: readonly Buffer[],
  want: { readonly targets: readonly string[]; readonly wasScenario: boolean },
): Promise<void> {
  const fresh = join(dirname(path), `.${basename(path)}.tsts-${process.pid}`)
  try {
    writeFileSync(fresh, Buffer.concat(parts), { mode: statSync(path).mode & 0o7777 })
    const { scenario } = await loadScenario(fresh)
    const hosts = scenario?.clients.map(({ host }) => host) ?? []
    if (want.wasScenario && hosts.join('\n') !== want.targets.join('\n')) {
      throw new UsageError(`${path} would not be a scenario with these clients; it is as it was`)
    }
    renameSync(fresh, path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`, { cause: error })
  } finally {
    rmSync(fresh, { force: true })
  }
}

function isLatin1(text: string): boolean {
  return /^<\?xml[^>]*encoding\s*=\s*["']iso-8859-1["']/i.test(text)
}
