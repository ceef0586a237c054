import assert from 'node:assert/strict'
import { checkObjective, parseObjective } from '../../controller/capacity/objective.ts'
import { durationMsOf, partOf, rateOf } from '../../controller/capacity/quantities.ts'
import { scenarioOf } from './scenarios.ts'

describe('--slo', () => {
  const read: [text: string, expressions: string[], limits: number[]][] = [
    ['p99(request) < 250ms', ['p99(request) < 250ms'], [250]],
    [
      'p99(request) < 250ms, error_rate < 0.1%',
      ['p99(request) < 250ms', 'error_rate < 0.1%'],
      [250, 0.001],
    ],
    [' p50(tr_buy)<=1s ,, rate(200) > 10 ', ['p50(tr_buy)<=1s', 'rate(200) > 10'], [1000, 10]],
    [
      'share("a,b") < 1%, max(connected) < 5',
      ['share("a,b") < 1%', 'max(connected) < 5'],
      [0.01, 5],
    ],
  ]
  for (const [text, expressions, limits] of read) {
    it(`reads ${text}`, () => {
      const objective = parseObjective(text)
      assert.deepEqual(
        objective.map(({ expression }) => expression),
        expressions,
      )
      assert.deepEqual(
        objective.map(({ limit }) => limit.number),
        limits,
      )
    })
  }

  const refused: [text: string, why: RegExp, caret: number][] = [
    ['', /what has to hold/, -1],
    [' , ', /what has to hold/, -1],
    ['p99(request) < 1s, p99(page) ! 1', /"!" means nothing here/, 29],
    ['p99(request) < 1s, users > 5', /a count depends on how long a step is/, 19],
    ['error_timeout < 5', /take rate/, 0],
    ['p99(request) < 1s in phase 2', /a step has one phase/, 0],
    ['p99(request) < 1s after 10s', /--settle/, 0],
    ['p99(request) < 1s over 10s', /--step/, 0],
  ]
  for (const [text, why, caret] of refused) {
    it(`refuses "${text}"`, () => {
      assert.throws(
        () => parseObjective(text),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'E_USAGE')
          assert.match(error.message, why)
          const [, , under] = error.message.split('\n')
          assert.equal(under?.indexOf('^') ?? -1, caret < 0 ? -1 : caret + 2)
          return true
        },
      )
    })
  }

  it('is about what the scenario measures', () => {
    const scenario = scenarioOf()
    checkObjective(parseObjective('p99(tr_buy) < 1s, error_rate < 1%, rate(200) > 1'), scenario)
    assert.throws(() => checkObjective(parseObjective('p99(tr_by) < 1s'), scenario), {
      code: 'E_USAGE',
      message: /nothing called tr_by is measured.*tr_buy/s,
    })
  })
})

describe('quantities of a search', () => {
  const times: [text: string, ms: number][] = [
    ['30s', 30_000],
    ['10m', 600_000],
    ['1.5h', 5_400_000],
    ['45', 45_000],
    ['5000ms', 5000],
    ['2 min', 120_000],
  ]
  for (const [text, ms] of times) {
    it(`${text} is ${ms} ms`, () => assert.equal(durationMsOf('--step', text, 1000), ms))
  }
  for (const text of ['', 's', '5d', '-5s', '0s', 'soon', 'constructor']) {
    it(`"${text}" is no time`, () =>
      assert.throws(() => durationMsOf('--step', text, 1000), {
        code: 'E_USAGE',
        message: /--step wants/,
      }))
  }

  it('a rate may say that it is one', () => {
    assert.equal(rateOf('--from', '12.5/s'), 12.5)
    assert.equal(rateOf('--from', '100'), 100)
    assert.equal(rateOf('--from', null), null)
    for (const text of ['', '0', '-1', 'all']) {
      assert.throws(() => rateOf('--from', text), { code: 'E_USAGE', message: /--from wants/ })
    }
  })

  it('a part may be in percent', () => {
    assert.equal(partOf('--precision', '5%', 0.005, 1), 0.05)
    assert.equal(partOf('--precision', '0.1', 0.005, 1), 0.1)
    for (const text of ['0%', '200%', 'x', '']) {
      assert.throws(() => partOf('--precision', text, 0.005, 1), { code: 'E_USAGE' })
    }
  })
})
