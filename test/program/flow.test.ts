import assert from 'node:assert/strict'
import { compileComparison, type Operator } from '../../core/dynvars/comparison.ts'
import { compileReference } from '../../core/dynvars/reference.ts'
import { compileTemplate } from '../../core/dynvars/template.ts'
import type { Value } from '../../core/dynvars/value.ts'
import {
  againFor,
  againForeach,
  againRepeat,
  entersIf,
  foreachItems,
  isCurrent,
  startFor,
  startForeach,
} from '../../core/program/flow.ts'
import type { Foreach } from '../../core/program/ops.ts'
import { scopeWith } from '../dynvars/environment.ts'
import { playerWith, type TestPlayer } from './player.ts'

type Values = { readonly [name: string]: Value }
const place = { line: 1, action: 1 }

/** @returns what the counter was in each pass */
function passesOfFor(
  from: string,
  to: string,
  increment: number,
  values: Values = {},
): { passes: (Value | undefined)[]; counted: readonly string[] } {
  const scope = scopeWith()
  const player = playerWith(scope, values)
  const counter = { name: 'i', slot: scope.names.slot('i'), ...place }
  startFor({ type: 'for-start', ...counter, from: compileTemplate(from, scope) }, player)
  const passes = [player.value('i')]
  const end = { type: 'for-end', ...counter, to: compileTemplate(to, scope), increment } as const
  while (againFor({ ...end, body: 0 }, player)) passes.push(player.value('i'))
  return { passes, counted: player.counted }
}

describe('for', () => {
  for (const [from, to, increment, passes, counted] of [
    ['1', '3', 1, ['1', '2', '3'], []],
    ['1', '4', 2, ['1', '3', '5'], []],
    ['5', '1', 1, ['5'], []],
    ['0', '0', 1, ['0'], []],
    ['%%_a%%', '%%_b%%', 1, ['2', '3', '4'], []],
    ['%%_unknown%%', '3', 1, [undefined], ['error_for']],
    ['1', '%%_word%%', 1, ['1'], ['error_for']],
  ] as const) {
    it(`from ${from} to ${to} by ${increment} plays with ${passes.join(', ')}`, () => {
      const values = { a: '2', b: '4', word: 'many' }
      assert.deepEqual(passesOfFor(from, to, increment, values), { passes, counted })
    })
  }

  it('goes on from what the body made of its counter', () => {
    const scope = scopeWith()
    const player = playerWith(scope, { i: '7' })
    const slot = scope.names.slot('i')
    const op = { type: 'for-end', name: 'i', slot, increment: 1, body: 0, ...place } as const
    assert.ok(againFor({ ...op, to: compileTemplate('9', scope) }, player))
    assert.equal(player.value('i'), '8')
    player.variables.set(slot, 'no number')
    assert.ok(!againFor({ ...op, to: compileTemplate('9', scope) }, player))
  })
})

interface Looked {
  readonly filter?: readonly ['matching' | 'others', string]
  readonly list?: string
}

function foreachOf(player: TestPlayer, { filter, list = 'xs' }: Looked): Foreach {
  const { names } = player.variables
  const scope = { names, findFunction: () => null }
  return {
    loop: 0,
    name: 'x',
    slot: names.slot('x'),
    iterSlot: names.slot('x_iter'),
    list: compileReference(list, names),
    filter:
      filter === undefined
        ? null
        : { keeps: filter[0], pattern: compileTemplate(filter[1], scope) },
  }
}

function passesOfForeach(values: Values, looked: Looked = {}): unknown {
  const player = playerWith(scopeWith(), values)
  const foreach = foreachOf(player, looked)
  const items = foreachItems(foreach, player)
  const passes: unknown[] = []
  if (startForeach(foreach, items, player)) {
    do passes.push([player.value('x'), player.value('x_iter')])
    while (againForeach(foreach, items, player))
  }
  return { passes, counted: player.counted }
}

