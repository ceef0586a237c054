import assert from 'node:assert/strict'
import type { Value } from '../../core/dynvars/value.ts'
import { compileSource, fieldsOf } from '../../core/program/sources.ts'
import type { VariableSource } from '../../core/scenario/model.ts'
import { scopeWith } from '../dynvars/environment.ts'
import { playerWith } from './player.ts'

function valuesOf(
  source: VariableSource,
  count: number,
  values: { readonly [name: string]: Value } = {},
): { value: Value | undefined; told: readonly string[] } {
  const scope = scopeWith({ 'shop:pair': () => ['a', 'b'] })
  const player = playerWith(scope, values)
  const compiled = compileSource(source, count, scope)
  assert.ok(compiled.type === 'computed')
  const value = compiled.values(player, count)
  return { value, told: [...player.counted, ...player.failed] }
}

describe('source of values', () => {
  const json = '{"a":[1,2.5,true],"b":{"c":"x"}}'
  const cases: readonly [string, VariableSource, number, Value | undefined, readonly string[]][] = [
    ['a number', { type: 'random_number', start: 4, end: 4 }, 1, '4', []],
    ['a number for each variable', { type: 'random_number', start: 4, end: 4 }, 2, ['4', '4'], []],
    ['urandom_string for each', { type: 'urandom_string', length: 3 }, 2, ['qxv', 'qxv'], []],
    ['a value', { type: 'value', value: '%%_tsung_userid%%!' }, 1, '7!', []],
    ['host and port', { type: 'server' }, 2, ['shop.example', '8080'], []],
    ['a call', { type: 'call', call: { module: 'shop', name: 'pair' } }, 2, ['a', 'b'], []],
    [
      'a call of nothing',
      { type: 'call', call: { module: 'shop', name: 'none' } },
      1,
      undefined,
      ['shop:none: there is no such function'],
    ],
    [
      'JSON: a list',
      { type: 'jsonpath', from: 'doc', expression: 'a' },
      1,
      ['1', '2.5', 'true'],
      [],
    ],
    [
      'JSON: by a variable',
      { type: 'jsonpath', from: 'doc', expression: '$.b.%%_key%%' },
      1,
      'x',
      [],
    ],
    [
      'JSON that is none',
      { type: 'jsonpath', from: 'key', expression: '$.b' },
      2,
      undefined,
      ['error_json_unparsable', 'error_json_not_parsed', 'error_json_not_parsed'],
    ],
    [
      'JSON of a variable that was never set',
      { type: 'jsonpath', from: 'unknown', expression: '$.b' },
      1,
      undefined,
      ['error_json_unparsable', 'error_json_not_parsed'],
    ],
  ]
  for (const [what, source, count, value, told] of cases) {
    it(what, () => {
      assert.deepEqual(valuesOf(source, count, { doc: json, key: 'c' }), { value, told })
    })
  }

  it('random strings differ from variable to variable', () => {
    const { value } = valuesOf({ type: 'random_string', length: 20 }, 2)
    const [first, second] = value as readonly string[]
    assert.match(first!, /^[a-z]{20}$/)
    assert.match(second!, /^[a-z]{20}$/)
    assert.notEqual(first, second)
  })

  for (const [line, delimiter, want] of [
    ['a;b;c', ';', ['a', 'b', 'c']],
    ['a||b', '||', ['a', 'b']],
    ['a', ';', ['a']],
    ['', ';', ['']],
    ['a;;b', ';', ['a', '', 'b']],
    ['a;b', '', 'a;b'],
  ] as const) {
    it(`"${line}" cut at "${delimiter}"`, () => assert.deepEqual(fieldsOf(line, delimiter), want))
  }
})
