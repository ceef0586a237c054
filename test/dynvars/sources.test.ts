import assert from 'node:assert/strict'
import { assign, fixedString, randomNumber, randomString } from '../../core/dynvars/sources.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { VariableNames, Variables } from '../../core/dynvars/variables.ts'
import { stream } from '../../core/random.ts'

const drawer = { random: stream('1') }

describe('values made up', () => {
  it('every number of a range is drawn, both ends too', () => {
    const drawn = new Set(Array.from({ length: 200 }, () => randomNumber(3, 7, drawer)))
    assert.deepEqual([...drawn].sort(), ['3', '4', '5', '6', '7'])
    assert.equal(randomNumber(5, 5, drawer), '5')
  })

  it('random strings have all letters from a to z and nothing else', () => {
    const text = randomString(2000, drawer)
    assert.equal(text.length, 2000)
    assert.equal([...new Set(text)].sort().join(''), 'abcdefghijklmnopqrstuvwxyz')
    assert.equal(randomString(0, drawer), '')
  })

  for (const [length, want] of [
    [0, ''],
    [5, 'qxvmv'],
    [20, 'qxvmvtglimieyhemzlxc'],
    [25, 'qxvmvtglimieyhemzlxcqxvmv'],
  ] as const) {
    it(`urandom_string of ${length} is Tsung's`, () => assert.equal(fixedString(length), want))
  }
})

describe('assignment', () => {
  const cases: readonly [what: string, names: number, value: Value, want: readonly Value[]][] = [
    ['one variable, one field: the field', 1, ['a'], ['a']],
    ['one variable, several fields: a list', 1, ['a', 'b'], [['a', 'b']]],
    ['one variable, no field: an empty list', 1, [], [[]]],
    ['one variable, a text', 1, 'a', ['a']],
    ['fields from left to right', 2, ['a', 'b'], ['a', 'b']],
    ['missing fields are empty', 3, ['a'], ['a', '', '']],
    ['others are dropped', 2, ['a', 'b', 'c'], ['a', 'b']],
    ['a text goes to the first', 2, 'a', ['a', '']],
    ['lists stay lists', 2, [['a', 'b'], 'c'], [['a', 'b'], 'c']],
  ]
  for (const [what, count, value, want] of cases) {
    it(what, () => {
      const names = new VariableNames()
      const slots = Array.from({ length: count }, (_, at) => names.slot(`v${at}`))
      const variables = new Variables(names, 1)
      assign(variables, slots, value)
      assert.deepEqual(
        slots.map((slot) => variables.get(slot)),
        want,
      )
    })
  }
})

describe('variables', () => {
  it('the user id is there from the start, others when they are set', () => {
    const names = new VariableNames()
    const slot = names.slot('a')
    const variables = new Variables(names, 12)
    assert.deepEqual(variables.entries(), [['tsung_userid', '12']])
    variables.set(slot, ['x'])
    assert.deepEqual(variables.named('a'), ['x'])
    assert.equal(variables.named('b'), undefined)
    variables.set(slot, undefined)
    assert.equal(variables.named('a'), undefined)
  })
})