describe('foreach', () => {
  const words = ['Sun', 'Mon', 'Sat']
  const cases: readonly [string, Values, Looked, readonly unknown[], readonly string[]][] = [
    [
      'goes through a list; NAME_iter is the number of the next item',
      { xs: ['a', 'b', 'c'] },
      {},
      [
        ['a', '2'],
        ['b', '3'],
        ['c', '4'],
      ],
      [],
    ],
    ['plays nothing for an empty list', { xs: [] }, {}, [], []],
    ['takes a single value for a list of one', { xs: 'a' }, {}, [['a', '2']], []],
    ['plays nothing for what was not found', { xs: '' }, {}, [], []],
    ['counts a list that was never set', {}, {}, [], ['error_foreach_xsundef']],
    [
      'takes what matches include',
      { xs: words },
      { filter: ['matching', '^S'] },
      [
        ['Sun', '2'],
        ['Sat', '3'],
      ],
      [],
    ],
    [
      'leaves out what matches exclude',
      { xs: words },
      { filter: ['others', '^S'] },
      [['Mon', '2']],
      [],
    ],
    ['plays nothing when nothing is left', { xs: words }, { filter: ['matching', 'x'] }, [], []],
    [
      'takes variables in its expression',
      { xs: words, day: 'Mon' },
      { filter: ['matching', '^%%_day%%$'] },
      [['Mon', '2']],
      [],
    ],
    [
      'takes nothing by an expression that is none',
      { xs: words, bad: '(' },
      { filter: ['matching', '%%_bad%%'] },
      [],
      ['error_match_regexp'],
    ],
    [
      'goes through a list in a list',
      { xs: ['a', ['b', 'c']] },
      { list: 'xs[2]' },
      [
        ['b', '2'],
        ['c', '3'],
      ],
      [],
    ],
  ]
  for (const [what, values, looked, passes, counted] of cases) {
    it(what, () => assert.deepEqual(passesOfForeach(values, looked), { passes, counted }))
  }

  it('sees that its list was set anew', () => {
    const player = playerWith(scopeWith(), { xs: ['a'] })
    const foreach = foreachOf(player, {})
    const items = foreachItems(foreach, player)!
    assert.ok(isCurrent(items, foreach, player))
    player.variables.set(player.variables.names.slot('xs'), ['b'])
    assert.ok(!isCurrent(items, foreach, player))
  })
})

interface Repeated {
  readonly test: 'while' | 'until'
  readonly comparison: readonly [string, Operator, string]
  readonly maxRepeat?: number
}

/** The body counts `n` up. */
function playRepeat({ test, comparison, maxRepeat = 20 }: Repeated, values: Values = {}): unknown {
  const scope = scopeWith()
  const player = playerWith(scope, values)
  const slot = scope.names.slot('r')
  const [variable, operator, value] = comparison
  const op = {
    type: 'repeat-end',
    name: 'r',
    slot,
    maxRepeat,
    test,
    comparison: compileComparison({ variable, operator, value }, scope),
    body: 0,
    ...place,
  } as const
  const passes: unknown[] = []
  do {
    passes.push(player.value('r'))
    player.variables.set(scope.names.slot('n'), String(passes.length))
  } while (againRepeat(op, player))
  return [passes, player.value('r'), player.counted]
}

describe('repeat', () => {
  const cases: readonly [string, Repeated, readonly unknown[], readonly string[]][] = [
    [
      'while: as long as it holds',
      { test: 'while', comparison: ['n', 'lt', '3'] },
      [undefined, '2', '3'],
      [],
    ],
    [
      'until: up to when it holds',
      { test: 'until', comparison: ['n', 'eq', '2'] },
      [undefined, '2'],
      [],
    ],
    [
      'the body is played before the test',
      { test: 'while', comparison: ['n', 'eq', '9'] },
      [undefined],
      [],
    ],
    [
      'gives up after max_repeat passes',
      { test: 'while', comparison: ['n', 'gt', '0'], maxRepeat: 3 },
      [undefined, '2', '3'],
      ['max_repeat'],
    ],
    [
      'does not give up when the last pass was the last anyway',
      { test: 'until', comparison: ['n', 'eq', '3'], maxRepeat: 3 },
      [undefined, '2', '3'],
      [],
    ],
    [
      'leaves when the variable was never set',
      { test: 'until', comparison: ['z', 'eq', '1'] },
      [undefined],
      ['error_repeat_rundef'],
    ],
    [
      'what is no number fails',
      { test: 'while', comparison: ['word', 'gt', '1'] },
      [undefined],
      ['error_if_not_a_number'],
    ],
  ]
  for (const [what, repeated, passes, counted] of cases) {
    it(what, () => {
      const isUnknown = counted.includes('error_repeat_rundef')
      const after = isUnknown ? undefined : String(passes.length + 1)
      assert.deepEqual(playRepeat(repeated, { word: 'x' }), [passes, after, counted])
    })
  }
})

describe('if', () => {
  for (const [variable, operator, value, enters, counted] of [
    ['a', 'eq', '1', true, []],
    ['a', 'neq', '1', false, []],
    ['a', 'eq', '%%_a%%', true, []],
    ['unknown', 'eq', '1', true, ['error_if_undef']],
    ['word', 'lt', '1', false, ['error_if_not_a_number']],
  ] as const) {
    it(`${variable} ${operator} "${value}" ${enters ? 'enters' : 'does not enter'}`, () => {
      const scope = scopeWith()
      const player = playerWith(scope, { a: '1', word: 'x' })
      const comparison = compileComparison({ variable, operator, value }, scope)
      assert.equal(entersIf({ type: 'if', comparison, end: 0, ...place }, player), enters)
      assert.deepEqual(player.counted, counted)
    })
  }
})
