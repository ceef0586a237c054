import assert from 'node:assert/strict'
import { isInTsungLog, metricNames, NameRegistry } from '../../core/stats/names.ts'

describe('names', () => {
  it('each is listed once, with a line of explanation', () => {
    const names = metricNames.map(({ name }) => name)
    assert.deepEqual(names, [...new Set(names)])
    for (const { name, doc } of metricNames) assert.ok(doc.length > 5, name)
  })

  it('errors are those that begin with error_', () => {
    for (const { name, isError } of metricNames) assert.equal(isError, name.startsWith('error_'))
  })

  it('samples are times', () => {
    for (const { name, kind, unit } of metricNames) {
      assert.equal(kind === 'sample', unit === 'ms', name)
    }
  })

  for (const [name, inLog] of [
    ['request', true],
    ['tr_login', true],
    ['200', true],
    ['error_closed_in_answer', true],
    ['response', false],
    ['late', false],
    ['tsts_issued', false],
    ['match', true],
    ['mqtt_forward_latency', true],
    ['mqtt_forward_latency_first', false],
    ['mqtt_forward_latency_last', false],
    ['tr_buy_last', true],
    ['match.paid', false],
    ['count.orders', false],
    ['sum.amount', false],
  ] as const) {
    it(`${name} ${inLog ? 'is' : 'is not'} written to tsung.log`, () => {
      assert.equal(isInTsungLog(name), inLog)
    })
  }
})

describe('name registry', () => {
  it('keeps 500 names and puts the rest under other', () => {
    const registry = new NameRegistry()
    for (let at = 0; at < 500; at++) assert.equal(registry.register(`name-${at}`), `name-${at}`)
    assert.equal(registry.takeRefused(), 0)
    assert.equal(registry.register('one-more'), 'other')
    assert.equal(registry.register('another'), 'other')
    assert.equal(registry.register('name-499'), 'name-499')
    assert.equal(registry.takeRefused(), 2)
    assert.equal(registry.takeRefused(), 0)
  })
})
