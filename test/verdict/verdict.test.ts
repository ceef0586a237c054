import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LauncherReport } from '../../controller/model.ts'
import { type Evidence, judge, verdictCodes } from '../../controller/verdict.ts'

const launcher: LauncherReport = {
  launcher: 1,
  host: 'localhost',
  pid: 100,
  state: 'done',
  plannedUsers: 10_000,
  startedUsers: 10_000,
  finishedUsers: 10_000,
  unknownUsers: 0,
  maybeStartedUsers: 0,
  lastHeardMs: 60_000,
  cpuMs: 1000,
  loopDelayMaxMs: 3,
  rssBytesMax: 80e6,
  lateP99Ms: 0.5,
  clock: null,
}
const whole: Evidence = {
  plannedUsers: 10_000,
  dueUsers: 10_000,
  startedUsers: 10_000,
  cut: false,
  launchers: [launcher],
  compared: null,
}
const cut: Evidence = { ...whole, cut: true, dueUsers: 4000, startedUsers: 4000 }
const with2 = (second: Partial<LauncherReport>): Evidence => ({
  ...whole,
  launchers: [launcher, { ...launcher, launcher: 2, host: 'h2', ...second }],
})

const comparing = (errorMs: number, medianMs: number): Evidence => ({
  ...whole,
  compared: { count: 9, medianMs, errorMs },
})

const cases: readonly (readonly [string, Evidence, string, readonly string[]])[] = [
  ['all users started', whole, 'valid', []],
  ['more users than planned, by steering', { ...whole, startedUsers: 10_500 }, 'valid', []],
  ['99.9 % started', { ...whole, startedUsers: 9990 }, 'valid', []],
  ['less than 99.9 % started', { ...whole, startedUsers: 9989 }, 'suspect', ['V_NOT_STARTED']],
  ['99 % started', { ...whole, startedUsers: 9900 }, 'suspect', ['V_NOT_STARTED']],
  ['less than 99 % started', { ...whole, startedUsers: 9899 }, 'invalid', ['V_NOT_STARTED']],
  [
    'one of one user missing',
    { ...whole, plannedUsers: 1, startedUsers: 0 },
    'invalid',
    ['V_NOT_STARTED'],
  ],
  [
    'an uncut run with too few due',
    { ...whole, dueUsers: 5000, startedUsers: 5000 },
    'invalid',
    ['V_NOT_STARTED'],
  ],
  ['cut, all due users started', cut, 'valid', []],
  [
    'cut, a due user in twenty missing',
    { ...cut, startedUsers: 3800 },
    'invalid',
    ['V_NOT_STARTED'],
  ],
  ['cut before any user was due', { ...cut, dueUsers: 0, startedUsers: 0 }, 'valid', []],
  ['p99 of late at the limit', with2({ lateP99Ms: 10 }), 'valid', []],
  ['p99 of late over 10 ms', with2({ lateP99Ms: 10.1 }), 'suspect', ['V_LATE']],
  ['p99 of late over 100 ms', with2({ lateP99Ms: 101 }), 'invalid', ['V_LATE']],
  ['lost without users', with2({ state: 'lost' }), 'suspect', ['V_LOST']],
  ['lost with users', with2({ state: 'lost', unknownUsers: 7 }), 'invalid', ['V_LOST_USERS']],
  [
    'lost without users, some became due since',
    with2({ state: 'lost', maybeStartedUsers: 2 }),
    'invalid',
    ['V_LOST_USERS'],
  ],
  ['hosts compared, clocks known to 5 ms', comparing(5, 20), 'valid', []],
  ['hosts compared, clocks known to 5.1 ms', comparing(5.1, 100), 'suspect', ['V_CLOCKS']],
  ['hosts compared, an error of 5 % of the median', comparing(40, 800), 'valid', []],
  ['hosts compared, an error of more than that', comparing(40.1, 800), 'suspect', ['V_CLOCKS']],
  ['stopped', with2({ state: 'stopped', unknownUsers: 0 }), 'valid', []],
  ['no launcher heard of', { ...whole, startedUsers: 0, launchers: [] }, 'invalid', ['V_NO_DATA']],
]

describe('verdict', () => {
  for (const [title, evidence, status, codes] of cases) {
    it(`${title}: ${status}`, () => {
      const verdict = judge(evidence)
      assert.equal(verdict.status, status)
      assert.deepEqual(
        verdict.reasons.map((reason) => reason.code),
        codes,
      )
    })
  }

  it('tells the gravest reason first and names its launcher and host', () => {
    const { status, reasons } = judge({
      ...with2({ state: 'lost', unknownUsers: 1, lastHeardMs: 12_300 }),
      startedUsers: 9980,
    })
    assert.equal(status, 'invalid')
    assert.deepEqual(
      reasons.map((reason) => [reason.code, reason.launcher]),
      [
        ['V_LOST_USERS', 2],
        ['V_NOT_STARTED', undefined],
      ],
    )
    assert.match(
      reasons[0]!.text,
      /launcher 2 on h2 was lost after 12\.3 s.* its 1 user is unknown/,
    )
    assert.match(reasons[1]!.text, /^20 of 10000 users planned were not started \(99\.80 % /)
  })

  it('is never better with fewer users started, and uses listed codes only', () => {
    const rank = { valid: 0, suspect: 1, invalid: 2 }
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.boolean(), fc.nat(5000), (a, b, isCut, due) => {
        const evidence = { ...whole, plannedUsers: 5000, dueUsers: due, cut: isCut }
        const fewer = judge({ ...evidence, startedUsers: Math.min(a, b) })
        const more = judge({ ...evidence, startedUsers: Math.max(a, b) })
        assert.ok(rank[fewer.status] >= rank[more.status])
        for (const reason of fewer.reasons) {
          assert.ok((verdictCodes as readonly string[]).includes(reason.code))
        }
      }),
      { seed: 1 },
    )
  })
})
