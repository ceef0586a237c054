import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { renderReport } from '../report/render-report.ts'

/**
 * Writes `report.html` into a run's folder.
 *
 * @returns its absolute path
 * @throws {ReportError} code `E_REPORT_FOLDER`, when the folder holds no run
 */
export async function report(folder: string): Promise<string> {
  const path = join(resolve(folder), 'report.html')
  await writeFile(path, await renderReport(resolve(folder)))
  return path
}
