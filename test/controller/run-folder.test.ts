import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { makeRunFolder } from '../../controller/run-folder.ts'

const now = new Date(2026, 0, 2, 3, 4, 5)
const scenario = { file: '/some/where/shop.xml', text: '<tsung/>' }

describe('the folder of a run', () => {
  let parent = ''
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'tsts-folder-'))
  })
  afterEach(() => rmSync(parent, { recursive: true, force: true }))

  it('is named after the minute, then the second, then a number', async () => {
    const names: string[] = []
    for (let run = 0; run < 4; run++) {
      names.push(basename(await makeRunFolder(parent, scenario, now)))
    }
    assert.deepEqual(names, [
      '20260102-0304',
      '20260102-0304-05',
      '20260102-0304-05-2',
      '20260102-0304-05-3',
    ])
    assert.deepEqual(readdirSync(parent).sort(), names.toSorted())
  })

  it('holds the scenario under its own name', async () => {
    const folder = await makeRunFolder(parent, scenario, now)
    assert.equal(readFileSync(join(folder, 'shop.xml'), 'utf8'), '<tsung/>')
  })

  it('is made with its parents', async () => {
    const folder = await makeRunFolder(join(parent, 'a', 'b'), scenario, now)
    assert.equal(folder, join(parent, 'a', 'b', '20260102-0304'))
  })

  it('that cannot be made is told as such', async () => {
    writeFileSync(join(parent, 'file'), '')
    await assert.rejects(makeRunFolder(join(parent, 'file'), scenario, now), {
      code: 'E_USAGE',
      message: /cannot write the log folder .*file/,
    })
  })

  it('is not left behind when the scenario cannot be written into it', async () => {
    const nameless = { file: '/some/where/..', text: '' }
    await assert.rejects(makeRunFolder(parent, nameless, now), { code: 'E_USAGE' })
    assert.deepEqual(readdirSync(parent), [])
  })
})
