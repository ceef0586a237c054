import assert from 'node:assert/strict'
import { lostAfterMs } from '../../core/deliveries/seen-stream.ts'
import { ComparedShare } from '../../launcher/compared-share.ts'
import { ReceivedStreams } from '../../launcher/received-streams.ts'
import { Recorder } from '../../launcher/recorder.ts'
import { maxStreamsPerUser, Stamper } from '../../launcher/stamper.ts'

describe('the messages that users receive', () => {
  let recorder: Recorder
  let received: ReceivedStreams
  beforeEach(() => {
    recorder = new Recorder()
    received = new ReceivedStreams(recorder, 3)
  })
  /** Numbers of a stream of user 1 that come to a user. */
  const come = (user: number, stream: number, ...numbers: number[]): void => {
    for (const number of numbers) received.take(user, 1, stream, number, 0)
  }

  it('are counted by receiver, sender and stream', () => {
    come(8, 0, 1, 2, 4)
    come(9, 0, 3, 3, 5, 4)
    received.take(8, 2, 0, 7, 0)
    for (const user of [8, 9]) received.userEnded(user)
    const counters = { lost: 1, duplicated: 1, late_order: 1 }
    const named = Object.entries(counters).map(([name, n]) => [`tsts_messages_${name}`, n])
    assert.deepEqual(recorder.takeCounters(), Object.fromEntries(named))
  })

  it('are told as lost while their receiver goes on', () => {
    come(8, 0, 1, 3)
    assert.deepEqual(recorder.takeCounters(), {})
    received.take(8, 1, 0, 4, lostAfterMs)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_lost: 1 })
    received.userEnded(8)
    assert.deepEqual(recorder.takeCounters(), {})
  })

  it('are not lost when the user was away', () => {
    come(8, 0, 1, 2)
    received.joins(8)
    come(8, 0, 9, 11)
    received.joins(77)
    received.userEnded(8)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_lost: 1 })
  })

  it('are not followed beyond a number of streams, until one ends or is idle for long', () => {
    come(8, 0, 1)
    come(8, 1, 1)
    come(9, 0, 1)
    come(9, 1, 1, 3)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_unfollowed: 2 })
    received.userEnded(9)
    come(8, 2, 1)
    received.take(8, 1, 3, 1, 100_000)
    received.take(8, 1, 3, 3, 100_000)
    assert.deepEqual(recorder.takeCounters(), {})
    received.userEnded(8)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_lost: 1 })
  })

  it('are not followed when they are not numbered', () => {
    come(8, 0, 0, 0)
    come(8, maxStreamsPerUser, 1)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_unfollowed: 3 })
  })
})

describe('the stamps of a user', () => {
  const settings = { token: 'tests', host: 1, comparedPerSecond: 1000 }

  it('count each of its streams, whatever it sends in between', () => {
    const stamper = new Stamper(settings, new Recorder())
    const parts = (user: number, stream: string): string =>
      stamper.stamp(user, stream).split(',')[1]!
    const told = ['a', 'b', 'a', 'c', 'b', 'a'].map((stream) => parts(7, stream))
    assert.deepEqual(told, ['1;7;0;1*', '1;7;1;1*', '1;7;0;2*', '1;7;2;1*', '1;7;1;2*', '1;7;0;3*'])
    assert.equal(parts(8, 'a'), '1;8;0;1*')
    stamper.userEnded(7)
    assert.equal(parts(7, 'a'), '1;7;0;1*')
  })

  it('have no number in streams beyond the first 64', () => {
    const stamper = new Stamper(settings, new Recorder())
    for (let stream = 0; stream < maxStreamsPerUser; stream++) stamper.stamp(7, `s${stream}`)
    assert.match(stamper.stamp(7, 'more'), /,1;7;0;0,/)
    assert.match(stamper.stamp(7, 's63'), /,1;7;63;2\*,/)
  })
})

describe('the messages whose receivers are compared', () => {
  /** Of a steady rate, in the second that follows the first. */
  function taken(perSecond: number, rate: number): readonly number[] {
    const share = new ComparedShare(perSecond)
    const atMs: number[] = []
    for (let message = 0; message < 2 * rate; message++) {
      const nowMs = (1000 * message) / rate
      const isTaken = share.takes(message % 7, 0, message, nowMs)
      if (isTaken && nowMs >= 1000) atMs.push(nowMs - 1000)
    }
    return atMs
  }

  it('are all of them when there are few', () => {
    assert.equal(taken(20, 20).length, 20)
  })

  for (const rate of [100, 1000, 20_000]) {
    it(`are at most 20 of ${rate} in a second, from all over it`, () => {
      const atMs = taken(20, rate)
      assert.ok(atMs.length >= 10 && atMs.length <= 20, String(atMs.length))
      const mean = atMs.reduce((sum, each) => sum + each, 0) / atMs.length
      assert.ok(mean > 250 && mean < 750, `${mean} ms`)
    })
  }
})
