import assert from 'node:assert/strict'
import type { Action } from '../../core/scenario/model.ts'
import { closeTargets, extract, match, playLines, tell, value, when } from '../support/line-play.ts'
import { pick } from '../support/play.ts'

describe('what a match makes of a session', () => {
  afterEach(closeTargets)

  it('loop asks again after sleep_loop, up to max_loop times', async () => {
    const { lines, samples, counters } = await playLines({
      actions: [
        tell('a', { matches: [match({ do: 'loop', maxLoop: 2, sleepLoopMs: 200 })] }),
        tell('b'),
      ],
    })
    assert.deepEqual(lines, ['a', 'a', 'a', 'b'])
    assert.ok(samples['session']!.min >= 400)
    assert.ok(samples['late']!.max < 150, 'sleeping is not late')
    assert.equal(counters['match'], 3)
  })

  it('loop_back goes back by so many actions', async () => {
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 1 }, line: 1 }
    const { lines } = await playLines({
      actions: [
        tell('a'),
        tell('b'),
        think,
        tell('c', { matches: [match({ do: 'loop', maxLoop: 1, loopBack: 2 })] }),
      ],
    })
    assert.deepEqual(lines, ['a', 'b', 'c', 'b', 'c'])
  })

  it('loop_back beyond the beginning begins anew', async () => {
    const { lines } = await playLines({
      actions: [
        tell('a'),
        tell('b', { matches: [match({ do: 'loop', maxLoop: 1, loopBack: 9 })] }),
      ],
    })
    assert.deepEqual(lines, ['a', 'b', 'a', 'b'])
  })

  it('restart keeps variables and connection', async () => {
    const { placed, counters } = await playLines({
      actions: [
        {
          type: 'if',
          comparison: when('a', 'eq', 'set'),
          actions: [tell('again %%_a%%')],
          line: 1,
        },
        value('a', 'set'),
        tell('b', { matches: [match({ do: 'restart', maxRestart: 1 })] }),
        tell('c'),
      ],
    })
    assert.deepEqual(placed, ['1 again undefined', '1 b', '1 again set', '1 b'])
    assert.deepEqual(pick(counters, 'match_restart', 'match_restart_abort'), {
      match_restart: 1,
      match_restart_abort: 1,
    })
  })

  it('abort ends the user, abort_test the run', async () => {
    const first = await playLines({
      actions: [tell('a', { matches: [match({ do: 'abort' })] }), tell('b')],
    })
    assert.deepEqual([first.lines, first.aborts.length], [['a'], 0])
    const second = await playLines({
      actions: [tell('a', { matches: [match({ do: 'abort_test' })] }), tell('b')],
    })
    assert.deepEqual([second.lines, second.aborts.length], [['a'], 1])
  })

  it('what is extracted is there for the next request', async () => {
    const { lines } = await playLines({
      answer: (line, socket) => void socket.write(`got ${line.length}\n`),
      actions: [
        tell('abcde', {
          extractions: [extract('n', 'got (\\d+)')],
        }),
        tell('%%_n%%'),
      ],
    })
    assert.deepEqual(lines, ['abcde', '5'])
  })
})
