import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ArrivalProcess, HostFacts, Plan } from '../../core/plan/model.ts'
import { makePlan, split } from '../../core/plan/plan.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { client, type LoadParts, phase, scenarioWith } from './scenarios.ts'

const noFacts: HostFacts = { cores: [] }

function planOf(
  parts: LoadParts,
  arrivals: ArrivalProcess = 'conditioned',
  facts: HostFacts = noFacts,
): Plan {
  return makePlan(scenarioWith(parts), { seed: '1', facts, arrivals })
}

/** Users of each launcher in the first phase. */
const firstPhase = (plan: Plan): number[] => plan.launchers.map(({ phases }) => phases[0]!.users)

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)

const clientParts = fc.record({
  weight: fc.integer({ min: 1, max: 20 }),
  cpu: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant('auto' as const)),
  maxUsers: fc.integer({ min: 1, max: 1000 }),
})
const phaseParts = fc.record({
  durationMs: fc.integer({ min: 1, max: 100_000 }),
  intensityPerMs: fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
  maxNumber: fc.option(fc.integer({ min: 1, max: 5000 })),
})
const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    clients: fc.array(clientParts, { minLength: 1, maxLength: 5 }),
    phases: fc.array(phaseParts, { maxLength: 4 }),
    users: fc.array(
      fc.record(
        { startMs: fc.nat({ max: 100_000 }), session: fc.constant(0) },
        { noNullPrototype: true },
      ),
    ),
    loop: fc.nat({ max: 2 }),
  })
  .map(({ clients, phases, users, loop }) =>
    scenarioWith({
      clients: clients.map(client),
      phases: phases.map((each, at) => phase({ ...each, phase: at + 1 })),
      users,
      loop,
    }),
  )
const facts: fc.Arbitrary<HostFacts> = fc.record({
  cores: fc.array(fc.double({ min: 0.1, max: 16, noNaN: true }), { maxLength: 5 }),
})
const processes = fc.constantFrom<ArrivalProcess>('conditioned', 'exponential', 'uniform')

