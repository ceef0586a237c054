import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findNamedFiles } from '../../controller/named-files.ts'
import type { Action, Scenario } from '../../core/scenario/model.ts'
import { scenarioOf } from '../support/scenario.ts'

function certificate(cert: string, key: string | null = null): Action {
  const files = { ca: null, cert: { path: cert }, key: key === null ? null : { path: key } }
  const option = { name: 'certificate', certificate: { ...files, passphrase: null } } as const
  return { type: 'set_option', option, line: 1 }
}

function naming(...actions: readonly Action[]): Scenario {
  return scenarioOf([{ actions: [] }, { actions }], { port: 1 })
}

describe('files that users name while they play', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-named-'))
    for (const path of [
      'certs/ann.pem',
      'certs/ann.key',
      'certs/béa.pem',
      'certs/deep/er/zoe.pem',
      'certs/a.pem.bak',
      'other/ann.pem',
      'ann.pem',
      'names.csv',
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), 'x'.repeat(100))
    }
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  for (const [what, actions, wanted] of [
    ['no marker in any path', [certificate('certs/ann.pem')], ['certs/ann.pem']],
    [
      'one marker, which may hold slashes',
      [certificate('certs/%%_user%%.pem')],
      ['certs/ann.pem', 'certs/béa.pem', 'certs/deep/er/zoe.pem'],
    ],
    [
      'certificate and key of one name',
      [certificate('./certs/%%_user%%.pem', 'certs/%%_user%%.k%%_ind%%')],
      ['certs/ann.key', 'certs/ann.pem', 'certs/béa.pem', 'certs/deep/er/zoe.pem'],
    ],
    [
      'a call and a folder that varies',
      [certificate('%%ts:where%%/ann.pem')],
      ['certs/ann.pem', 'other/ann.pem'],
    ],
    [
      'inside a transaction',
      [{ type: 'transaction', name: 't', line: 1, actions: [certificate('o%%_x%%/%%_y%%.pem')] }],
      ['other/ann.pem'],
    ],
    ['nothing there', [certificate('none/%%_user%%.pem')], []],
  ] as const) {
    it(`${what}: ${wanted.length} files`, () => {
      const { paths, warnings } = findNamedFiles(naming(...(actions as readonly Action[])), folder)
      assert.deepEqual(paths, [...wanted].map((path) => join(folder, path)).sort())
      assert.deepEqual(warnings, [])
    })
  }

  it('takes the file that a link leads to, and no folder', () => {
    symlinkSync(join(folder, 'names.csv'), join(folder, 'certs/link.pem'))
    symlinkSync(folder, join(folder, 'certs/loop.pem'))
    const { paths } = findNamedFiles(naming(certificate('certs/l%%_user%%.pem')), folder)
    assert.deepEqual(paths, [join(folder, 'certs/link.pem')])
  })

  for (const path of ['/etc/certs/%%_user%%.pem', '../%%_user%%.pem', 'a/../../%%_user%%.pem']) {
    it(`says that ${path} is not brought`, () => {
      const { paths, warnings } = findNamedFiles(naming(certificate(path)), folder)
      assert.deepEqual(paths, [])
      assert.equal(warnings.length, 1)
      assert.ok(warnings[0]!.startsWith(`files named by ${path} are not brought to other hosts`))
    })
  }

  for (const [bounds, why] of [
    [{ files: 2 }, /there are more than 2;/],
    [{ bytes: 250 }, /more than 250 bytes together;/],
    [{ entries: 3 }, /more than 3 files to look at;/],
  ] as const) {
    it(`stops at ${JSON.stringify(bounds)} and says so`, () => {
      const scenario = naming(certificate('%%_user%%.pem'))
      const all = { files: 100, bytes: 1e6, entries: 100, ...bounds }
      const { paths, warnings } = findNamedFiles(scenario, folder, all)
      assert.ok(paths.length <= 2, String(paths))
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, why)
    })
  }
})
