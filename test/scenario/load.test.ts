import assert from 'node:assert/strict'
import { codesOf, onePhase, type Parts, readParts, request, scenarioOf } from './build.ts'

const phase = (content: string, attributes = 'phase="1" duration="10" unit="second"'): string =>
  `<arrivalphase ${attributes}>${content}</arrivalphase>`
const users = (attributes: string): string => phase(`<users ${attributes}/>`)
const session = (attributes: string): string =>
  `<session ${attributes} type="ts_http">${request}</session>`

describe('phases', () => {
  const rates: readonly (readonly [string, number])[] = [
    ['arrivalrate="2" unit="second"', 2 / 1000],
    ['arrivalrate="30" unit="minute"', 30 / 60_000],
    ['arrivalrate="0.5" unit="hour"', 0.5 / 3_600_000],
    ['interarrival="2" unit="second"', 1 / 2000],
    ['interarrival="0.5" unit="minute"', 1 / 30_000],
    ['arrivalrate="1.0e3" unit="second"', 1],
  ]
  for (const [attributes, intensity] of rates) {
    it(`<users ${attributes}> are ${intensity} users per ms`, () => {
      const [first] = scenarioOf({ load: users(attributes) }).load.phases
      assert.ok(Math.abs(first!.intensityPerMs - intensity) < 1e-15)
      assert.equal(first!.maxNumber, null)
    })
  }

  const durations: readonly (readonly [string, number])[] = [
    ['duration="500" unit="millisecond"', 500],
    ['duration="2" unit="second"', 2000],
    ['duration="3" unit="minute"', 180_000],
    ['duration="1" unit="hour"', 3_600_000],
  ]
  for (const [attributes, ms] of durations) {
    it(`a phase with ${attributes} lasts ${ms} ms`, () => {
      const load = phase('<users arrivalrate="1" unit="second"/>', `phase="1" ${attributes}`)
      assert.equal(scenarioOf({ load }).load.phases[0]!.durationMs, ms)
    })
  }

  it('are played in the order of their numbers, which need not follow each other', () => {
    const numbered = (phase: number): string => onePhase.replace('phase="1"', `phase="${phase}"`)
    const load = numbered(7) + numbered(0) + numbered(3)
    assert.deepEqual(
      scenarioOf({ load }).load.phases.map(({ phase }) => phase),
      [0, 3, 7],
    )
  })

  it('know when to wait', () => {
    const load = onePhase.replace('phase="1"', 'phase="1" wait_all_sessions_end="true"')
    assert.equal(scenarioOf({ load }).load.phases[0]!.waitAllSessionsEnd, true)
    assert.equal(scenarioOf().load.phases[0]!.waitAllSessionsEnd, false)
  })

  it('without users are a pause', () => {
    const result = readParts({ load: phase('') + onePhase.replace('phase="1"', 'phase="2"') })
    assert.deepEqual(codesOf(result), ['W_NO_USERS'])
    const { scenario } = result
    assert.equal(scenario!.load.phases[0]!.maxNumber, 0)
    assert.equal(scenario!.load.phases[0]!.durationMs, 10_000)
  })

  it('with two rates take the last one whole', () => {
    const load = phase(
      '<users arrivalrate="1" unit="second" maxnumber="5"/><users interarrival="3" unit="second"/>',
    )
    const { scenario, diagnostics } = readParts({ load })
    assert.equal(diagnostics[0]!.code, 'W_USERS_AGAIN')
    assert.ok(Math.abs(scenario!.load.phases[0]!.intensityPerMs - 1 / 3000) < 1e-15)
    assert.equal(scenario!.load.phases[0]!.maxNumber, null)
  })

  it('maxnumber bounds them, 0 as well', () => {
    for (const maxnumber of [0, 17]) {
      const load = users(`arrivalrate="1" unit="second" maxnumber="${maxnumber}"`)
      assert.equal(scenarioOf({ load }).load.phases[0]!.maxNumber, maxnumber)
    }
  })
})

describe('<load>', () => {
  const durations: readonly (readonly [string, number | null])[] = [
    ['duration="90"', 90_000],
    ['duration="2" unit="minute"', 120_000],
    ['duration="1" unit="hour"', 3_600_000],
    ['duration="0"', null],
    ['', null],
  ]
  for (const [loadAttributes, ms] of durations) {
    it(`${loadAttributes || 'without duration'} is cut after ${ms} ms`, () => {
      assert.equal(scenarioOf({ loadAttributes }).load.durationMs, ms)
    })
  }

  it('has repetitions', () => {
    assert.equal(scenarioOf({ loadAttributes: 'loop="2"' }).load.loop, 2)
    assert.equal(scenarioOf().load.loop, 0)
  })

  it('cannot last longer than Tsung counts', () => {
    const codes = (loadAttributes: string): readonly string[] =>
      codesOf(readParts({ loadAttributes }))
    assert.deepEqual(codes('duration="4294967"'), [])
    assert.deepEqual(codes('duration="4294968"'), ['U_UNUSABLE'])
    assert.deepEqual(codes('duration="1194" unit="hour"'), ['U_UNUSABLE'])
  })

  it('that is empty starts nobody, and is told', () => {
    assert.deepEqual(codesOf(readParts({ load: '' })), ['W_NO_USERS'])
  })
})

