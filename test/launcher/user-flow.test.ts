import assert from 'node:assert/strict'
import type { Action, Comparison } from '../../core/scenario/model.ts'
import { closeTargets, list, playLines, split, tell, value, when } from '../support/line-play.ts'
import { ask } from '../support/line-plugin.ts'
import { pick } from '../support/play.ts'

describe('flow of a user', () => {
  afterEach(closeTargets)

  it('a foreach plays its body for each item', async () => {
    const { lines } = await playLines({
      modules: [split],
      actions: [
        value('text', 'a,b,c'),
        list,
        {
          type: 'foreach',
          variable: 'x',
          list: 'xs',
          include: null,
          exclude: 'b',
          actions: [tell('%%_x%%%%_x_iter%%')],
          line: 1,
        },
      ],
    })
    assert.deepEqual(lines, ['a2', 'c3'])
  })

  it('a foreach whose list the body sets anew goes on in the new one', async () => {
    const { lines } = await playLines({
      modules: [split],
      actions: [
        value('text', 'a,b'),
        list,
        {
          type: 'foreach',
          variable: 'x',
          list: 'xs',
          include: null,
          exclude: null,
          actions: [tell('%%_x%%'), value('text', 'a,z,y'), list],
          line: 1,
        },
      ],
    })
    assert.deepEqual(lines, ['a', 'z', 'y'])
  })

  it('a repeat in a for begins anew each time', async () => {
    const { lines, counters } = await playLines({
      actions: [
        {
          type: 'for',
          variable: 'i',
          from: '1',
          to: '2',
          increment: 1,
          line: 1,
          actions: [
            {
              type: 'repeat',
              variable: 'r',
              maxRepeat: 2,
              test: 'while',
              comparison: when('i', 'gt', '0'),
              actions: [tell('%%_i%%%%_r%%')],
              line: 1,
            },
          ],
        },
      ],
    })
    assert.deepEqual(lines, ['1undefined', '12', '2undefined', '22'])
    assert.equal(counters['max_repeat'], 2)
  })

  it('an if plays its body or goes round it', async () => {
    const branch = (comparison: Comparison, name: string): Action => {
      return { type: 'if', comparison, actions: [tell(name)], line: 1 }
    }
    const { lines, counters } = await playLines({
      actions: [
        value('a', '5'),
        branch(when('a', 'eq', '5'), 'yes'),
        branch(when('a', 'gt', '7'), 'no'),
        branch(when('unknown', 'eq', '1'), 'undefined'),
        tell('end'),
      ],
    })
    assert.deepEqual(lines, ['yes', 'undefined', 'end'])
    assert.equal(counters['error_if_undef'], 1)
  })

  it('thousands of requests that wait for nothing take no stack', async () => {
    const { counters } = await playLines({
      actions: [
        {
          type: 'for',
          variable: 'i',
          from: '1',
          to: '20000',
          increment: 1,
          line: 1,
          actions: [ask('x', 'no_ack')],
        },
      ],
    })
    assert.equal(counters['request_noack'], 20_000)
  }).timeout(10_000)

  it('think times come from variables; one that is no number is counted and not waited for', async () => {
    const think = (valueS: string): Action => {
      return { type: 'thinktime', thinkTime: { type: 'text', valueS, random: false }, line: 1 }
    }
    const { samples, counters } = await playLines({
      actions: [value('wait', '0.05'), think('%%_wait%%'), think('%%_unknown%%'), tell('a')],
    })
    assert.ok(samples['session']!.min >= 50)
    assert.ok(samples['session']!.max < 1000)
    assert.ok(samples['late']!.max < 40, 'what is thought is not late')
    assert.equal(counters['error_thinktime'], 1)
  })

  it('counts and sums what the scenario wants to know', async () => {
    const { counters } = await playLines({
      users: 2,
      actions: [
        value('price', '2.5'),
        { type: 'count', name: 'orders', line: 1 },
        { type: 'sum', name: 'spent', value: '%%_price%%', line: 1 },
        { type: 'sum', name: 'spent', value: '1', line: 1 },
        { type: 'sum', name: 'spent', value: '%%_unknown%%', line: 1 },
      ],
    })
    const names = ['count.orders', 'sum.spent', 'error_sum'] as const
    assert.deepEqual(pick(counters, ...names), { 'count.orders': 2, 'sum.spent': 7, error_sum: 2 })
  })

  it('abort ends the user, its transactions are measured', async () => {
    const { lines, counters, taken, aborts } = await playLines({
      actions: [
        {
          type: 'transaction',
          name: 't',
          actions: [ask('a'), { type: 'abort', what: 'session', line: 1 }, ask('b')],
          line: 1,
        },
      ],
    })
    assert.deepEqual(lines, ['a'])
    assert.deepEqual(pick(counters, 'abort_session', 'finish_users_count'), {
      abort_session: 1,
      finish_users_count: 1,
    })
    assert.equal(taken['tr_t'], 1)
    assert.deepEqual(aborts, [])
  })

  it('abort of all ends the run', async () => {
    const { lines, counters, aborts } = await playLines({
      actions: [ask('a'), { type: 'abort', what: 'all', line: 4 }, ask('b')],
    })
    assert.deepEqual(lines, ['a'])
    assert.equal(counters['error_abort'], 1)
    assert.deepEqual(aborts, ['<abort type="all"/> in line 4, session session-0'])
  })

  it('interactions are told to the controller', async () => {
    const { interactions } = await playLines({
      actions: [
        { type: 'interaction', action: 'send', id: 'mail', line: 1 },
        { type: 'interaction', action: 'receive', id: 'mail', line: 1 },
      ],
    })
    assert.deepEqual(interactions, ['send mail', 'receive mail'])
  })
})
