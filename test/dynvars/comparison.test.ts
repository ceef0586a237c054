import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compare, compileComparison, type Operator } from '../../core/dynvars/comparison.ts'
import { compareNumbers, numberOf } from '../../core/dynvars/number.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { environmentWith, scopeWith } from './environment.ts'

function compared(variable: string, operator: Operator, value: string): string {
  const scope = scopeWith()
  const values: { readonly [name: string]: Value } = {
    two: '2',
    half: '0.5',
    text: 'abc',
    empty: '',
    list: ['1', '0'],
    big: '12345678901234567890',
  }
  const comparison = compileComparison({ variable, operator, value }, scope)
  return compare(comparison, environmentWith(scope, values))
}

describe('comparison', () => {
  for (const [variable, operator, value, want] of [
    ['two', 'eq', '2', 'holds'],
    ['two', 'eq', '2.0', 'fails'],
    ['two', 'neq', '2.0', 'holds'],
    ['two', 'neq', '2', 'fails'],
    ['text', 'eq', 'abc', 'holds'],
    ['empty', 'eq', '', 'holds'],
    ['empty', 'neq', '', 'fails'],
    ['two', 'gt', '1', 'holds'],
    ['two', 'gt', '2', 'fails'],
    ['two', 'gte', '2.0', 'holds'],
    ['two', 'gte', '2.1', 'fails'],
    ['two', 'lt', '10', 'holds'],
    ['two', 'lt', '2', 'fails'],
    ['two', 'lte', '2', 'holds'],
    ['two', 'lte', '1.9', 'fails'],
    ['half', 'lt', '1', 'holds'],
    ['list', 'eq', '10', 'holds'],
    ['list', 'gt', '9', 'holds'],
    ['list[2]', 'eq', '0', 'holds'],
    ['list[3]', 'eq', '0', 'undefined'],
    ['two', 'eq', '%%_two%%', 'holds'],
    ['two', 'lt', '%%_list%%', 'holds'],
    ['unknown', 'eq', '', 'undefined'],
    ['unknown', 'gt', '1', 'undefined'],
    ['text', 'gt', '1', 'no-number'],
    ['empty', 'lt', '1', 'no-number'],
    ['two', 'lt', 'three', 'no-number'],
    ['big', 'gt', '12345678901234567889', 'holds'],
    ['big', 'gte', '12345678901234567891', 'fails'],
  ] as const) {
    it(`${variable} ${operator} "${value}": ${want}`, () => {
      assert.equal(compared(variable, operator, value), want)
    })
  }

  for (const [text, want] of [
    ['1', 1],
    [' -2.5 ', -2.5],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1.5E-1', 0.15],
    ['', null],
    ['.', null],
    ['1,5', null],
    ['0x10', null],
    ['1 2', null],
    ['Infinity', null],
    ['NaN', null],
  ] as const) {
    it(`${JSON.stringify(text)} is ${want ?? 'no number'}`, () => {
      assert.equal(numberOf(text), want)
    })
  }

  it('whole numbers of any size are compared exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: -2n, max: 2n }), (number, more) => {
        const order = compareNumbers(String(number + more), String(number))
        assert.equal(Math.sign(order!), Math.sign(Number(more)))
      }),
      { seed: 1 },
    )
  })
})