describe('a load that Tsung refuses', () => {
  const cases: readonly (readonly [string, Parts, string])[] = [
    ['no rate', { load: users('unit="second"') }, 'E_RATE'],
    ['two rates', { load: users('arrivalrate="1" interarrival="1" unit="second"') }, 'E_RATE'],
    ['a rate of 0', { load: users('arrivalrate="0" unit="second"') }, 'E_RATE'],
    ['an empty rate', { load: users('arrivalrate="" unit="second"') }, 'E_RATE'],
    ['an interarrival of 0', { load: users('interarrival="0" unit="second"') }, 'E_RATE'],
    ['one number twice', { load: onePhase + onePhase }, 'E_SAME_PHASE'],
    ['a user without a time', { load: '<user session="s"/>' }, 'E_MISSING_ATTRIBUTE'],
    ['no shares', { sessions: session('name="a"') }, 'E_SHARE'],
    [
      'two kinds of share in one',
      { sessions: session('name="a" weight="1" probability="1"') },
      'E_SHARE',
    ],
    [
      'weight, then probability',
      { sessions: session('name="a" weight="1"') + session('name="b" probability="1"') },
      'E_SHARE',
    ],
    [
      'probability, then weight',
      { sessions: session('name="a" probability="100"') + session('name="b" weight="1"') },
      'E_SHARE',
    ],
    [
      'a weight in session_setup',
      { load: phase('<session_setup name="s" weight="3"/><users arrivalrate="1" unit="second"/>') },
      'E_SHARE',
    ],
  ]
  for (const [title, parts, code] of cases) {
    it(title, () => {
      const result = readParts(parts)
      assert.equal(result.scenario, null)
      assert.ok(codesOf(result).includes(code), codesOf(result).join())
    })
  }
})

describe('shares', () => {
  const two = (a: string, b: string): Parts => ({
    sessions: session(`name="a" probability="${a}"`) + session(`name="b" probability="${b}"`),
  })
  const sums: readonly (readonly [string, string, boolean])[] = [
    ['50', '50', true],
    ['50', '50.04', true],
    ['50', '49.96', true],
    ['50', '50.06', false],
    ['50', '49.9', false],
    ['60', '60', false],
  ]
  for (const [a, b, isPlayable] of sums) {
    it(`${a} and ${b} ${isPlayable ? 'make' : 'do not make'} 100`, () => {
      assert.deepEqual(codesOf(readParts(two(a, b))), isPlayable ? [] : ['U_BAD_SUM'])
    })
  }

  it('of weights have any total', () => {
    const sessions = session('name="a" weight="3"') + session('name="b" weight="1.5"')
    assert.deepEqual(scenarioOf({ sessions }).load.phases[0]!.shares, [3, 1.5])
  })

  it('that are all 0 choose nobody', () => {
    const sessions = session('name="a" weight="0"') + session('name="b" weight="0"')
    assert.deepEqual(codesOf(readParts({ sessions })), ['U_UNUSABLE'])
  })

  it('of a single session do not count, but are checked', () => {
    assert.deepEqual(
      scenarioOf({ sessions: session('name="a" weight="0"') }).load.phases[0]!.shares,
      [1],
    )
    assert.deepEqual(codesOf(readParts({ sessions: session('name="a" probability="50"') })), [
      'U_BAD_SUM',
    ])
  })

  it('are not checked without a phase', () => {
    const load = '<user session="a" start_time="1"/>'
    assert.deepEqual(codesOf(readParts({ ...two('1', '1'), load })), [])
  })

  const setups: readonly (readonly [string, readonly number[]])[] = [
    [
      '<session_setup name="a" probability="10"/><session_setup name="b" probability="90"/>',
      [10, 90],
    ],
    ['<session_setup name="*" probability="50"/>', [50, 50]],
    ['<session_setup name="?" probability="50"/>', [50, 50]],
    ['<session_setup name="a|b" probability="50"/>', [50, 50]],
    [
      '<session_setup name="*" probability="1"/><session_setup name="b" probability="99"/>',
      [1, 99],
    ],
  ]
  for (const [setup, shares] of setups) {
    it(`${setup} gives ${shares.join(' and ')}`, () => {
      const load = phase(`${setup}<users arrivalrate="1" unit="second"/>`)
      assert.deepEqual(scenarioOf({ ...two('70', '30'), load }).load.phases[0]!.shares, shares)
    })
  }

  it('are replaced in their phase alone', () => {
    const setup =
      '<session_setup name="a" probability="0"/><session_setup name="b" probability="100"/>'
    const load =
      phase(`${setup}<users arrivalrate="1" unit="second"/>`) +
      onePhase.replace('phase="1"', 'phase="2"')
    assert.deepEqual(
      scenarioOf({ ...two('70', '30'), load }).load.phases.map(({ shares }) => shares),
      [
        [0, 100],
        [70, 30],
      ],
    )
  })

  it('for no session are told', () => {
    for (const name of ['zz', '[', '(']) {
      const load = phase(
        `<session_setup name="${name}" probability="9"/><users arrivalrate="1" unit="second"/>`,
      )
      assert.deepEqual(codesOf(readParts({ ...two('70', '30'), load })), ['W_NO_SESSION'])
    }
  })
})