describe('plan', () => {
  for (const [what, parts, want] of [
    ['3 users/s for 6 s', { durationMs: 6000, intensityPerMs: 0.003 }, 18],
    ['2.4 users are 2', { durationMs: 2400, intensityPerMs: 0.001 }, 2],
    ['2.5 users are 3', { durationMs: 2500, intensityPerMs: 0.001 }, 3],
    ['half a user that rounding made less is one', { durationMs: 214, intensityPerMs: 1 / 428 }, 1],
    ['4.5 users from an interarrival of 1/3 s', { durationMs: 1500, intensityPerMs: 0.003 }, 5],
    ['maxnumber is an upper bound', { durationMs: 6000, intensityPerMs: 1, maxNumber: 7 }, 7],
    ['maxnumber is no lower bound', { durationMs: 2000, intensityPerMs: 0.001, maxNumber: 7 }, 2],
    ['less than half a user is none', { durationMs: 10, intensityPerMs: 0.001 }, 0],
  ] as const) {
    it(what, () => {
      const plan = planOf({ phases: [phase(parts)] })
      assert.equal(plan.phases[0]!.users, want)
      assert.equal(plan.users, want)
    })
  }

  for (const [what, weights, maxNumber, want] of [
    [
      '5 users over ten equal launchers',
      Array<number>(10).fill(1),
      5,
      [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    ],
    ['3 users over two equal launchers', [1, 1], 3, [2, 1]],
    ['18 users over two equal launchers', [1, 1], 18, [9, 9]],
    ['10 users by weights 1, 2 and 4', [1, 2, 4], 10, [1, 3, 6]],
    ['a heavy launcher among light ones', [1, 1, 98], 100, [1, 1, 98]],
    ['a tie goes to the lower launcher', [3, 3, 3], 4, [2, 1, 1]],
  ] as const) {
    it(`shares ${what}`, () => {
      const clients = weights.map((weight) => client({ weight }))
      const phases = [phase({ intensityPerMs: 1, maxNumber })]
      assert.deepEqual(firstPhase(planOf({ clients, phases })), want)
    })
  }

  it('a client with cpu is that many launchers of equal parts of its weight', () => {
    const plan = planOf({ clients: [client({ cpu: 3, weight: 3 }), client({ host: 'b' })] })
    assert.deepEqual(
      plan.launchers.map(({ launcher, client, host, share }) => ({
        launcher,
        client,
        host,
        share,
      })),
      [
        { launcher: 1, client: 0, host: 'localhost', share: 0.25 },
        { launcher: 2, client: 0, host: 'localhost', share: 0.25 },
        { launcher: 3, client: 0, host: 'localhost', share: 0.25 },
        { launcher: 4, client: 1, host: 'b', share: 0.25 },
      ],
    )
  })

  for (const [cores, want] of [
    [[4], 4],
    [[2.7], 2],
    [[0.5], 1],
    [[], 1],
  ] as const) {
    it(`cpu="auto" on ${cores[0] ?? 'an unknown number of'} cores is ${want} launchers`, () => {
      const plan = planOf({ clients: [client({ cpu: 'auto' })] }, 'conditioned', { cores })
      assert.equal(plan.launchers.length, want)
    })
  }

  it('loop plays the list of phases again', () => {
    const phases = [
      phase({ phase: 3, durationMs: 1000, intensityPerMs: 0.01 }),
      phase({ phase: 7, durationMs: 2000, intensityPerMs: 0.02, waitAllSessionsEnd: true }),
    ]
    const plan = planOf({ phases, loop: 2 })
    assert.deepEqual(
      plan.phases.map(({ number, phase, startMs, users }) => [number, phase, startMs, users]),
      [
        [1, 3, 0, 10],
        [2, 7, 1000, 40],
        [3, 3, 3000, 10],
        [4, 7, 4000, 40],
        [5, 3, 6000, 10],
        [6, 7, 7000, 40],
      ],
    )
    assert.deepEqual(
      plan.launchers[0]!.phases.map(({ number, waitAllSessionsEnd }) => [
        number,
        waitAllSessionsEnd,
      ]),
      [1, 2, 3, 4, 5, 6].map((number) => [number, number % 2 === 0]),
    )
  })

  it('users that maxnumber bounds arrive in the time their intensity needs, on all launchers', () => {
    const clients = [client({ weight: 3 }), client()]
    const plan = planOf({ clients, phases: [phase({ intensityPerMs: 0.01, maxNumber: 20 })] })
    for (const launcher of plan.launchers) assert.equal(launcher.phases[0]!.spanMs, 2000)
    assert.equal(plan.durationMs, 2000)
    assert.equal(plan.phases[0]!.durationMs, 10_000)
  })

  it('each launcher has its share of the intensity', () => {
    const plan = planOf({ clients: [client({ weight: 3 }), client()] })
    assert.deepEqual(
      plan.launchers.map(({ phases }) => phases[0]!.intensityPerMs),
      [0.0075, 0.0025],
    )
  })

  it('lasts to the last arrival of any kind, or to the cut', () => {
    const users = [{ startMs: 15_000, session: 0 }]
    assert.equal(planOf({ users }).durationMs, 15_000)
    assert.equal(planOf({}).durationMs, 10_000)
    const cut = planOf({ users, durationMs: 12_000 })
    assert.equal(cut.durationMs, 12_000)
    assert.equal(cut.cutAfterMs, 12_000)
  })

  it('plans 200,000 static users', () => {
    const users = Array.from({ length: 200_000 }, (_, at) => ({ startMs: at, session: 0 }))
    assert.equal(planOf({ users, phases: [] }).users, 200_000)
  })
})

describe('static users', () => {
  const users = [5, 3, 1, 4, 2].map((second) => ({ startMs: second * 1000, session: second % 2 }))

  it('are sorted by start and cut into blocks, the first launcher gets the earliest', () => {
    const clients = [client({ maxUsers: 10 }), client({ maxUsers: 2 })]
    const { launchers } = planOf({ users, clients, phases: [] })
    assert.deepEqual(
      launchers.map(({ staticUsers }) => staticUsers.map(({ startMs }) => startMs)),
      [
        [1000, 2000, 3000],
        [4000, 5000],
      ],
    )
  })

  it('are taken off maxusers, down to 1', () => {
    const clients = [client({ maxUsers: 10 }), client({ maxUsers: 2 })]
    const { launchers } = planOf({ users, clients })
    assert.deepEqual(
      launchers.map(({ maxUsers }) => maxUsers),
      [7, 1],
    )
  })

  for (const [weights, want] of [
    [
      [1, 1, 1],
      [2, 1, 2],
    ],
    [
      [1, 4],
      [1, 4],
    ],
    [
      [3, 1, 1],
      [3, 1, 1],
    ],
  ] as const) {
    it(`5 of them by weights ${weights.join(', ')}: the part of what remains, rounded up`, () => {
      const clients = weights.map((weight) => client({ weight }))
      const { launchers } = planOf({ users, clients })
      assert.deepEqual(
        launchers.map(({ staticUsers }) => staticUsers.length),
        want,
      )
    })
  }
})

describe('every plan', () => {
  const options = { seed: 1, numRuns: 300 } as const

  it('is a pure function of scenario, seed and facts, and survives JSON', () => {
    fc.assert(
      fc.property(scenarios, facts, processes, (scenario, facts, arrivals) => {
        const plan = makePlan(scenario, { seed: 's', facts, arrivals })
        const copy = structuredClone(scenario)
        assert.deepEqual(makePlan(copy, { seed: 's', facts, arrivals }), plan)
        assert.deepEqual(copy, scenario)
        assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
      }),
      options,
    )
  })

  it('has min(maxnumber, round(duration·intensity)) users in each phase, shared out whole', () => {
    fc.assert(
      fc.property(scenarios, facts, (scenario, facts) => {
        const plan = makePlan(scenario, { seed: 's', facts, arrivals: 'conditioned' })
        plan.phases.forEach(({ users }, at) => {
          const { durationMs, intensityPerMs, maxNumber } =
            scenario.load.phases[at % scenario.load.phases.length]!
          const expected = durationMs * intensityPerMs
          if (maxNumber !== null && users === maxNumber) assert.ok(expected > maxNumber - 0.501)
          else assert.ok(Math.abs(users - expected) < 0.501)
          assert.equal(sum(plan.launchers.map(({ phases }) => phases[at]!.users)), users)
          for (const { share, phases } of plan.launchers) {
            assert.ok(Math.abs(phases[at]!.users - users * share) < 1.001)
          }
        })
      }),
      options,
    )
  })

  it('numbers its users 1 to N, each launcher a block', () => {
    fc.assert(
      fc.property(scenarios, facts, processes, (scenario, facts, arrivals) => {
        const plan = makePlan(scenario, { seed: 's', facts, arrivals })
        let next = 1
        for (const { firstUserId, users, staticUsers, phases } of plan.launchers) {
          assert.equal(firstUserId, next)
          assert.equal(users, staticUsers.length + sum(phases.map((each) => each.users)))
          next += users
        }
        assert.equal(plan.users, next - 1)
        assert.equal(plan.users, scenario.load.users.length + sum(plan.phases.map((p) => p.users)))
      }),
      options,
    )
  })

  it('gives every static user to one launcher', () => {
    fc.assert(
      fc.property(scenarios, facts, (scenario, facts) => {
        const plan = makePlan(scenario, { seed: 's', facts, arrivals: 'conditioned' })
        const starts = plan.launchers.flatMap(({ staticUsers }) =>
          staticUsers.map((u) => u.startMs),
        )
        const want = scenario.load.users.map(({ startMs }) => startMs).sort((a, b) => a - b)
        assert.deepEqual(starts, want)
      }),
      options,
    )
  })

  it('has the same users on 1, 2 and 5 launchers when maxnumber bounds them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 4 }), (bounds) => {
        const phases = bounds.map((maxNumber) => phase({ maxNumber, intensityPerMs: 1 }))
        const plans = [1, 2, 5].map((cpu) => planOf({ phases, clients: [client({ cpu })] }))
        for (const plan of plans) {
          assert.equal(plan.users, sum(bounds))
          assert.deepEqual(plan.phases, plans[0]!.phases)
        }
      }),
      options,
    )
  })
})

