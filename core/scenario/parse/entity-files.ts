/** Which file a `SYSTEM` entity is: never one outside of the scenario's folder. */

import type { Report } from '../report.ts'
import type { EntityReader } from '../xml/expand.ts'
import type { ReadFile } from './files.ts'

/**
 * @param scenario path of the scenario, as it is shown
 * @param readFile reads by a path from the scenario's folder
 */
export function entityReader(scenario: string, readFile: ReadFile, report: Report): EntityReader {
  const folder = scenario.replace(/[^/\\]*$/, '')
  return (systemId, position) => {
    const inside = insideFolder(systemId)
    // Tsung looks for a file of that name beside the scenario, too.
    const path = inside ?? systemId.replace(/^.*[/\\]/, '')
    const bytes = path === '' || path === '..' ? null : readFile(path, 'entity')
    if (bytes === null) {
      if (inside !== null) return { problem: `the file ${systemId} cannot be read` }
      const problem = `the file ${systemId} lies outside of the scenario's folder`
      return { problem, hint: 'put it beside the scenario' }
    }
    if (inside === null) {
      const text = `${systemId} lies outside of the scenario's folder: ${path} beside the scenario is read`
      report.warning('W_ENTITY_PATH', text, position)
    }
    return { file: folder + path, bytes }
  }
}

/** The path from the scenario's folder, without `.` and `..`; null when it leads out of it. */
function insideFolder(systemId: string): string | null {
  if (/^([/\\]|[A-Za-z][A-Za-z0-9+.-]*:)/.test(systemId)) return null
  const parts: string[] = []
  for (const part of systemId.split(/[/\\]/)) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.length === 0 ? null : parts.join('/')
}
