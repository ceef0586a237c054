import assert from 'node:assert/strict'
import type { Finding } from '../../controller/capacity/model.ts'
import { parseObjective } from '../../controller/capacity/objective.ts'
import { errorsText, isMissedAnyway } from '../../controller/capacity/trust.ts'
import type { LauncherReport, RunResult } from '../../controller/model.ts'
import { MutableTotals } from '../../core/stats/totals.ts'

const objective = parseObjective('p99(request) < 100ms, error_rate < 1%, p50(page) > 1ms')

/** How a run ended, as far as it matters here. */
function resultOf(codes: readonly string[], latesMs: readonly number[]): RunResult {
  const launchers = latesMs.map((lateP99Ms) => ({ lateP99Ms }) as LauncherReport)
  const reasons = codes.map((code) => ({ code, text: code }))
  return { verdict: { status: 'suspect', reasons }, launchers } as unknown as RunResult
}

function findings(...values: readonly (number | null)[]): readonly Finding[] {
  return objective.map(({ expression }, at) => ({
    expression,
    value: values[at] ?? null,
    error: null,
    held: false,
    close: false,
    text: '',
  }))
}

describe('a step whose run was suspect', () => {
  const cases: [
    name: string,
    codes: string[],
    latesMs: number[],
    values: (number | null)[],
    want: boolean,
  ][] = [
    ['late by 20 ms, p99 301 ms over its limit of 100', ['V_LATE'], [1, 20], [401], true],
    ['late by 20 ms, p99 only 199 ms over', ['V_LATE'], [1, 20], [299], false],
    ['late, all times kept', ['V_LATE'], [20], [50], false],
    ['late, only errors', ['V_LATE'], [20], [50, 1], false],
    ['late, and a lower bound of a time missed', ['V_LATE'], [20], [50, 0, 999], false],
    ['late, nothing measured', ['V_LATE'], [20], [null], false],
    ['late, and users were not started', ['V_LATE', 'V_NOT_STARTED'], [20], [9999], false],
    ['a launcher lost', ['V_LOST_USERS'], [0], [9999], false],
  ]
  for (const [name, codes, latesMs, values, want] of cases) {
    it(`${want ? 'is missed all the same' : 'says nothing'}: ${name}`, () =>
      assert.equal(isMissedAnyway(resultOf(codes, latesMs), objective, findings(...values)), want))
  }
})

describe('errors of a step', () => {
  it('are told by how many there were, the three most frequent', () => {
    const totals = new MutableTotals()
    const counts = { error_a: 1, error_b: 1200, error_c: 30, error_d: 2, error_e: 0, 200: 5000 }
    for (const [name, count] of Object.entries(counts)) totals.counters.set(name, count)
    assert.deepEqual(errorsText({ totals }), [
      'error_b 1,200 times, error_c 30 times, error_d 2 times',
    ])
    assert.deepEqual(errorsText({ totals: new MutableTotals() }), [])
  })
})
