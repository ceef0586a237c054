import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { HostRecord } from '../../controller/host-record.ts'
import { WorstSpan } from '../../controller/launcher-strain.ts'
import type { LauncherReport } from '../../controller/model.ts'
import type { PhaseLoad } from '../../controller/outputs/delivered-load.ts'
import { type Evidence, judge, verdictCodes } from '../../controller/verdict.ts'
import { limitDeclarations, parseLimits, spanMs } from '../../controller/verdict-limits.ts'
import { root } from '../support/sources.ts'
import { unstrained } from '../support/strain.ts'

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
  strain: { ...unstrained, issued: 20_000, dueUsers: 10_000 },
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

const strained = (strain: Partial<LauncherReport['strain']>): Evidence =>
  with2({ strain: { ...launcher.strain, ...strain } })

const phase = (number: number, plannedUsers: number, startedUsers: number): PhaseLoad => ({
  number,
  phase: number,
  durationMs: 1000,
  plannedUsers,
  startedUsers,
  plannedRate: plannedUsers,
  startedRate: startedUsers,
})

const comparing = (errorMs: number, medianMs: number): Evidence => ({
  ...whole,
  compared: { count: 9, medianMs, errorMs },
})

/** A host of which `open` of 1000 ports are open at once, and `waiting` in TIME_WAIT. */
const ported = (open: number, waiting: number): Evidence => {
  const record = new HostRecord({
    host: 'h2',
    cores: 2,
    memoryBytes: 8e9,
    addresses: 1,
    portsAvailable: 1000,
  })
  const ports = { address: '10.0.0.7', open, closed: waiting, size: 1000 }
  record.addPorts({ launcher: 2, client: 0 }, ports, 1000)
  return { ...whole, hosts: [record.report()] }
}

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
  [
    'a phase without its users in a run that has nearly all',
    { ...whole, startedUsers: 9995, phases: [phase(1, 9990, 9990), phase(2, 10, 5)] },
    'invalid',
    ['V_PHASE_SHORT'],
  ],
  [
    'users that started behind the border of their phase',
    { ...whole, phases: [phase(1, 5000, 4900), phase(2, 5000, 5100)] },
    'valid',
    [],
  ],
  [
    'a launcher without its users',
    { ...with2({ startedUsers: 9000 }), plannedUsers: 20_000, startedUsers: 19_000 },
    'invalid',
    ['V_NOT_STARTED', 'V_LAUNCHER_SHORT'],
  ],
  ['a launcher that stood still for half a second', with2({ loopDelayMaxMs: 500 }), 'valid', []],
  [
    'a launcher that stood still for longer',
    with2({ loopDelayMaxMs: 501 }),
    'suspect',
    ['V_STALLED'],
  ],
  [
    'a launcher that stood still for 6 s',
    with2({ loopDelayMaxMs: 6000 }),
    'invalid',
    ['V_STALLED'],
  ],
  ['an event loop that is always late', strained({ loopDelayP99Ms: 51 }), 'suspect', ['V_LOOP']],
  ['a launcher with a whole core', strained({ cpuShareMax: 0.96 }), 'suspect', ['V_CPU']],
  ['a launcher that collects garbage', strained({ gcShareMax: 0.3 }), 'suspect', ['V_GC']],
  ['a launcher that does little else', strained({ gcShareMax: 0.6 }), 'invalid', ['V_GC']],
  ['a hypervisor that steals', strained({ stealMax: 0.2 }), 'suspect', ['V_STEAL']],
  [
    'one connection in 20,000 without a descriptor',
    strained({ ownErrors: { error_connect_emfile: 1 } }),
    'suspect',
    ['V_OWN_LIMIT'],
  ],
  [
    'more than one in 1000 without a port',
    strained({ ownErrors: { error_connect_eaddrnotavail: 21 } }),
    'invalid',
    ['V_OWN_LIMIT'],
  ],
  ['nine ports in ten of an address in use', ported(800, 100), 'valid', []],
  ['more than nine in ten open', ported(901, 0), 'suspect', ['V_PORTS']],
  ['more than nine in ten, most in TIME_WAIT', ported(1, 950), 'suspect', ['V_PORTS']],
  ['a host whose ports nobody told of', { ...whole, hosts: [] }, 'valid', []],
  ['few descriptors left', strained({ descriptorsMax: 960 }), 'suspect', ['V_DESCRIPTORS']],
  ['descriptors not known', strained({ descriptorsMax: 960, descriptorLimit: 0 }), 'valid', []],
  [
    'little memory left on a host',
    { ...with2({ rssBytesMax: 95e6 }), memoryBytes: new Map([['h2', 100e6]]) },
    'suspect',
    ['V_MEMORY'],
  ],
  ['memory enough', { ...whole, memoryBytes: new Map([['localhost', 1e9]]) }, 'valid', []],
  ['a file that ends early', { ...whole, troubles: ['cannot write x'] }, 'suspect', ['V_FILES']],
  ['no launcher heard of', { ...whole, startedUsers: 0, launchers: [] }, 'invalid', ['V_NO_DATA']],
]

