import assert from 'node:assert/strict'
import { makePlan } from '../../core/plan/plan.ts'
import { maxSuccessors, type Prediction, predict } from '../../core/plan/predict.ts'
import { expectedLength } from '../../core/plan/session-length.ts'
import type { Action } from '../../core/scenario/model.ts'
import { client, type LoadParts, phase, request, scenarioWith, think } from './scenarios.ts'

function predictionOf(parts: LoadParts, answerMs = 0): Prediction {
  const scenario = scenarioWith(parts)
  const plan = makePlan(scenario, { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' })
  return predict(scenario, plan, answerMs)
}

function loop(
  to: number,
  actions: readonly Action[],
  increment = 1,
): Action & { readonly type: 'for' } {
  return { type: 'for', variable: 'i', from: '1', to: String(to), increment, line: 1, actions }
}

const pause = (ms: number): Action => think({ type: 'constant', ms })
/** 10 users/s for 100 s, each a request and 5 s of thinking. */
const steady: LoadParts = {
  phases: [phase({ durationMs: 100_000, intensityPerMs: 0.01 })],
  sessions: [{ actions: [request(), pause(5000)] }],
}

describe('length of a session', () => {
  for (const [what, actions, thinkMs, requests] of [
    ['nothing', [], 0, 0],
    ['requests', [request(), request()], 0, 2],
    ['a constant think time', [pause(5000)], 5000, 0],
    ['an exponential think time', [think({ type: 'exponential', meanMs: 700 })], 700, 0],
    ['a uniform think time', [think({ type: 'uniform', minMs: 100, maxMs: 300 })], 200, 0],
    ['a loop from 1 to 10', [loop(10, [request(), pause(10)])], 100, 10],
    ['a loop from 1 to 10 by 4', [loop(10, [request()], 4)], 0, 4],
    ['a loop whose end is before its start', [loop(0, [request()])], 0, 1],
    ['a loop that does not count', [loop(1, [request()], 0)], 0, 1],
    ['a loop in a loop', [loop(3, [loop(4, [pause(1)])])], 12, 0],
    [
      'a transaction',
      [{ type: 'transaction', name: 't', line: 1, actions: [request(), pause(3)] }],
      3,
      1,
    ],
    ['a loop whose end is a variable', [{ ...loop(1, [pause(7)]), to: '%%_n%%' }], 7, 0],
    [
      'a foreach',
      [
        {
          type: 'foreach',
          variable: 'x',
          list: 'xs',
          include: null,
          exclude: null,
          line: 1,
          actions: [pause(4), request()],
        },
      ],
      4,
      1,
    ],
    [
      'a repeat',
      [
        {
          type: 'repeat',
          variable: 'r',
          maxRepeat: 20,
          test: 'while',
          comparison: { variable: 'x', operator: 'eq', value: '1' },
          line: 1,
          actions: [pause(4), request()],
        },
      ],
      4,
      1,
    ],
    [
      'an if, and what asks for nothing',
      [
        {
          type: 'if',
          comparison: { variable: 'x', operator: 'eq', value: '1' },
          line: 1,
          actions: [request(), { type: 'abort', what: 'session', line: 1 }],
        },
        { type: 'count', name: 'orders', line: 1 },
      ],
      0,
      1,
    ],
    [
      'a think time that is a variable',
      [think({ type: 'text', valueS: '%%_wait%%', random: false })],
      0,
      0,
    ],
  ] as const) {
    it(`${what}: ${thinkMs} ms and ${requests} requests`, () => {
      assert.deepEqual(expectedLength(actions), { thinkMs, requests, openEnded: false })
    })
  }

  for (const type of ['wait_global', 'wait_bidi'] as const) {
    it(`${type} makes it open-ended, in a loop too`, () => {
      assert.ok(expectedLength([loop(2, [think({ type })])]).openEnded)
    })
  }
})

describe('prediction', () => {
  it('users at once are arrivals per second times life, once it is steady', () => {
    const { points, peakUsers, endMs, requests } = predictionOf(steady)
    assert.equal(endMs, 105_000)
    assert.ok(Math.abs(peakUsers - 50) < 1e-6)
    assert.equal(requests, 1000)
    for (const { atMs, users, arrived } of points) {
      const [started, ended] = [Math.min(1000, atMs / 100), Math.max(0, (atMs - 5000) / 100)]
      assert.ok(Math.abs(arrived - started) < 1e-6)
      assert.ok(Math.abs(users - (started - ended)) < 1e-6, `${atMs}: ${users}`)
    }
  })

  it('the time of answers counts for each request', () => {
    assert.ok(Math.abs(predictionOf(steady, 1000).peakUsers - 60) < 1e-6)
  })

  it('sessions count by their shares in each phase', () => {
    const { peakUsers, peakAtMs } = predictionOf({
      phases: [
        phase({ shares: [1, 3] }),
        phase({ phase: 2, shares: [0, 1], intensityPerMs: 0.02 }),
      ],
      sessions: [{ actions: [pause(1000)] }, { actions: [pause(2000)] }],
    })
    assert.ok(Math.abs(peakUsers - 40) < 1e-6, `${peakUsers}`)
    assert.ok(peakAtMs >= 12_000 && peakAtMs <= 20_000)
  })

  it('a peak that is short is found', () => {
    const { peakUsers } = predictionOf({
      phases: [
        phase({ durationMs: 3_600_000, intensityPerMs: 0.001, maxNumber: 1 }),
        phase({ phase: 2, durationMs: 3_600_000, intensityPerMs: 100, maxNumber: 500 }),
      ],
      sessions: [{ actions: [pause(10)] }],
    })
    assert.ok(Math.abs(peakUsers - 500) < 1e-6, `${peakUsers}`)
  })

  it('static users play from their start to their end', () => {
    const users = [0, 1000, 1500].map((startMs) => ({ startMs, session: 0 }))
    const { peakUsers, endMs, peakAtMs } = predictionOf({
      users,
      phases: [],
      sessions: [{ actions: [pause(1200)] }],
    })
    assert.equal(peakUsers, 2)
    assert.ok(peakAtMs >= 1000 && peakAtMs <= 2200)
    assert.equal(endMs, 2700)
  })

  it('what comes after the cut is left out', () => {
    const { endMs, requests, peakUsers } = predictionOf({ ...steady, durationMs: 2000 })
    assert.equal(endMs, 2000)
    assert.ok(Math.abs(peakUsers - 20) < 1e-6)
    assert.ok(Math.abs(requests - 20) < 1e-6)
  })

  it('names the sessions that wait for others, if they are played', () => {
    const waits = [think({ type: 'wait_global' })]
    const { openEnded } = predictionOf({
      phases: [phase({ shares: [1, 1, 0] })],
      sessions: [
        { name: 'plain', actions: [] },
        { name: 'meets', actions: waits },
        { name: 'never', actions: waits },
      ],
    })
    assert.deepEqual(openEnded, ['meets'])
  })
})

describe('prediction of a host', () => {
  it('has the share of its launchers, and its own static users', () => {
    const { hosts } = predictionOf({
      ...steady,
      clients: [client({ cpu: 2, weight: 3 }), client({ host: 'b' })],
      users: [{ startMs: 50_000, session: 0 }],
    })
    assert.deepEqual(
      hosts.map(({ host, launchers }) => [host, launchers]),
      [
        ['localhost', 2],
        ['b', 1],
      ],
    )
    assert.ok(Math.abs(hosts[0]!.peakUsers - 38.5) < 1e-6, `${hosts[0]!.peakUsers}`)
    assert.ok(Math.abs(hosts[1]!.peakUsers - 12.5) < 1e-6, `${hosts[1]!.peakUsers}`)
  })

  it('ports are kept for a minute after a user has ended', () => {
    const [host] = predictionOf(steady).hosts
    assert.ok(Math.abs(host!.sockets - 50) < 1e-6)
    assert.ok(Math.abs(host!.ports - 650) < 1e-6, `${host!.ports}`)
  })

  it('users without a request need no socket', () => {
    const [host] = predictionOf({ ...steady, sessions: [{ actions: [pause(5000)] }] }).hosts
    assert.ok(host!.peakUsers > 49)
    assert.equal(host!.sockets, 0)
    assert.equal(host!.ports, 0)
  })

  it('has ports for each source address and each server', () => {
    const addresses = [
      { type: 'ip', value: '127.0.0.2' },
      {
        type: 'range',
        parts: [
          [127, 127],
          [0, 0],
          [0, 3],
          [1, 10],
        ],
      },
    ] as const
    const scenario = scenarioWith({ clients: [client({ addresses })] })
    const twice = {
      ...scenario,
      servers: [...scenario.servers, { ...scenario.servers[0]!, port: 81 }],
      options: { ...scenario.options, portsRange: { min: 1001, max: 2000 } },
    }
    const plan = makePlan(twice, { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' })
    assert.equal(predict(twice, plan, 0).hosts[0]!.portsAvailable, 1000 * 41 * 2)
  })

  for (const [maxUsers, low, high] of [
    [51, 0, 0],
    [25, 35, 40],
    [10, 95, 99],
    [1, maxSuccessors, maxSuccessors],
  ] as const) {
    it(`with maxusers ${maxUsers} of 50 at once: ${low} to ${high} successors for 1000 users`, () => {
      const [host] = predictionOf({ ...steady, clients: [client({ maxUsers })] }).hosts
      assert.ok(host!.successors >= low && host!.successors <= high, `${host!.successors}`)
    })
  }

  it('more users need more memory, and so do more processes', () => {
    const bytes = (parts: LoadParts): number =>
      predictionOf({ ...steady, ...parts }).hosts[0]!.memoryBytes
    const base = bytes({})
    assert.ok(bytes({ clients: [client({ cpu: 2 })] }) > base)
    assert.ok(bytes({ clients: [client({ maxUsers: 10 })] }) > base)
    assert.ok(bytes({ sessions: [{ actions: [pause(50_000)] }] }) > base)
  })
})
