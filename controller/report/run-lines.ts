/** Lines of a run's files, read back. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type SeriesHead, type SeriesLine, seriesVersion } from '../outputs/series.ts'
import { type Summary, summaryVersion } from '../outputs/summary.ts'

/** Code `E_REPORT_FOLDER`: the folder holds no run that can be told. */
export class ReportError extends Error {
  readonly code = 'E_REPORT_FOLDER'
}

/** @throws {ReportError} when there is no series, or it is of another version */
export async function readHead(path: string): Promise<SeriesHead> {
  for await (const line of linesOf<SeriesLine>(path)) {
    if (line?.type !== 'head') break
    if (line.version === seriesVersion) return line
    throw new ReportError(`${path} is of version ${line.version}, this tsts reads ${seriesVersion}`)
  }
  throw new ReportError(`${path} is missing or does not begin with the head of a run`)
}

/** Null when there is none, or it is broken or of another version. */
export async function readSummary(folder: string): Promise<Summary | null> {
  const text = await readText(join(folder, 'summary.json'))
  const summary = text === null ? null : parsed<Summary>(text)
  return summary?.version === summaryVersion ? summary : null
}

/** Each line's value; null for a line that is not JSON. Nothing when there is no such file. */
export async function* linesOf<Line>(path: string): AsyncGenerator<Line | null> {
  const input = createReadStream(path, 'utf8')
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (text !== '') yield parsed<Line>(text)
    }
  } catch (error) {
    if (!isMissing(error)) throw error
  } finally {
    input.destroy()
  }
}

/** Null when there is no such file. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Files of ours are trusted to have the shape their version promises. */
export function parsed<Value>(text: string): Value | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? (value as Value | null) : null
  } catch {
    return null
  }
}

/** No such file, or the folder it should be in is a file. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'ENOENT' || error.code === 'ENOTDIR'
}
