import assert from 'node:assert/strict'
import type { Diagnostic } from '../../core/scenario/errors.ts'
import type { ReadResult } from '../../core/scenario/read.ts'
import { type CorpusEntry, corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'

/** What Tsung 1.7.0 rejects and we accept, and why. The other way round there is nothing. */
const accepted: readonly (readonly [RegExp, string])[] = [
  [/^rejects: no DOCTYPE/, 'no DOCTYPE is needed: told by a warning'],
  [/^rejects: attribute (client_id|stamped) not in its DTD/, 'an attribute of Tsung 1.8'],
  [/^rejects: attribute value "ping" not in enumeration/, 'ours: a ping of a WebSocket'],
]

describe('the corpus of real scenarios', () => {
  if (!hasCorpus()) return
  const entries = corpusEntries()
  const results = new Map(entries.map((entry) => [entry.file, readFromCorpus(entry.file)]))

  it('is whole', () => assert.ok(entries.length > 100))

  for (const { file, verdict } of entries.filter((entry) => entry.verdict.startsWith('accepts'))) {
    it(`${file}, which Tsung ${verdict}, has no error`, () => {
      assert.deepEqual(errorsOf(results.get(file)!), [])
    })
  }

  for (const { file, verdict } of entries.filter((entry) => entry.verdict.startsWith('rejects'))) {
    if (accepted.some(([pattern]) => pattern.test(verdict))) continue
    it(`${file}, which Tsung ${verdict}, has an error`, () => {
      assert.notDeepEqual(errorsOf(results.get(file)!), [])
    })
  }

  for (const { file, verdict } of entries.filter((entry) => entry.verdict.startsWith('fragment'))) {
    it(`${file}, a ${verdict}, is told to be no scenario`, () => {
      const { diagnostics } = results.get(file)!
      assert.ok(diagnostics.some(({ code }) => code === 'E_ROOT' || code === 'E_XML'))
    })
  }

  it('tells every finding at a place in a file', () => {
    for (const [file, { diagnostics, sources }] of results) {
      for (const { position, text } of diagnostics) {
        const lines = sources.get(position.file)?.split('\n') ?? []
        // Bytes that are no text have a place, but no text.
        if (sources.size === 0) continue
        assert.ok(position.line <= lines.length, `${file}: ${text}`)
        const columns = [...(lines[position.line - 1] ?? '')].length + 1
        assert.ok(position.column <= columns, `${file}: ${text}`)
      }
    }
  })

  it('reads its expanded form as the scenario itself', () => {
    for (const [file, { scenario, expandedXml }] of results) {
      if (scenario === null) continue
      const again = readFromCorpus(file, Buffer.from(expandedXml))
      assert.deepEqual(withoutPlaces(again.scenario), withoutPlaces(scenario), file)
    }
  })

  after(() => console.log(tableOf(entries, results)))
})

function errorsOf({ diagnostics }: ReadResult): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ text, position, code }: Diagnostic) => `${position.line}: ${text} [${code}]`)
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) => (key === 'position' || key === 'line' ? null : inner)),
  )
}

/** How many files of each of Tsung's verdicts we accept and refuse. */
function tableOf(
  entries: readonly CorpusEntry[],
  results: ReadonlyMap<string, ReadResult>,
): string {
  const rows = new Map<string, { accepted: number; refused: number }>()
  for (const { file, verdict } of entries) {
    const kind = verdict.replace(/:.*/, '').replace(/ \(.*/, '')
    const row = rows.get(kind) ?? { accepted: 0, refused: 0 }
    if (results.get(file)!.scenario === null) row.refused++
    else row.accepted++
    rows.set(kind, row)
  }
  const lines = [...rows].map(
    ([kind, row]) =>
      `      ${kind.padEnd(50)} ${String(row.accepted).padStart(8)} ${String(row.refused).padStart(8)}`,
  )
  const head = `      ${'Tsung 1.7.0'.padEnd(50)} ${'accepted'.padStart(8)} ${'refused'.padStart(8)}`
  return [head, ...lines].join('\n')
}