describe('plain exponential arrivals', () => {
  it('are planned as many as the drawn sequence makes due', () => {
    const phases = [phase({ intensityPerMs: 0.1 }), phase({ phase: 2, intensityPerMs: 0.1 })]
    const plans = ['a', 'b', 'c', 'd'].map((seed) =>
      makePlan(scenarioWith({ phases }), { seed, facts: noFacts, arrivals: 'exponential' }),
    )
    const counts = plans.flatMap((plan) => plan.phases.map(({ users }) => users))
    assert.ok(new Set(counts).size > 1)
    for (const count of counts) assert.ok(Math.abs(count - 1000) < 160, `${count}`)
    for (const { spanMs, durationMs } of plans[0]!.launchers[0]!.phases) {
      assert.equal(spanMs, durationMs)
    }
  })

  it('never exceed maxnumber, over all launchers', () => {
    const phases = [phase({ intensityPerMs: 1, maxNumber: 11 })]
    const plan = planOf({ phases, clients: [client({ cpu: 2 })] }, 'exponential')
    assert.deepEqual(firstPhase(plan), [6, 5])
  })
})

describe('split', () => {
  it('adds up, and no share is further than one from its exact part', () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), weights, (users, weights) => {
        const shares = split(
          users,
          weights.map((weight) => ({ weight })),
        )
        assert.equal(sum(shares), users)
        shares.forEach((share, at) => {
          const exact = (users * weights[at]!) / sum(weights)
          assert.ok(share >= 0 && Math.abs(share - exact) < 1 + 1e-6 * users)
        })
      }),
      { seed: 1, numRuns: 1000 },
    )
  })
})