/** What was given, evidence that is valid by default or not, and what it is now. */
const changed: readonly (readonly [string, Evidence, string])[] = [
  ['late_p99=20ms', with2({ lateP99Ms: 15 }), 'valid'],
  ['late_p99=20ms', with2({ lateP99Ms: 101 }), 'invalid'],
  ['late_p99=1s', with2({ lateP99Ms: 999 }), 'valid'],
  ['late_p99=1s', with2({ lateP99Ms: 1001 }), 'invalid'],
  ['late_p99=off', with2({ lateP99Ms: 1001 }), 'valid'],
  ['late_p99=1/off', with2({ lateP99Ms: 1001 }), 'suspect'],
  ['started=90%/80%', { ...whole, startedUsers: 9000 }, 'valid'],
  ['started=0.9/0.8', { ...whole, startedUsers: 8900 }, 'suspect'],
  ['started=100%', { ...whole, startedUsers: 9999 }, 'suspect'],
  ['cpu=99%, stall = 2s / 3s', strained({ cpuShareMax: 0.98 }), 'valid'],
  ['own_errors=1%/2%', strained({ ownErrors: { error_connect_emfile: 150 } }), 'valid'],
  ['ports=80%', ported(850, 0), 'suspect'],
  ['ports=95%', ported(940, 0), 'valid'],
  ['ports=off', ported(1000, 0), 'valid'],
  ['ports=90%/99%', ported(995, 0), 'invalid'],
  ['clock=50', comparing(40.1, 10), 'valid'],
]

const wrongLimits = [
  'late=20ms',
  'late_p99',
  'late_p99=20%',
  'late_p99=20ms/10ms',
  'late_p99=off/10ms',
  'late_p99=1/2/3',
  'started=1ms',
  'started=90%/95%',
  'cpu=many',
  '',
]

describe('limits of the verdict', () => {
  for (const [text, evidence, status] of changed) {
    it(`--verdict '${text}': ${status}`, () => {
      assert.equal(judge(evidence, parseLimits([text])).status, status)
    })
  }

  for (const text of wrongLimits) {
    it(`--verdict '${text}' is refused`, () => {
      assert.throws(() => parseLimits([text]), { code: 'E_USAGE' })
    })
  }

  it('are told with what is changed by each', () => {
    for (const { code } of limitDeclarations) {
      assert.ok((verdictCodes as readonly string[]).includes(code))
    }
  })

  it('stand in docs/verdict.md as they are', () => {
    const page = readFileSync(join(root, 'docs/verdict.md'), 'utf8')
    const shown = (unit: string, bad: string, value: number | null): string => {
      if (value === null) return 'never'
      const side = bad === 'above' ? 'over' : 'under'
      return `${side} ${unit === 'ms' ? `${value}ms` : `${Number((100 * value).toFixed(2))}%`}`
    }
    for (const { name, doc, unit, bad, suspect, invalid, code } of limitDeclarations) {
      const from = `${shown(unit, bad, suspect)} | ${shown(unit, bad, invalid)}`
      const row = `| \`${name}\` | ${doc} | ${from} | \`${code}\` |`
      assert.ok(page.includes(row), row)
    }
  })

  it('over 10 s: the worst span counts, however it is cut into intervals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 200, max: 3000 }), fc.nat(100))), (parts) => {
        const worst = new WorstSpan()
        for (const [lengthMs, share] of parts) worst.add(lengthMs, (lengthMs * share) / 100)
        const lengthMs = parts.reduce((sum, [length]) => sum + length, 0)
        const shares = parts.map(([, share]) => share / 100)
        if (lengthMs < spanMs) assert.equal(worst.worst, 0)
        else assert.ok(worst.worst <= Math.max(...shares) + 1e-9)
        const mean =
          parts.reduce((sum, [length, share]) => sum + (length * share) / 100, 0) / lengthMs
        if (lengthMs >= spanMs && lengthMs < spanMs + 200) assert.ok(worst.worst >= mean - 1e-9)
      }),
      { seed: 1 },
    )
  })
})

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

  it('names the host that ran out, once however many launchers it has', () => {
    const stolen = { ...launcher, host: 'h2', strain: { ...launcher.strain, stealMax: 0.4 } }
    const launchers = [launcher, { ...stolen, launcher: 2 }, { ...stolen, launcher: 3 }]
    const full = ported(500, 450)
    const memoryBytes = new Map([['h2', 100e6]])
    const { reasons } = judge({ ...full, launchers, memoryBytes })
    assert.deepEqual(reasons, [
      {
        code: 'V_STEAL',
        text: 'the hypervisor of h2 kept 40 % of its CPU to itself over 10 s (limit 30 %): its CPU credits are used up, or it shares its CPUs',
        host: 'h2',
      },
      {
        code: 'V_PORTS',
        text: '950 of the 1,000 ports of 10.0.0.7 on h2 were in use at once, 450 of them in TIME_WAIT (limit 90 %)',
        host: 'h2',
      },
      {
        code: 'V_MEMORY',
        text: 'the launchers on h2 used 160 MB of the 100 MB of memory it has (160 %)',
        host: 'h2',
      },
    ])
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
