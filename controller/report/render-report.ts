import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type ChartLibrary, page } from './page.ts'
import { readRun } from './read-run.ts'

/**
 * The report of a run from its folder alone, as one HTML file that opens offline.
 *
 * @param folder holds `series.ndjson`; `summary.json`, `events.ndjson` and the scenario are used when they are there
 * @throws {ReportError} when there is nothing to tell
 */
export async function renderReport(folder: string): Promise<string> {
  const [run, library] = await Promise.all([readRun(folder), chartLibrary()])
  return page(run, library)
}

/** Writes `report.html` into a run's folder. @param onTrouble told when that cannot be */
export async function writeReport(
  folder: string,
  onTrouble: (text: string) => void,
): Promise<void> {
  const path = join(folder, 'report.html')
  try {
    await writeFile(path, await renderReport(folder))
  } catch (error) {
    onTrouble(`cannot write ${path}: ${(error as Error).message}`)
  }
}

/** Of the charts: what a page needs to draw them. */
export async function chartLibrary(): Promise<ChartLibrary> {
  const packageFile = createRequire(import.meta.url).resolve('uplot/package.json')
  const folder = join(dirname(packageFile), 'dist')
  const [script, style] = await Promise.all([
    readFile(join(folder, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(folder, 'uPlot.min.css'), 'utf8'),
  ])
  return { script, style }
}
