import assert from 'node:assert/strict'
import {
  judgeSteps,
  type MeasuredStep,
  wantedSamples,
} from '../../controller/capacity/judge-step.ts'
import { usersLimit } from '../../controller/capacity/judge-turns.ts'
import { parseObjective } from '../../controller/capacity/objective.ts'
import type { WatchedTurns } from '../../controller/capacity/step-watch.ts'
import { MutableSample } from '../../core/stats/sample.ts'

interface Shape {
  readonly seconds?: number
  readonly perSecond?: number
  /** Of the slowest 4 % of a second, ms; the others take 10 ms. */
  readonly slowMs?: (second: number) => number
  readonly failed?: (second: number) => number
  readonly inFlight?: (second: number) => number
  readonly turns?: (second: number) => WatchedTurns
}

const objective = parseObjective('p99(request) < 100ms, error_rate < 1%')

function step({
  seconds = 16,
  perSecond = 100,
  slowMs = () => 50,
  failed = () => 0,
  inFlight = () => 5,
  turns,
}: Shape = {}): MeasuredStep {
  return Array.from({ length: seconds }, (_, second) => {
    const sample = new MutableSample('request')
    for (let n = 0; n < perSecond; n++) sample.record(n < perSecond * 0.04 ? slowMs(second) : 10)
    const usual = { lengthMs: 1000, gauge: 0, gaugeMax: 0, started: perSecond, due: perSecond }
    const told = { ...usual, ended: perSecond, count: 0, sample: null }
    return {
      told: [
        { ...told, sample: sample.encode() },
        { ...told, count: failed(second) },
      ],
      lengthMs: 1000,
      inFlight: inFlight(second),
      ended: perSecond,
      turns: turns?.(second) ?? null,
    }
  })
}

describe('a step', () => {
  const judge = (...steps: MeasuredStep[]) => judgeSteps(objective, steps, 0.05)

  it('holds when every condition does, clearly', () => {
    const { held, close, findings, reasons } = judge(step())
    assert.ok(held && !close)
    assert.deepEqual(
      findings.map(({ text, held: own, error }) => [text, own, error]),
      [
        ['50.0 ms', true, 0],
        ['0 %', true, 0],
      ],
    )
    assert.deepEqual(reasons, [])
  })

  it('is missed when one condition is', () => {
    const { held, close, findings } = judge(step({ failed: () => 3 }))
    assert.ok(!held && !close)
    assert.deepEqual(
      findings.map((each) => each.held),
      [true, false],
    )
    assert.equal(findings[1]!.text, '3 %')
  })

  it('is close when slices of it differ by more than what is left to the limit', () => {
    const { held, close, findings } = judge(step({ slowMs: (at) => (at % 4 < 2 ? 98 : 40) }))
    assert.ok(held && close)
    assert.ok(findings[0]!.error! > 5)
  })

  it('is judged together with what was played at the same rate before', () => {
    const bad = step({ slowMs: () => 120 })
    const good = step({ slowMs: () => 20 })
    assert.equal(judge(bad).held, false)
    // Of 4 % slow ones a half is too slow: still more than 1 %.
    assert.equal(judge(bad, good).findings[0]!.held, false)
    const better = judge(bad, good, good, good, good)
    assert.equal(better.findings[0]!.held, true)
  })

  it('is missed when nothing was measured', () => {
    const { held, findings } = judge(step({ perSecond: 0 }))
    assert.equal(held, false)
    assert.equal(findings[0]!.text, 'nothing was measured')
  })

  it('is missed when ever more requests wait, however fast they still are', () => {
    const { held, reasons } = judge(step({ inFlight: (at) => 5 + 6 * at }))
    assert.equal(held, false)
    assert.deepEqual(reasons, [
      'requests that wait grow by 6.00 a second: the target serves 100 a second',
    ])
  })

  const noises: [name: string, inFlight: (second: number) => number][] = [
    ['a backlog that comes and goes', (at) => 5 + 10 * (at % 3)],
    ['a backlog that shrinks', (at) => 100 - 6 * at],
    ['growth by a request in 2 s', (at) => 5 + at / 2],
    // A target that takes 10 s for each of 100 a second has 1,000 ± 32 of them.
    ['a large backlog that strays by its root', (at) => 1000 + 2 * at],
  ]
  for (const [name, inFlight] of noises) {
    it(`is not missed for ${name}`, () => assert.equal(judge(step({ inFlight })).held, true))
  }

  it('of a constant rate is missed when ever more turns wait, though no more requests do', () => {
    const turns = (at: number): WatchedTurns => ({ due: 50, taken: 44, owed: 6 * at, users: 5 })
    const { held, grows, reasons } = judge(step({ turns }))
    assert.ok(!held && grows)
    assert.deepEqual(reasons, ['turns that wait grow by 6.00 a second: users get 44.0 a second'])
  })

  it('too short for slices is judged by its values alone', () => {
    const { held, close, findings } = judge(step({ seconds: 3, inFlight: (at) => 100 * at }))
    assert.ok(held && !close)
    assert.equal(findings[0]!.error, null)
  })
})

describe('the users of a constant rate', () => {
  const limit = (shape: Shape, rate = 50): string | null => usersLimit(step(shape), rate)
  const even: WatchedTurns = { due: 50, taken: 50, owed: 0, users: 100 }

  it('are no limit where all turns come about, on time', () => {
    assert.equal(limit({ turns: () => even }), null)
    assert.equal(limit({ turns: (at) => ({ ...even, due: at % 2 === 0 ? 49 : 51 }) }), null)
  })

  it('are the limit where turns do not come about', () => {
    const text = limit({ turns: () => ({ ...even, due: 40, taken: 40, users: 2 }) })
    assert.match(text ?? '', /^40\.0 turns a second came about: 2 users play/)
  })

  const owing = (at: number): WatchedTurns => ({ ...even, taken: 40, owed: 10 * at })

  it('are the limit where they are late for their turns without waiting for the target', () => {
    const text = limit({ turns: owing, inFlight: () => 3 })
    assert.match(text ?? '', /but 3 of 100 only wait for an answer/)
  })

  it('are not where most of them wait for the target', () => {
    assert.equal(limit({ turns: owing, inFlight: () => 90 }), null)
  })

  it('are not where the requests that wait grow, until all users wait', () => {
    const turns = (at: number): WatchedTurns => ({ ...even, owed: at > 12 ? 1 : 0 })
    assert.equal(limit({ turns, inFlight: (at) => 2 * at }), null)
  })
})

describe('samples that a condition needs', () => {
  const wanted: [expression: string, samples: number][] = [
    ['p99(request) < 1s', 1000],
    ['p50(request) < 1s', 20],
    ['p99.9(request) < 1s', 10_000],
    ['p100(request) < 1s', 0],
    ['error_rate < 0.1%', 3000],
    ['error_rate < 100%', 0],
    ['mean(request) < 1s', 100],
    ['max(request) < 1s', 0],
    ['rate(200) > 5', 0],
  ]
  for (const [expression, samples] of wanted) {
    it(`${expression}: ${samples}`, () => {
      const [condition] = parseObjective(expression)
      assert.equal(Math.round(wantedSamples(condition!)), samples)
    })
  }
})