describe('static users', () => {
  const sessions = ['a1', 'a2', 'b'].map((name) => session(`name="${name}" weight="1"`)).join('')
  const cases: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    ['<user session="b" start_time="2"/>', [[2000, 2]]],
    ['<user session="b" start_time="1.5" unit="minute"/>', [[90_000, 2]]],
    ['<user session="b" start_time="" unit="hour"/>', [[0, 2]]],
    ['<user session="b" start_time="20" unit="millisecond"/>', [[20, 2]]],
    [
      '<user session="a*" start_time="1"/>',
      [
        [1000, 0],
        [1000, 1],
      ],
    ],
    [
      '<user session="a?" start_time="1"/>',
      [
        [1000, 0],
        [1000, 1],
      ],
    ],
    [
      '<user session="*" start_time="1"/>',
      [
        [1000, 0],
        [1000, 1],
        [1000, 2],
      ],
    ],
    ['<user session="a" start_time="1"/>', []],
  ]
  for (const [load, expected] of cases) {
    it(load, () => {
      const { users } = scenarioOf({ sessions, load }).load
      assert.deepEqual(
        users.map(({ startMs, session }) => [startMs, session]),
        expected,
      )
    })
  }

  it('of no session are told', () => {
    const load = '<user session="zz" start_time="1"/>'
    assert.deepEqual(codesOf(readParts({ sessions, load })), ['W_NO_SESSION'])
  })
})

describe('loads of ours', () => {
  const paced = (rates: string): Parts => ({
    load: phase(`<users arrivalrate="1" unit="second"/>${rates}`),
    session: `${request}<pace/>`,
  })
  const values: readonly (readonly [string, number])[] = [
    ['value="30000" unit="second"', 30],
    ['value="0.5"', 0.0005],
    ['value="90" unit="minute"', 0.0015],
  ]
  for (const [attributes, perMs] of values) {
    it(`<rate ${attributes}/> is ${perMs} turns per ms`, () => {
      const result = readParts(paced(`<rate ${attributes}/>`))
      assert.deepEqual(codesOf(result), [])
      assert.equal(result.scenario!.load.phases[0]!.requestsPerMs, perMs)
      assert.equal(result.scenario!.sessions[0]!.actions.at(-1)!.type, 'pace')
    })
  }

  it('a phase without a rate has none of its own', () => {
    assert.equal(scenarioOf().load.phases[0]!.requestsPerMs, null)
    assert.equal(scenarioOf().load.phases[0]!.maxActive, null)
  })

  for (const [rates, code] of [
    ['<rate value="0"/>', 'E_RATE'],
    ['<rate/>', 'E_MISSING_ATTRIBUTE'],
    ['<rate value="many"/>', 'E_BAD_ATTRIBUTE'],
    ['<rate value="1"/><rate value="2"/>', 'W_RATE_AGAIN'],
    ['', 'W_NO_RATE'],
  ] as const) {
    it(`${rates === '' ? '<pace/> without a rate' : rates} is ${code}`, () => {
      assert.deepEqual(codesOf(readParts(paced(rates))), [code])
    })
  }

  it('a phase with a rate alone is no pause, and starts nobody', () => {
    const load = `${onePhase}${phase('<rate value="5"/>', 'phase="2" duration="1" unit="minute"')}`
    const result = readParts({ load, session: `${request}<pace/>` })
    assert.deepEqual(codesOf(result), [])
    assert.deepEqual(
      result.scenario!.load.phases.map(({ maxNumber, requestsPerMs }) => [
        maxNumber,
        requestsPerMs,
      ]),
      [
        [null, null],
        [0, 0.005],
      ],
    )
  })

  it('maxactive is how many users of a phase play at once', () => {
    const load = users('arrivalrate="2" unit="second" maxactive="50" maxnumber="80"')
    const [first] = scenarioOf({ load }).load.phases
    assert.deepEqual([first!.maxActive, first!.maxNumber], [50, 80])
    const none = readParts({ load: users('arrivalrate="2" unit="second" maxactive="0"') })
    assert.deepEqual(codesOf(none), ['E_BAD_ATTRIBUTE'])
  })
})
