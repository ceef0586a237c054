import assert from 'node:assert/strict'
import type { Action } from '../../core/scenario/model.ts'
import {
  closeTargets,
  openTarget,
  playLines,
  set,
  tell,
  value,
  when,
} from '../support/line-play.ts'
import { linePlugin } from '../support/line-plugin.ts'
import { pick } from '../support/play.ts'

describe('change_type', () => {
  afterEach(closeTargets)

  const plugins = { ts_line: linePlugin, ts_other: linePlugin }
  const other = (text: string): Action => tell(text, { plugin: 'ts_other' })

  function change(rest: Partial<Action & { readonly type: 'change_type' }>): Action {
    return {
      type: 'change_type',
      newType: 'ts_other',
      host: '127.0.0.1',
      port: '%%_port%%',
      transport: 'tcp',
      store: false,
      restore: false,
      bidi: false,
      line: 1,
      ...rest,
    }
  }

  async function playTwo(
    ...actions: Action[]
  ): Promise<{ first: readonly string[]; second: readonly string[] }> {
    const second = await openTarget()
    const first = await playLines({
      plugins,
      actions: [
        set({ type: 'server' }, 'host', 'home'),
        value('port', String(second.port)),
        ...actions,
      ],
    })
    return { first: first.placed, second: second.placed }
  }

  it('goes on elsewhere; what comes back begins anew', async () => {
    const { first, second } = await playTwo(
      tell('a'),
      change({}),
      other('b'),
      change({ newType: 'ts_line', port: '%%_home%%' }),
      tell('c'),
    )
    assert.deepEqual([first, second], [['1 a', '2 c'], ['1 b']])
  })

  it('a stored connection is taken up again', async () => {
    const { first, second } = await playTwo(
      tell('a'),
      change({ store: true }),
      other('b'),
      change({ newType: 'ts_line', port: '%%_home%%', store: true, restore: true }),
      tell('c'),
      change({ restore: true }),
      other('d'),
    )
    assert.deepEqual(
      [first, second],
      [
        ['1 a', '1 c'],
        ['1 b', '1 d'],
      ],
    )
  })

  it('a port that is none ends the user', async () => {
    const { lines, counters } = await playLines({
      plugins,
      actions: [tell('a'), change({ port: '%%_unknown%%' }), other('b')],
    })
    assert.deepEqual(lines, ['a'])
    assert.deepEqual(pick(counters, 'error_change_type', 'finish_users_count'), {
      error_change_type: 1,
      finish_users_count: 1,
    })
  })

  it('a request behind a change that was not played has its own protocol', async () => {
    const { lines } = await playLines({
      plugins,
      actions: [
        value('a', '1'),
        { type: 'if', comparison: when('a', 'eq', '2'), actions: [change({})], line: 1 },
        other('b'),
      ],
    })
    assert.deepEqual(lines, ['b'])
  })
})
