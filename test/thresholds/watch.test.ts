import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { JudgedThreshold, Second } from '../../controller/model.ts'
import { Watch } from '../../controller/thresholds/watch.ts'
import type { Plan } from '../../core/plan/model.ts'
import { MutableTotals } from '../../core/stats/totals.ts'
import type { ThresholdKind } from '../../core/thresholds/model.ts'
import { parseThreshold } from '../../core/thresholds/parse.ts'

/** Of one second of a run of two phases of 10 s, 10 users each second in the first, 20 in the second. */
interface Played {
  readonly request?: readonly number[]
  readonly counters?: { readonly [name: string]: number }
  readonly started?: number
  readonly users?: number
}

const phaseOf = (number: number, users: number): Plan['phases'][number] => ({
  number,
  phase: number * 10,
  startMs: (number - 1) * 10_000,
  durationMs: 10_000,
  maxActive: null,
  requestsPerMs: null,
  users,
  intensityPerMs: users / 10_000,
})
const plan = { phases: [phaseOf(1, 100), phaseOf(2, 200)], launchers: [] } as unknown as Plan
const plannedUsers = 300

function secondsOf(played: (second: number) => Played): Second[] {
  const seconds: Second[] = []
  let due = 0
  let started = 0
  for (let number = 1; number <= 20; number++) {
    const phase = number <= 10 ? 1 : 2
    const { request = [], counters = {}, users = 5, ...rest } = played(number)
    const totals = new MutableTotals()
    totals.add({ counters, samples: {} })
    for (const ms of request) totals.sample('request').record(ms)
    due += phase * 10
    started += rest.started ?? phase * 10
    seconds.push({
      atMs: number * 1000,
      totals,
      users,
      usersMax: users + 1,
      connected: users,
      connectedMax: users + 2,
      inFlight: 0,
      phase,
      due,
      started,
      finished: started,
      launchers: 1,
    })
  }
  return seconds
}

function judgedBy(
  expression: string,
  played: (second: number) => Played,
  kind: ThresholdKind = 'fail-if',
  cut: boolean = false,
): JudgedThreshold & { readonly abortedAt: number | null } {
  const watch = new Watch([{ kind, threshold: parseThreshold(expression) }])
  watch.begin({ plan })
  let abortedAt: number | null = null
  for (const second of secondsOf(played)) {
    if (watch.second(second) !== null) abortedAt ??= second.atMs / 1000
  }
  return { ...watch.end({ cut, plannedUsers })[0]!, abortedAt }
}

/** Slow in the first phase, and in seconds 13 and 14. */
const slow = (second: number): Played => ({
  request: Array.from({ length: 10 }, () =>
    second <= 10 || second === 13 || second === 14 ? 300 : 20,
  ),
  counters: { tsts_acknowledged: 9, tsts_failed: second === 15 ? 11 : 1, '500': 2, '503': 1 },
  users: second,
  started: second === 20 ? 10 : second <= 10 ? 10 : 20,
})

const cases: readonly (readonly [string, boolean, number | null])[] = [
  ['p99(request) > 250ms', false, 300],
  ['p50(request) > 301ms', true, 300],
  ['p99(request) > 250ms in phase 20 after 4s', true, 20],
  ['p99(request) > 250ms in phase 20', false, 300],
  ['p99(request) > 250ms after 14s', true, 20],
  ['p99(request) > 250ms after 13s', false, 300],
  ['mean(request) > 100ms in phase 10', false, 300],
  ['min(request) < 20ms', true, 20],
  ['p99(tr_never) > 1s', false, null],
  ['p99(request) > 1s after 1h', false, null],
  ['count(request) < 200', true, 200],
  ['rate(request) < 10', true, 10],
  ['rate(request) < 10.1 in phase 20', false, 10],
  ['500 > 39', false, 40],
  ['count(5*) > 60', true, 60],
  ['error_timeout > 0', true, 0],
  ['share(5*) > 20%', false, 60 / 210],
  ['error_rate > 14%', false, 30 / 210],
  ['error_rate > 54% over 2s', true, 2 / 20],
  ['error_rate > 35% over 2s', false, 12 / 30],
  ['users < 0.99 planned', false, 290 / 300],
  ['users < 96% planned', true, 290 / 300],
  ['users < 1 planned in phase 10', true, 1],
  ['users < 1 planned in phase 20', false, 190 / 200],
  ['users < 0.99 planned after 19s', false, 0.5],
  ['users < 290', true, 290],
  ['max(users) > 20', false, 21],
  ['max(connected) > 21', false, 22],
  ['mean(users) > 10.5', true, 10.5],
  ['min(users) < 1 in phase 10', true, 1],
]

