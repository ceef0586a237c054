import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Action } from '../../core/scenario/model.ts'
import { maxNames } from '../../core/stats/names.ts'
import { Recorder } from '../../launcher/recorder.ts'
import { closeTargets, playLines } from '../support/line-play.ts'
import { ask } from '../support/line-plugin.ts'

const transaction = (name: string, ...actions: Action[]): Action => ({
  type: 'transaction',
  name,
  actions,
  line: 1,
})
const tagged = (text: string, tag: string): Action => ask(text, 'parse', { tag })

describe('request times by transaction and tag', () => {
  afterEach(closeTargets)

  it('are those of the innermost transaction and of the tag', async () => {
    const { taken } = await playLines({
      users: 3,
      actions: [
        ask('a'),
        transaction('outer', tagged('b', 'home'), transaction('inner', ask('c'), ask('d'))),
        tagged('e', 'home'),
      ],
    })
    assert.equal(taken['request'], 15)
    const of = (name: string): (number | undefined)[] => [
      taken[`request.${name}`],
      taken[`response.${name}`],
    ]
    assert.deepEqual(of('tr_outer'), [3, 3])
    assert.deepEqual(of('tr_inner'), [6, 6])
    assert.deepEqual(of('tag_home'), [6, 6])
    assert.deepEqual(
      Object.keys(taken).filter((name) => /^(request|response)\./.test(name)).length,
      6,
    )
  })

  it('count what failed, and have no time for it', async () => {
    const { counters, taken } = await playLines({
      answer: (line, socket) => void socket.write(line === 'b' ? 'bad\n' : 'ok\n'),
      actions: [transaction('buy', tagged('a', 'cart'), tagged('b', 'cart'))],
    })
    assert.equal(counters['failed.tr_buy'], 1)
    assert.equal(counters['failed.tag_cart'], 1)
    assert.equal(counters['tsts_failed'], 1)
    assert.equal(taken['request.tr_buy'], 1)
    assert.equal(taken['response.tag_cart'], 1)
  })

  it('are kept under other beyond the bound of names, and no value is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 * maxNames }), (tags) => {
        const recorder = new Recorder()
        for (let at = 0; at < tags; at++) recorder.taggedWith(`t${at}`).record(1, 2)
        const health = {} as Parameters<Recorder['take']>[2]
        const { samples } = recorder.take(1000, { phase: 1, due: 0 }, health)
        const names = Object.keys(samples)
        assert.ok(names.length <= maxNames + 1, `${names.length} names`)
        const count = names.reduce((sum, name) => sum + samples[name]!.count, 0)
        assert.equal(count, 2 * tags)
      }),
      { seed: 1, numRuns: 8 },
    )
  })
})
