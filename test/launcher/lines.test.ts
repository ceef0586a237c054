import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lines, type LineWaiter } from '../../launcher/lines.ts'

const nobody: LineWaiter = { lineReady: () => assert.fail('woken for nothing') }

describe('the data files of a launcher', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-lines-'))
  const path = join(folder, 'users.csv')
  const asked: string[] = []
  let waits = 0
  let lines: Lines
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(() => {
    writeFileSync(path, 'l0\nl1\r\nl2\nl3\n\nl5\n\n')
    asked.length = waits = 0
    lines = new Lines(
      { users: path },
      {
        ask: (id, count) => asked.push(`${id} ${count}`),
        waited: () => waits++,
      },
    )
  })

  it('gives leased lines in turn and asks when half of them are used', () => {
    lines.grant({ id: 'users', from: 1, count: 4 })
    assert.equal(lines.next('users', nobody), 'l1')
    assert.deepEqual(asked, [])
    assert.equal(lines.next('users', nobody), 'l2')
    assert.deepEqual(asked, ['users 0'])
    lines.grant({ id: 'users', from: 5, count: 1 })
    const rest = [1, 2, 3].map(() => lines.next('users', nobody))
    assert.deepEqual(rest, ['l3', '', 'l5'])
    assert.deepEqual(asked, ['users 0'], 'a block of one is not asked for ahead')
    assert.equal(waits, 0)
  })

  it('lets users wait in order, and asks for as many as wait', () => {
    const got: string[] = []
    const wait = (name: string): void => {
      const waiter = { lineReady: () => take() }
      const take = (): void => {
        const line = lines.next('users', waiter)
        if (line !== null) got.push(`${name} ${line}`)
      }
      take()
    }
    for (const name of ['a', 'b', 'c']) wait(name)
    assert.deepEqual(asked, ['users 1'])
    lines.grant({ id: 'users', from: 0, count: 1 })
    assert.deepEqual(got, ['a l0'])
    assert.deepEqual(asked, ['users 1', 'users 2'])
    lines.grant({ id: 'users', from: 1, count: 2 })
    assert.deepEqual(got, ['a l0', 'b l1', 'c l2'])
    assert.equal(waits, 3)
  })

  it('asks at once for those that wait, though more was asked for ahead', () => {
    lines.grant({ id: 'users', from: 0, count: 2 })
    lines.next('users', nobody)
    lines.next('users', nobody)
    assert.equal(lines.next('users', { lineReady: () => undefined }), null)
    assert.deepEqual(asked, ['users 0', 'users 1'])
  })

  it('goes on to the next when one that waited has ended', () => {
    const got: (string | null)[] = []
    const second = { lineReady: () => got.push(lines.next('users', second)) }
    lines.next('users', { lineReady: () => undefined })
    lines.next('users', second)
    lines.grant({ id: 'users', from: 3, count: 1 })
    assert.deepEqual(got, ['l3'])
  })

  it('goes round alone when everything was handed out, after what it still has', () => {
    lines.grant({ id: 'users', from: 0, count: 1 })
    lines.grant({ id: 'users', from: 4, count: 0 })
    const got = Array.from({ length: 8 }, () => lines.next('users', nobody))
    assert.deepEqual(got, ['l0', '', 'l5', 'l0', 'l1', 'l2', 'l3', ''])
    assert.deepEqual(lines.takeBack('users'), [{ id: 'users', from: 5, count: 0 }])
    assert.equal(lines.next('users', nobody), 'l5', 'its own users go on')
  })

  it('gives back what is not used, and asks again when a user needs a line', () => {
    lines.grant({ id: 'users', from: 0, count: 3 })
    lines.grant({ id: 'users', from: 5, count: 1 })
    lines.next('users', nobody)
    assert.deepEqual(lines.takeBack('users'), [
      { id: 'users', from: 1, count: 2 },
      { id: 'users', from: 5, count: 1 },
    ])
    assert.equal(lines.next('users', { lineReady: () => undefined }), null)
    assert.deepEqual(asked, ['users 1'])
  })

  it('draws any line, evenly', () => {
    const drawn = [0, 0.17, 0.5, 0.999].map((u) => lines.random('users', u))
    assert.deepEqual(drawn, ['l0', 'l1', 'l3', 'l5'])
  })

  it('of an empty file gives empty lines', () => {
    writeFileSync(path, '\n')
    lines = new Lines({ users: path }, { ask: assert.fail, waited: assert.fail })
    assert.equal(lines.next('users', nobody), '')
    assert.equal(lines.random('users', 0.5), '')
    lines.goRoundAll()
    assert.equal(lines.next('users', nobody), '')
  })

  it('names a file that is not there', () => {
    const missing = join(folder, 'none.csv')
    assert.throws(() => new Lines({ none: missing }, { ask: assert.fail, waited: assert.fail }), {
      code: 'ENOENT',
    })
  })
})
