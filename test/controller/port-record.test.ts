import assert from 'node:assert/strict'
import { PortRecord, shareOf } from '../../controller/port-record.ts'
import type { PortsTaken } from '../../core/stats/model.ts'

const plain = { targets: 1, isReused: false }
const at = (atMs: number, timeWait: number | null = null) => ({ atMs, timeWait })

function taken(open: number, closed: number, address = '10.0.0.7'): PortsTaken {
  return { address, open, closed, size: 100 }
}

describe('ports of source addresses', () => {
  it('launchers of one client share them; those of another have their own', () => {
    const record = new PortRecord(plain)
    record.add({ launcher: 1, client: 0 }, taken(30, 5), at(1000))
    record.add({ launcher: 2, client: 0 }, taken(40, 5, '10.0.0.8'), at(1000))
    record.add({ launcher: 3, client: 1 }, taken(60, 0, '10.0.1.1'), at(1000))
    const fullest = { address: '10.0.0.8', open: 70, waiting: 10, available: 100 }
    assert.deepEqual(record.now, fullest)
    assert.equal(shareOf(fullest), 0.8)
  })

  it('remember the fullest moment, and forget it now', () => {
    const record = new PortRecord(plain)
    record.add({ launcher: 1, client: 0 }, taken(90, 0), at(1000))
    record.add({ launcher: 1, client: 0 }, taken(10, 0), at(2000))
    assert.deepEqual([record.now?.open, record.fullest?.open], [10, 90])
  })

  for (const [title, rules, timeWait, waiting] of [
    ['as launchers tell as long as the host has not', plain, null, 50],
    ['no more than the host has', plain, 20, 20],
    ['never those of others', plain, 5000, 50],
    ['none where the system uses them again', { targets: 1, isReused: true }, 5000, 0],
  ] as const) {
    it(`in TIME_WAIT: ${title}`, () => {
      const record = new PortRecord(rules)
      record.add({ launcher: 1, client: 0 }, taken(10, 50), at(1000, timeWait))
      assert.equal(record.now?.waiting, waiting)
    })
  }

  it('each server has all of an address', () => {
    const record = new PortRecord({ targets: 3, isReused: false })
    record.add({ launcher: 1, client: 0 }, taken(150, 0), at(1000))
    assert.deepEqual([record.now?.available, shareOf(record.now!)], [300, 0.5])
  })

  it('are never more than there are, however many look for one', () => {
    const record = new PortRecord(plain)
    record.add({ launcher: 1, client: 0 }, taken(150, 40), at(1000))
    assert.deepEqual(record.now, { address: '10.0.0.7', open: 100, waiting: 0, available: 100 })
  })

  it('a launcher that ends leaves what is in TIME_WAIT to its successor for a minute', () => {
    const record = new PortRecord(plain)
    const now = (): readonly unknown[] => [record.now?.open, record.now?.waiting]
    record.add({ launcher: 1, client: 0 }, taken(40, 30), at(1000))
    record.end({ launcher: 1, client: 0 }, at(1000))
    assert.deepEqual(now(), [0, 30])
    record.add({ launcher: 2, client: 0 }, taken(5, 1), at(60_000))
    assert.deepEqual(now(), [5, 31])
    record.add({ launcher: 2, client: 0 }, taken(5, 1), at(62_000))
    assert.deepEqual(now(), [5, 1])
  })

  it('nothing is told of launchers without a connection', () => {
    const record = new PortRecord(plain)
    record.add({ launcher: 1, client: 0 }, null, at(1000))
    record.end({ launcher: 1, client: 0 }, at(2000))
    assert.deepEqual([record.now, record.fullest], [null, null])
  })
})
