import assert from 'node:assert/strict'
import { chosenSessions, refusals, withoutUnchosen } from '../../controller/playable.ts'
import type { Diagnostic } from '../../core/scenario/errors.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { ask } from '../support/line-plugin.ts'
import { scenarioOf } from '../support/scenario.ts'

const position = { file: 'a.xml', line: 1, column: 1 }

/** Three sessions with these shares in the only phase, and these static users. */
function scenario(shares: readonly number[], statics: readonly number[] = []): Scenario {
  const sessions = [0, 1, 2].map(() => ({ actions: [ask('hi')] }))
  const base = scenarioOf([sessions[0]!, { ...sessions[1]!, type: 'ts_jabber' }, sessions[2]!], {
    port: 1,
  })
  const users = statics.map((session) => ({ startMs: 0, session }))
  return { ...base, load: { ...base.load, phases: [{ ...base.load.phases[0]!, shares }], users } }
}

const finding = (severity: Diagnostic['severity'], session?: number): Diagnostic => ({
  severity,
  code: 'X',
  text: 'x',
  position,
  ...(session === undefined ? {} : { session }),
})

describe('what can be played', () => {
  it('sessions are chosen by a share in a phase or by static users', () => {
    assert.deepEqual([...chosenSessions(scenario([1, 0, 0]))], [0])
    assert.deepEqual([...chosenSessions(scenario([1, 0, 0], [2]))], [0, 2])
  })

  for (const [name, diagnostic, want] of [
    ['an error', finding('error'), true],
    ['an error in a session that nobody plays', finding('error', 1), true],
    ['a warning', finding('warning'), false],
    ['what cannot be played in a session that is chosen', finding('unplayable', 0), true],
    ['what cannot be played in a session that nobody plays', finding('unplayable', 1), false],
    ['what concerns the whole run', finding('unplayable'), true],
  ] as const) {
    it(`${name} ${want ? 'forbids' : 'does not forbid'} a run`, () => {
      const found = refusals([diagnostic], chosenSessions(scenario([1, 0, 1])))
      assert.equal(found.length, want ? 1 : 0)
    })
  }

  it('launchers get nothing of a session that nobody plays, and indexes stay', () => {
    const all = scenario([0, 0, 1])
    const { sessions } = withoutUnchosen(all, chosenSessions(all))
    assert.deepEqual(
      sessions.map(({ name, type, actions }) => [name, type, actions.length]),
      [
        ['session-0', 'ts_line', 0],
        ['session-1', 'ts_line', 0],
        ['session-2', 'ts_line', 1],
      ],
    )
  })
})
