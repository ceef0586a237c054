import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { hostname } from 'node:os'
import fc from 'fast-check'
import { exitCodeOf } from '../../controller/exit-codes.ts'
import { Barrier } from '../../controller/fleet/barrier.ts'
import { Interrupts } from '../../controller/interrupts.ts'
import { isLocalHost } from '../../controller/local-hosts.ts'

describe('exit code', () => {
  const fine = {
    lost: false,
    interrupted: false,
    verdict: 'valid',
    thresholdsFailed: false,
  } as const
  for (const [name, outcome, want] of [
    ['all is well', fine, 0],
    ['a threshold failed', { ...fine, thresholdsFailed: true }, 3],
    ['the verdict is suspect', { ...fine, verdict: 'suspect', thresholdsFailed: true }, 4],
    ['the verdict is invalid', { ...fine, verdict: 'invalid' }, 4],
    ['it was interrupted', { ...fine, interrupted: true, verdict: 'invalid' }, 130],
    ['a launcher was lost', { ...fine, lost: true, interrupted: true, verdict: 'invalid' }, 5],
  ] as const) {
    it(`is ${want} when ${name}`, () => assert.equal(exitCodeOf(outcome), want))
  }
})

describe('barrier', () => {
  it('releases those who wait longest when enough have joined', () => {
    const barrier = new Barrier(5)
    assert.deepEqual([...barrier.join(1, 3)], [])
    assert.deepEqual(
      [...barrier.join(2, 4)],
      [
        [1, 3],
        [2, 2],
      ],
    )
    assert.equal(barrier.waiting, 2)
    assert.deepEqual([...barrier.open()], [[2, 2]])
    assert.equal(barrier.waiting, 0)
  })

  it('releases whole groups, everybody once', () => {
    const joins = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), joins, (size, all) => {
        const barrier = new Barrier(size)
        const left = new Map<number, number>()
        for (const [launcher, count] of all) {
          left.set(launcher, (left.get(launcher) ?? 0) + count)
          let released = 0
          for (const [who, many] of barrier.join(launcher, count)) {
            left.set(who, left.get(who)! - many)
            released += many
          }
          assert.equal(released % size, 0)
          assert.ok(barrier.waiting < size)
        }
        for (const [who, many] of barrier.open()) left.set(who, left.get(who)! - many)
        assert.ok([...left.values()].every((many) => many === 0))
      }),
      { seed: 3 },
    )
  })
})

describe('interrupts', () => {
  it('are counted until closed', () => {
    const source = new EventEmitter()
    const told: string[] = []
    const interrupts = new Interrupts(source, (count, signal) => told.push(`${count} ${signal}`))
    source.emit('SIGINT', 'SIGINT')
    source.emit('SIGTERM', 'SIGTERM')
    interrupts.close()
    source.emit('SIGINT', 'SIGINT')
    assert.deepEqual(told, ['1 SIGINT', '2 SIGTERM'])
    assert.equal(interrupts.count, 2)
    assert.equal(source.listenerCount('SIGINT'), 0)
  })
})

describe('this machine', () => {
  for (const [host, want] of [
    ['localhost', true],
    ['LocalHost', true],
    ['127.0.0.1', true],
    ['127.9.8.7', true],
    ['::1', true],
    [hostname(), true],
    ['192.0.2.1', false],
    ['127.0.0.1.example.org', false],
    ['web7', false],
  ] as const) {
    it(`${want ? 'is' : 'is not'} ${host}`, () => assert.equal(isLocalHost(host), want))
  }
})
