import assert from 'node:assert/strict'
import { Recorder } from '../../launcher/recorder.ts'

const rest = { phase: 1, due: 0 }
const health = {} as never

describe('recorder', () => {
  it('gives what happened since the last interval, and gauges as they stand', () => {
    const recorder = new Recorder()
    recorder.userStarted()
    recorder.userStarted()
    recorder.userFinished()
    recorder.connectionOpened()
    recorder.count('200')
    recorder.count('200')
    recorder.request.record(5)
    const first = recorder.take(1000, rest, health)
    assert.deepEqual(first.counters, { users_count: 2, finish_users_count: 1, 200: 2 })
    assert.deepEqual(first.gauges, {
      users: 1,
      usersMax: 2,
      connected: 1,
      connectedMax: 1,
      inFlight: 0,
      phase: 1,
      due: 0,
    })
    assert.deepEqual(Object.keys(first.samples), ['request'])
    recorder.count('200')
    const second = recorder.take(2000, rest, health)
    assert.deepEqual(second.counters, { 200: 1 })
    assert.deepEqual(second.samples, {})
    assert.equal(second.gauges.usersMax, 1)
    assert.deepEqual([first.sequence, second.sequence], [1, 2])
    assert.deepEqual([second.fromMs, second.toMs], [1000, 2000])
  })

  it('bounds the names it keeps: the rest is `other`, and how often is told', () => {
    const recorder = new Recorder()
    for (let at = 0; at < 1000; at++) recorder.count(`name_${at}`)
    const { counters } = recorder.take(1000, rest, health)
    const total = Object.entries(counters)
      .filter(([name]) => name !== 'tsts_other_names')
      .reduce((sum, [, count]) => sum + count, 0)
    assert.equal(total, 1000)
    assert.ok(Object.keys(counters).length <= 502)
    assert.ok(counters['other']! > 400)
    assert.equal(counters['tsts_other_names'], counters['other'])
  })
})
