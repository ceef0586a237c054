import assert from 'node:assert/strict'
import { MutableSample } from '../../core/stats/sample.ts'
import { Recorder } from '../../launcher/recorder.ts'

describe('every single value', () => {
  it('is told besides, in ms and rounded to µs, under Tsung’s names only', () => {
    const recorder = new Recorder(true)
    recorder.request.record(1.23456)
    recorder.sample('tr_login').record(7)
    recorder.request.record(-0.5)
    recorder.session.record(1000)
    recorder.late.record(3)
    assert.deepEqual(recorder.raw?.take(), ['["request",1.235,0]', '["tr_login",7]'])
    assert.deepEqual(recorder.raw?.take(), [])
    assert.equal(recorder.request.count, 2)
  })

  it('is kept up to a bound: what is lost is counted', () => {
    const recorder = new Recorder(true)
    for (let at = 0; at < 200_010; at++) recorder.request.record(1)
    assert.equal(recorder.takeCounters()['tsts_values_lost'], 10)
    assert.equal(recorder.takeCounters()['tsts_values_lost'], undefined)
    assert.equal(JSON.parse(recorder.raw!.take()[0]!).length, 200_001)
    assert.equal(recorder.request.count, 200_010)
  })

  it('costs nothing where nobody asks for it', () => {
    const recorder = new Recorder()
    assert.equal(recorder.raw, null)
    assert.equal(Object.getPrototypeOf(recorder.request), MutableSample.prototype)
  })
})
