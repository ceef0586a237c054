import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findDataFiles } from '../../controller/data-files.ts'
import { isUsageError } from '../../controller/usage-error.ts'

describe('the data files of a scenario', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-files-'))
  before(() => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'users.csv'), 'a\nb\n\nc\n\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  it('are found from the scenario’s folder, and their lines counted', async () => {
    const path = join(folder, 'data', 'users.csv')
    const files = [
      { id: 'users', path: 'data/users.csv', local: false },
      { id: 'copy', path, local: true },
    ]
    assert.deepEqual(await findDataFiles(files, folder), [
      { id: 'users', path, lines: 4, isLocal: false },
      { id: 'copy', path, lines: 4, isLocal: true },
    ])
  })

  it('are looked for in the current folder, too', async () => {
    const files = [{ id: 'own', path: 'package.json', local: false }]
    const [found] = await findDataFiles(files, folder)
    assert.equal(found!.path, join(process.cwd(), 'package.json'))
  })

  it('one that cannot be read is named', async () => {
    const files = [{ id: 'none', path: 'none.csv', local: false }]
    await assert.rejects(findDataFiles(files, folder), (error: Error) => {
      assert.ok(isUsageError(error))
      return /^the data file none\.csv cannot be read: ENOENT/.test(error.message)
    })
  })
})
