import assert from 'node:assert/strict'
import { stampPrefix, stampText } from '../../core/deliveries/stamp.ts'
import { hostClockOffsetMs } from '../../launcher/clock.ts'
import { Deliveries } from '../../launcher/deliveries.ts'
import { Recorder } from '../../launcher/recorder.ts'

const token = 'tests'
const ownHost = 2

/** A stamp of another launcher. @param agoMs by this host's clock @param aheadMs of the other clock */
function stampFrom(host: number, agoMs: number, aheadMs = 0, run = token): string {
  const hostMs = performance.now() + hostClockOffsetMs - agoMs + aheadMs
  return stampText(stampPrefix(run, host, 1, 0), 1, false, hostMs)
}

describe('the time that a message took', () => {
  let recorder: Recorder
  let deliveries: Deliveries
  beforeEach(() => {
    recorder = new Recorder()
    deliveries = new Deliveries({ token, host: ownHost, comparedPerSecond: 20 }, recorder)
  })
  const recorded = (): { readonly count: number; readonly min: number } => recorder.sample('m')

  it('is that since its stamp, from user to user of a launcher', () => {
    const before = performance.now()
    const payload = deliveries.stamp(1, 'news')
    assert.equal(deliveries.delivered(9, Buffer.from(`${payload}hello`), 'm'), true)
    const { count, min } = recorded()
    assert.equal(count, 1)
    assert.ok(min <= performance.now() - before)
    assert.equal(recorder.takeCounters()['tsts_messages_between_hosts'] ?? 0, 0)
  })

  it('needs no measured clock between launchers of one host', () => {
    deliveries.delivered(9, stampFrom(ownHost, 50), 'm')
    assert.ok(recorded().min >= 50 && recorded().min < 60, String(recorded().min))
  })

  it('is corrected by how the clocks of both hosts stand', () => {
    const clocks = [
      { host: ownHost, offsetMs: 1000, errorMs: 0.2 },
      { host: 5, offsetMs: -4000, errorMs: 0.3 },
    ]
    deliveries.learn(clocks)
    deliveries.delivered(9, stampFrom(5, 50, -5000), 'm')
    assert.ok(recorded().min >= 50 && recorded().min < 60, String(recorded().min))
    const { tsts_messages_between_hosts: between, ...rest } = recorder.takeCounters()
    assert.equal(between, 1)
    assert.deepEqual(rest, { tsts_messages_delivered: 1 })
  })

  it('is 0, and counted, when the clocks say that it is less', () => {
    deliveries.learn([ownHost, 5].map((host) => ({ host, offsetMs: 0, errorMs: 3 })))
    deliveries.delivered(9, stampFrom(5, -2), 'm')
    assert.equal(recorded().min, 0)
    const counters = recorder.takeCounters()
    assert.equal(counters['tsts_messages_negative'], 1)
    assert.equal(counters['tsts_messages_within_error'], 1)
  })

  it('is not recorded as long as the clock of the other host is unknown', () => {
    deliveries.learn([{ host: ownHost, offsetMs: 0, errorMs: 0 }])
    assert.equal(deliveries.delivered(9, stampFrom(5, 1), 'm'), true)
    assert.equal(recorded().count, 0)
    assert.equal(recorder.takeCounters()['tsts_messages_unclocked'], 1)
  })

  it('is not that of a message of another run', () => {
    assert.equal(deliveries.delivered(9, stampFrom(ownHost, 1, 0, 'other'), 'm'), false)
    assert.equal(deliveries.delivered(9, 'hello', 'm'), false)
    assert.deepEqual(recorder.takeCounters(), { tsts_messages_foreign: 1 })
  })
})