describe('a threshold at the end of a run', () => {
  for (const [expression, ok, value] of cases) {
    it(`${expression}: ${ok ? 'passed' : 'failed'}`, () => {
      const judged = judgedBy(expression, slow)
      assert.equal(judged.ok, ok, judged.text)
      if (value === null) assert.equal(judged.value, null)
      else
        assert.ok(
          Math.abs((judged.value ?? Number.NaN) - value) < value * 0.002 + 1e-9,
          judged.text,
        )
      assert.equal(judged.abortedAt, null)
      assert.ok(!judged.text.includes('\n'))
    })
  }

  it('of something that never came fails, and says so', () => {
    assert.equal(
      judgedBy('p99(tr_never) > 1s in phase 20 after 2s', slow).text,
      'p99(tr_never) > 1s in phase 20 after 2s: failed, for nothing was measured of tr_never in phase 20 after 2 s',
    )
  })

  it('of a run that was cut looks at the users that were due', () => {
    const half = (second: number): Played => (second <= 18 ? {} : { started: 0 })
    assert.equal(judgedBy('users < 0.95 planned', half, 'fail-if', false).ok, false)
    assert.equal(judgedBy('users < 0.85 planned', half, 'fail-if', true).ok, true)
  })
})

const aborts: readonly (readonly [string, number | null])[] = [
  // Of the usual 10 s, that of second 10 is the first.
  ['p99(request) > 250ms', 10],
  ['p99(request) > 250ms over 2s', 2],
  ['mean(request) > 250ms over 2s in phase 20', 14],
  ['error_rate > 35% over 2s', 15],
  ['error_rate > 60% over 2s', null],
  ['p99(tr_never) > 1s', null],
  ['users < 0.9 planned over 1s', 20],
  ['min(users) < 5 over 5s after 3s', 8],
]

describe('an abort-if', () => {
  for (const [expression, at] of aborts) {
    it(`${expression}: ${at === null ? 'never' : `in second ${at}`}`, () => {
      const judged = judgedBy(expression, slow, 'abort-if')
      assert.equal(judged.abortedAt, at)
      assert.equal(judged.ok, at === null)
      if (at !== null)
        assert.ok(judged.text.includes(` at ${at} s, which ended the run`), judged.text)
    })
  }
})

describe('what is measured for a threshold', () => {
  it('does not depend on how values lie over the seconds', () => {
    const values = fc.array(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 5 }), {
      minLength: 20,
      maxLength: 20,
    })
    fc.assert(
      fc.property(
        values,
        fc.constantFrom('p50', 'p99', 'mean', 'min', 'max', 'count'),
        (all, statistic) => {
          const spread = judgedBy(`${statistic}(request) > 1`, (second) => ({
            request: all[second - 1]!,
          }))
          const flat = all.flat()
          const atOnce = judgedBy(`${statistic}(request) > 1`, (second) => ({
            request: second === 7 ? flat : [],
          }))
          if (spread.value === null) assert.equal(flat.length, 0)
          else assert.ok(Math.abs(spread.value - atOnce.value!) < 1e-6 * Math.max(1, spread.value))
        },
      ),
      { seed: 1 },
    )
  })

  it('holds for > just when it does not for <=, and for < when not for >=', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (limit, count) => {
        const played = (second: number): Played => ({
          counters: second === 1 ? { '200': count } : {},
        })
        const ok = (sign: string): boolean => judgedBy(`count(200) ${sign} ${limit}`, played).ok
        assert.equal(ok('>'), !ok('<='))
        assert.equal(ok('<'), !ok('>='))
        assert.equal(ok('>'), count <= limit)
      }),
      { seed: 1 },
    )
  })
})
