import assert from 'node:assert/strict'
import { planText } from '../../controller/commands/plan.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { matchesGolden } from '../outputs/golden-file.ts'
import { client, type LoadParts, phase, request, scenarioWith, think } from './scenarios.ts'

function textOf(scenario: Scenario, columns = 80): string {
  const plan = makePlan(scenario, { seed: '7', facts: { cores: [2] }, arrivals: 'conditioned' })
  return planText(scenario, plan, columns)
}

const read = {
  name: 'read',
  actions: [request(), think({ type: 'exponential', meanMs: 5000 }), request()],
}
const meet = {
  name: 'meet',
  actions: [
    think({ type: 'wait_global' }),
    {
      type: 'for',
      variable: 'i',
      from: '1',
      to: '10',
      increment: 1,
      line: 1,
      actions: [request(), think({ type: 'constant', ms: 2000 })],
    },
  ],
} as const

const rich: LoadParts = {
  clients: [
    client({ cpu: 'auto' }),
    client({ host: 'load-generator-17.example.net', weight: 2, maxUsers: 100 }),
  ],
  phases: [
    phase({ durationMs: 60_000, shares: [3, 1] }),
    phase({ phase: 2, durationMs: 120_000, intensityPerMs: 0.05, shares: [1, 1] }),
    phase({
      phase: 3,
      durationMs: 60_000,
      intensityPerMs: 0.1,
      maxNumber: 500,
      waitAllSessionsEnd: true,
      shares: [1, 0],
    }),
  ],
  users: [
    { startMs: 1000, session: 0 },
    { startMs: 2000, session: 1 },
  ],
  durationMs: 600_000,
  sessions: [read, meet],
}

describe('tsts plan', () => {
  it('prints launchers, phases, expectations and the load over time', () => {
    matchesGolden('plan.txt', textOf(scenarioWith(rich)))
  })

  for (const columns of [80, 120]) {
    it(`fits into ${columns} columns`, () => {
      for (const line of textOf(scenarioWith(rich), columns).split('\n')) {
        assert.ok([...line].length <= columns, line)
      }
    })
  }

  it('counts the rows that are too many to show', () => {
    const clients = Array.from({ length: 30 }, (_, at) => client({ host: `host-${at}` }))
    const text = textOf(scenarioWith({ clients, loop: 99 }))
    assert.match(text, /\n… and 7 more launchers\n/)
    assert.match(text, /\n… and 77 more phases\n/)
    assert.match(text, /\n… and 7 more hosts\n/)
  })

  it('says when there are too few ports', () => {
    const scenario = scenarioWith({ phases: [phase({ intensityPerMs: 1, durationMs: 60_000 })] })
    assert.match(textOf(scenario), /60,000 ports are needed at once [^:]*there are\s28,232/)
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map(
      (value) => ({ type: 'ip', value }) as const,
    )
    const more = { ...scenario, clients: [client({ addresses })] }
    assert.doesNotMatch(textOf(more), /ports are needed/)
  })

  it('names what the hosts lack, and what is unknown', () => {
    const scenario = scenarioWith({ phases: [phase({ intensityPerMs: 1, durationMs: 60_000 })] })
    const plan = makePlan(scenario, { seed: '7', facts: { cores: [] }, arrivals: 'conditioned' })
    const text = planText(scenario, plan, 200, {
      limits: {
        addresses: [],
        descriptorLimit: 50,
        memoryBytes: 1e6,
        portRange: [1, 100],
        tcpTwReuse: 0,
      },
      notes: ['Nobody knows.'],
    })
    assert.match(text, /\nNobody knows\.\n/)
    assert.match(text, /60,000 of 100 /)
    assert.match(
      text,
      /localhost will run short: 60,000 ports .* may have 50: .* there are 1\.0 MB:/s,
    )
  })

  for (const [what, parts] of [
    ['no user at all', { phases: [] }],
    ['no client', { clients: [] }],
    ['one static user', { phases: [], users: [{ startMs: 0, session: 0 }] }],
    ['a phase without users', { phases: [phase({ intensityPerMs: 1e-9 })] }],
    ['a session of nothing', { sessions: [{ actions: [] }] }],
  ] as const) {
    it(`${what} can be planned`, () => {
      const text = textOf(scenarioWith(parts))
      assert.match(text, /^scenario\.xml: [\d,]+ users? on \d+ launchers? in \d:\d\d\n/)
      assert.doesNotMatch(text, /NaN|Infinity|undefined/)
    })
  }

  it('leaves out what could steer a terminal', () => {
    const scenario = scenarioWith({ clients: [client({ host: 'a\u001b[31m' })] })
    assert.ok(!textOf(scenario).includes('\u001b'))
  })
})
