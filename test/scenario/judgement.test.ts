import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/sources.ts'
import { tsungAccepts } from '../support/tsung-reader.ts'
import { readXml, scenarioXml } from './build.ts'
import { type Case, cases, files } from './judgement-cases.ts'

/** Which values of each group Tsung's reader refuses. UPDATE_GOLDEN=1 asks Debian's Tsung again. */
const golden = join(root, 'test/golden/judgement.json')

type Refused = { readonly [group: string]: readonly string[] }

/** What is not as in Tsung, and why. */
const differences: readonly (readonly [RegExp, string])[] = [
  [/^accepted: set_option@\w+ in .*%%/, 'markers are replaced there (ours)'],
  [/^refused: interaction@id in .*%%/, 'Tsung takes what follows a % for a comment'],
  [/^accepted: (dyn_variable re|foreach exclude): \(\?R\)$/, 'not playable, as other recursion is'],
  [/^refused: option@value .*file_server.*"\/"$/, 'a folder is no file'],
]

describe('what Tsung’s reader accepts and refuses, tsts does', () => {
  const groups = new Map<string, Case[]>()
  for (const one of cases) groups.set(one.group, [...(groups.get(one.group) ?? []), one])

  before(function () {
    if (process.env['UPDATE_GOLDEN'] !== '1') return
    this.timeout(600_000)
    const accepted = tsungAccepts(
      cases.map(({ parts }) => scenarioXml(parts)),
      files,
    )
    const isRefused = new Map(cases.map((one, index) => [one, !accepted[index]]))
    const refused = [...groups].map(([group, all]) => [
      group,
      all.filter((one) => isRefused.get(one)).map(({ value }) => value),
    ])
    const lines = refused.map(
      ([group, all]) => `  ${JSON.stringify(group)}: ${JSON.stringify(all)}`,
    )
    writeFileSync(golden, `{\n${lines.join(',\n')}\n}\n`)
  })

  it('has cases that are told from each other', () => {
    for (const [group, all] of groups) {
      assert.equal(new Set(all.map(({ value }) => value)).size, all.length, group)
    }
  })

  it('but for what is listed', function () {
    this.timeout(60_000)
    const refused = JSON.parse(readFileSync(golden, 'utf8')) as Refused
    const found: string[] = []
    for (const { group, value, parts } of cases) {
      const isAccepted = readXml(scenarioXml(parts), files).scenario !== null
      if (isAccepted === !refused[group]!.includes(value)) continue
      found.push(`${isAccepted ? 'accepted' : 'refused'}: ${group}: ${value}`)
    }
    const unexplained = found.filter((line) => !differences.some(([pattern]) => pattern.test(line)))
    assert.deepEqual(unexplained, [])
  })
})
