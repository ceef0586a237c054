import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VariableSource } from '../../core/scenario/model.ts'
import type { Trace } from '../../launcher/engine.ts'
import { Lines } from '../../launcher/lines.ts'
import {
  closeTargets,
  extract,
  list,
  match,
  playLines,
  set,
  split,
  tell,
  value,
  when,
} from '../support/line-play.ts'

describe('variables of a user', () => {
  afterEach(closeTargets)

  it('each user has its own', async () => {
    const { lines } = await playLines({ users: 3, actions: [tell('%%_tsung_userid%%:%%_a%%')] })
    assert.deepEqual([...lines].sort(), ['1:undefined', '2:undefined', '3:undefined'])
  })

  it('are set by every kind of source', async () => {
    const { lines } = await playLines({
      modules: [split],
      actions: [
        value('text', 'b,c'),
        list,
        set({ type: 'random_number', start: 3, end: 3 }, 'n'),
        set({ type: 'urandom_string', length: 4 }, 'u'),
        set({ type: 'server' }, 'host', 'port'),
        tell('%%_text%% %%_xs%% %%_xs[2]%% %%_n%% %%_u%% %%_host%%'),
      ],
    })
    assert.deepEqual(lines, ['b,c bc c 3 qxvm 127.0.0.1'])
  })

  it('a random one is a function of seed and user', async () => {
    const actions = [set({ type: 'random_string', length: 8 }, 'a', 'b'), tell('%%_a%% %%_b%%')]
    const first = await playLines({ actions })
    const second = await playLines({ actions })
    assert.match(first.lines[0]!, /^[a-z]{8} [a-z]{8}$/)
    assert.deepEqual(first.lines, second.lines)
  })

  it('may be given from the start', async () => {
    const { lines } = await playLines({
      variables: { a: 'given', b: 'unused' },
      actions: [tell('%%_a%%')],
    })
    assert.deepEqual(lines, ['given'])
  })

  it('a failing function is counted and told, its variable stays as it was', async () => {
    const { lines, counters, examples } = await playLines({
      modules: [{ name: 'list', source: 'export function of() { throw new Error("no") }' }],
      actions: [value('xs', 'before'), list, tell('%%_xs%%')],
    })
    assert.deepEqual(lines, ['before'])
    assert.equal(counters['error_function'], 1)
    assert.deepEqual(examples, ['error_function: list:of: no'])
  })

  describe('from a file', () => {
    let folder: string
    let path: string
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'tsts-lines-'))
      path = join(folder, 'users.csv')
      writeFileSync(path, 'ann;1\nbob;2;more\ncy\n')
    })
    after(() => rmSync(folder, { recursive: true, force: true }))

    const line = (order: 'iter' | 'random'): VariableSource => ({
      type: 'file',
      file: 'users',
      order,
      delimiter: ';',
    })

    it('fields go to variables from left to right, lines to users in turn', async () => {
      const { lines } = await playLines({
        users: 4,
        dataFiles: { users: path },
        actions: [set(line('iter'), 'name', 'id'), tell('%%_name%%=%%_id%%')],
      })
      assert.deepEqual([...lines].sort(), ['ann=1', 'ann=1', 'bob=2', 'cy='])
    })

    it('one variable gets all fields', async () => {
      const { lines } = await playLines({
        dataFiles: { users: path },
        actions: [set(line('iter'), 'all'), tell('%%_all%% %%_all[2]%%')],
      })
      assert.deepEqual(lines, ['ann1 1'])
    })

    it('a user waits until lines are leased to its launcher', async () => {
      const asked: string[] = []
      let waits = 0
      const leased = new Lines(
        { users: path },
        {
          ask: (id, count) => {
            asked.push(`${id} ${count}`)
            setTimeout(() => leased.grant({ id, from: 1, count: 1 }), 20)
          },
          waited: () => void waits++,
        },
      )
      const { lines, samples } = await playLines({
        lines: leased,
        actions: [set(line('iter'), 'name', 'id'), tell('%%_name%%')],
      })
      assert.deepEqual([lines, asked, waits], [['bob'], ['users 1'], 1])
      assert.ok(samples['late']!.max >= 15, 'such a wait is lateness of the generator')
    })

    it('at random', async () => {
      const { lines } = await playLines({
        users: 30,
        dataFiles: { users: path },
        actions: [set(line('random'), 'name', 'id'), tell('%%_name%%')],
      })
      assert.deepEqual([...new Set(lines)].sort(), ['ann', 'bob', 'cy'])
    })
  })
})

describe('trace of a user', () => {
  afterEach(closeTargets)

  it('tells variables, branches, extractions, matches and failures', async () => {
    const told: string[] = []
    const put = (text: string): void => void told.push(text)
    const trace: Trace = {
      step: () => undefined,
      thinks: () => undefined,
      connected: () => undefined,
      sent: () => undefined,
      received: () => undefined,
      answered: () => undefined,
      variable: (name, of) => put(`${name} = ${of}`),
      branch: put,
      extracted: (line, name, of) => put(`${line} ${name} = ${of}`),
      matched: (line, pattern, isMatch) => put(`${line} ${pattern} ${isMatch}`),
      error: (name, detail) => put(`${name}: ${detail}`),
      ended: () => put('ended'),
    }
    await playLines({
      trace,
      actions: [
        value('a', '1'),
        { type: 'if', comparison: when('a', 'eq', '2'), actions: [], line: 1 },
        tell('b', {
          matches: [match({ line: 8 })],
          extractions: [extract('n', '(o.)', 7)],
        }),
        set({ type: 'call', call: { module: 'no', name: 'such' } }, 'c'),
      ],
    })
    assert.deepEqual(told, [
      'a = 1',
      'if a eq "2": no',
      '7 n = ok',
      '8 ok true',
      'error_function: no:such: there is no such function',
      'ended',
    ])
  })
})
