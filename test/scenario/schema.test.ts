import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scenarioSchema } from '../../controller/commands/schema.ts'
import { corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'
import { requirePeer } from '../support/peers.ts'
import { root } from '../support/sources.ts'

const published = join(root, 'docs/tsung.xsd')

describe('the XML schema', () => {
  let folder: string
  let xmllint: string

  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'tsts-schema-'))
    xmllint = requirePeer(this, 'xmllint', 'libxml2-utils')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** What xmllint has against the document; empty: nothing. */
  function faultsOf(xml: string): string {
    const file = join(folder, 'scenario.xml')
    writeFileSync(file, xml)
    const args = ['--noout', '--nonet', '--schema', published, file]
    const { status, stderr } = spawnSync(xmllint, args, { encoding: 'utf8', timeout: 20_000 })
    return status === 0 ? '' : stderr || `exit ${status}`
  }

  it('that is published is the one of the table of elements', () => {
    const schema = scenarioSchema()
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(published, schema)
    assert.equal(readFileSync(published, 'utf8'), schema, 'UPDATE_GOLDEN=1 rewrites it')
  })

  for (const name of readdirSync(join(root, 'examples')).filter((each) => each.endsWith('.xml'))) {
    it(`takes examples/${name}`, () => {
      assert.equal(faultsOf(readFileSync(join(root, 'examples', name), 'utf8')), '')
    })
  }

  it('takes every scenario of the corpus that Tsung takes', function () {
    if (!hasCorpus()) this.skip()
    this.timeout(120_000)
    const taken = corpusEntries().filter(({ verdict }) => verdict.startsWith('accepts'))
    assert.ok(taken.length > 100)
    for (const { file } of taken) assert.equal(faultsOf(readFromCorpus(file).expandedXml), '', file)
  })

  const quickstart = readFileSync(join(root, 'examples/quickstart.xml'), 'utf8')
  const broken: readonly (readonly [what: string, from: RegExp, to: string])[] = [
    ['an unknown element', /<thinktime /, '<thinktimes '],
    ['an unknown attribute', /<thinktime /, '<thinktime valeu="2" '],
    ['a word that is no choice', /unit="second"/, 'unit="seconds"'],
    ['a fraction where a whole number belongs', /duration="\d+"/, 'duration="1.5"'],
    [
      'elements out of order',
      /(<clients>[\s\S]*<\/clients>)([\s\S]*)(<servers>[\s\S]*<\/servers>)/,
      '$3$2$1',
    ],
    ['text between elements', /<clients>/, 'text<clients>'],
    ['a missing attribute', /<server host="[^"]*"/, '<server '],
  ]
  for (const [what, from, to] of broken) {
    it(`refuses ${what}`, () => {
      const xml = quickstart.replace(from, to)
      assert.notEqual(xml, quickstart)
      assert.notEqual(faultsOf(xml), '')
    })
  }
})
