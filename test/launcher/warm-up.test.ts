/** A launcher that has to be fast from its first moment on plays users of its own before. */
import assert from 'node:assert/strict'
import type { LauncherPhase, LauncherPlan } from '../../core/plan/model.ts'
import { HealthMonitor } from '../../launcher/health.ts'
import { startsFast, warmUp } from '../../launcher/warm-up.ts'
import { scenarioOf } from '../scenario/build.ts'

const phase: LauncherPhase = {
  ...{ number: 1, durationMs: 60_000, users: 6000, intensityPerMs: 0.1, spanMs: 60_000 },
  ...{ waitAllSessionsEnd: false, shares: [100], requestsPerMs: null, maxRestarts: null },
}
const plan: LauncherPlan = {
  ...{ launcher: 1, client: 0, host: 'localhost', share: 1, maxUsers: 800, addresses: [] },
  ...{ firstUserId: 1, users: 6000, staticUsers: [], phases: [phase] },
}

describe('warm-up', () => {
  for (const [what, changed, want] of [
    ['100 users a second', {}, false],
    [
      '200 users a second, in a later phase',
      { phases: [phase, { ...phase, intensityPerMs: 0.2 }] },
      true,
    ],
    [
      'a constant rate of 200 requests a second',
      { phases: [{ ...phase, requestsPerMs: 0.2 }] },
      true,
    ],
    [
      '499 users, all in one second',
      { users: 499, phases: [{ ...phase, intensityPerMs: 1 }] },
      false,
    ],
    ['199 users at once', { staticUsers: Array(199).fill({ startMs: 0, session: 0 }) }, false],
    ['200 users at once', { staticUsers: Array(200).fill({ startMs: 0, session: 0 }) }, true],
  ] as const) {
    it(`${what}: ${want ? 'warm' : 'as it is'}`, () => {
      assert.equal(startsFast({ ...plan, ...changed }), want)
    })
  }

  it('plays whatever the run’s protocol is, and leaves nothing open', async () => {
    const scenario = scenarioOf({
      options: `<option name="rate_limit" value="1"/><option name="ports_range" min="1025" max="1030"/>
        <option type="ts_http" name="http_version" value="2"/>`,
    })
    const before = JSON.stringify(scenario)
    // Other tests may have some that close meanwhile.
    const open = (): number =>
      process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
    const openBefore = open()
    const beganMs = performance.now()
    await warmUp(scenario, true, new HealthMonitor())
    assert.ok(performance.now() - beganMs > 10, 'it played')
    // Node lets handles go some turns after it has told of it.
    for (let turn = 0; turn < 100 && open() > openBefore; turn++) await new Promise(setImmediate)
    assert.ok(open() <= openBefore)
    assert.equal(JSON.stringify(scenario), before)
  })
})
