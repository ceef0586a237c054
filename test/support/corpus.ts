import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ReadResult, readScenario } from '../../core/scenario/read.ts'
import { metricNames } from '../../core/stats/names.ts'
import { declarations } from '../../plugins/registry.ts'
import { root } from './sources.ts'

/** Scenarios that people wrote, with what Tsung makes of each; they are no part of this repository. */
export const corpus: string = process.env['TSTS_CORPUS'] ?? join(root, '../shared/corpus')

export interface CorpusEntry {
  readonly file: string
  /** What Tsung 1.7.0's reader does with it. */
  readonly verdict: string
}

/** False, after a line that says so, when the corpus is not there. */
export function hasCorpus(): boolean {
  const isThere = existsSync(join(corpus, 'INDEX.tsv'))
  if (!isThere) console.log(`    no corpus in ${corpus} (set TSTS_CORPUS): its tests are skipped`)
  return isThere
}

export function corpusEntries(): readonly CorpusEntry[] {
  return rowsOf('INDEX.tsv').map((row) => ({ file: row[0]!, verdict: row[7]! }))
}

/** The files a scenario names are stored under other names; those that are not stored get a line of fields. */
export function readFromCorpus(
  file: string,
  bytes: Uint8Array = readFileSync(join(corpus, file)),
): ReadResult {
  return readScenario({
    file,
    bytes,
    readFile: (path, use) =>
      storedFile(file, path) ?? (use === 'data' ? Buffer.from('one;two;three\n') : null),
    plugins: declarations,
    metrics: metricNames.map(({ name }) => name),
  })
}

/** A file that a scenario of the corpus names, if it is stored. */
export function storedFile(scenario: string, path: string): Buffer | null {
  const row = rowsOf('REFS.tsv').find(
    ([from, , name]) => from === scenario && name === basename(path),
  )
  const name = row?.[3] ?? join(dirname(scenario), basename(path))
  return existsSync(join(corpus, name)) ? readFileSync(join(corpus, name)) : null
}

const read = new Map<string, readonly (readonly string[])[]>()

/** The rows of a table of the corpus, without its head. */
function rowsOf(name: string): readonly (readonly string[])[] {
  let rows = read.get(name)
  if (rows === undefined) {
    const [, ...lines] = readFileSync(join(corpus, name), 'utf8').trimEnd().split('\n')
    rows = lines.map((line) => line.split('\t'))
    read.set(name, rows)
  }
  return rows
}
