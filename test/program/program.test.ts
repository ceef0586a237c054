import assert from 'node:assert/strict'
import type { RequestOp } from '../../core/program/ops.ts'
import { compileSession, opOfAction, type Program } from '../../core/program/program.ts'
import type { Action } from '../../core/scenario/model.ts'
import { ask } from '../support/line-plugin.ts'

const comparison = { variable: 'a', operator: 'eq', value: '1' } as const
const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 1 }, line: 1 }
const set: Action = {
  type: 'setdynvars',
  source: { type: 'value', value: 'x' },
  variables: ['a'],
  line: 1,
}

function group(
  type: 'transaction' | 'for' | 'foreach' | 'repeat' | 'if',
  ...actions: Action[]
): Action {
  const line = 1
  switch (type) {
    case 'transaction':
      return { type, name: 't', actions, line }
    case 'for':
      return { type, variable: 'i', from: '1', to: '2', increment: 1, actions, line }
    case 'foreach':
      return { type, variable: 'x', list: 'xs', include: null, exclude: null, actions, line }
    case 'repeat':
      return { type, variable: 'r', maxRepeat: 2, test: 'while', comparison, actions, line }
    case 'if':
      return { type, comparison, actions, line }
  }
}

function compiled(...actions: Action[]): Program {
  const session = {
    name: 'shop',
    type: 'ts_line',
    persistent: true,
    bidi: false,
    actions,
    position: { file: 'scenario.xml', line: 1, column: 1 },
  }
  return compileSession(
    3,
    session,
    ({ label }) => label,
    () => null,
  )
}

describe('program', () => {
  it('numbers actions as Tsung does', () => {
    const { ops, actions } = compiled(
      ask('a'),
      group('transaction', ask('b'), think),
      group('for', ask('c')),
      group('foreach', ask('d')),
      group('if', ask('e')),
      group('repeat', ask('f')),
      set,
      { type: 'interaction', action: 'send', id: 'x', line: 1 },
      { type: 'abort', what: 'session', line: 1 },
    )
    const numbered = ops.map(({ type, action }) => `${action} ${type}`)
    assert.deepEqual(numbered, [
      '1 request',
      '2 transaction-start',
      '3 request',
      '4 thinktime',
      '5 transaction-end',
      '6 for-start',
      '7 request',
      '8 for-end',
      '9 foreach-start',
      '10 request',
      '11 foreach-end',
      '12 if',
      '13 request',
      '14 repeat-start',
      '14 request',
      '15 repeat-end',
      '16 set-variables',
      '17 interaction',
      '18 abort',
    ])
    assert.deepEqual(
      actions.map((at) => ops[at]!.type === 'repeat-start'),
      actions.map(() => false),
    )
  })

  it('finds the operation of an action', () => {
    const program = compiled(ask('a'), group('repeat', ask('b'), think), ask('c'))
    const labelAt = (action: number): unknown =>
      (program.ops[opOfAction(program, action)] as RequestOp | undefined)?.label
    assert.equal(labelAt(1), 'a')
    assert.equal(labelAt(2), 'b')
    assert.equal(labelAt(5), 'c')
    assert.equal(labelAt(0), 'a')
    assert.equal(labelAt(-5), 'a')
  })

  it('jumps behind and to the beginning of bodies', () => {
    const { ops } = compiled(
      group('if', ask('a')),
      group('foreach', ask('b')),
      group('for', ask('c')),
    )
    const targets = ops.flatMap((op, at) => {
      if ('end' in op) return [`${at} ${op.type} ${op.end}`]
      return 'body' in op ? [`${at} ${op.type} ${op.body}`] : []
    })
    assert.deepEqual(targets, ['0 if 2', '2 foreach-start 5', '4 foreach-end 3', '7 for-end 6'])
  })

  for (const [what, actions, ends] of [
    ['requests that follow each other are one', [ask('a'), ask('b')], [false, true]],
    ['a think time ends it', [ask('a'), think, ask('b')], [true, true]],
    [
      'a transaction mark does not',
      [ask('a'), group('transaction', ask('b')), ask('c')],
      [false, false, true],
    ],
    ['setdynvars ends it', [ask('a'), set, ask('b')], [true, true]],
    ['a loop ends it', [ask('a'), group('for', ask('b')), ask('c')], [true, true, true]],
    ['a repeat ends it', [ask('a'), group('repeat', ask('b')), ask('c')], [true, true, true]],
    ['an if ends it', [ask('a'), group('if', ask('b'))], [true, true]],
    ['count ends it', [ask('a'), { type: 'count', name: 'n', line: 1 }, ask('b')], [true, true]],
  ] as const) {
    it(`page: ${what}`, () => {
      const requests = compiled(...actions).ops.filter((op) => op.type === 'request')
      assert.deepEqual(
        requests.map(({ endsPage }) => endsPage),
        ends,
      )
    })
  }

  it('keeps what requests are called and tagged, and looks for nothing unless asked to', () => {
    const { ops, session, name } = compiled(ask('a', 'parse', { tag: 'blue', line: 9 }))
    assert.deepEqual([session, name], [3, 'shop'])
    assert.deepEqual(ops, [
      {
        type: 'request',
        plugin: 'ts_line',
        request: 'a',
        ack: 'parse',
        checks: null,
        endsPage: true,
        label: 'a',
        tag: 'blue',
        line: 9,
        action: 1,
      },
    ])
  })
})
