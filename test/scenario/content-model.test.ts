import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileModel } from '../../core/scenario/content-model.ts'

const seed = 20_240_131

describe('content models', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['(a)', 'a', null],
    ['(a)', '', '0 a'],
    ['(a)', 'a a', '1 '],
    ['(a?, b, c*)', 'b', null],
    ['(a?, b, c*)', 'a b c c', null],
    ['(a?, b, c*)', 'a c', '1 b'],
    ['(a?, b, c*)', 'c', '0 a,b'],
    ['(a?, b, c*)', 'b a', '1 c'],
    ['(a | b)*', 'a b b a', null],
    ['(a | b)*', 'a c', '1 a,b'],
    ['(a* | b)', '', null],
    ['(a* | b)', 'a a', null],
    ['(a* | b)', 'a b', '1 a'],
    ['(a* | b)', 'b b', '1 '],
    ['(a, (b | c)?)+', 'a b a a c', null],
    ['(a, (b | c)?)+', 'a b c', '2 a'],
    ['(a+, b)', 'a a', '2 a,b'],
    ['(a?, b?)?', '', null],
  ]
  for (const [model, children, fault] of cases) {
    it(`${model} ${fault === null ? 'takes' : 'refuses'} "${children}"`, () => {
      const found = compileModel(model).check(children === '' ? [] : children.split(' '))
      assert.equal(found === null ? null : `${found.index} ${found.expected.join()}`, fault)
    })
  }

  it('agree with regular expressions of the same form', () => {
    const particle: fc.Arbitrary<string> = fc.letrec<{ part: string }>((tie) => ({
      part: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom('a', 'b', 'c'),
        fc
          .tuple(
            fc.array(tie('part'), { minLength: 1, maxLength: 3 }),
            fc.constantFrom(',', '|'),
            fc.constantFrom('', '?', '*', '+'),
          )
          .map(([parts, separator, sign]) => `(${parts.join(separator)})${sign}`),
      ),
    })).part
    // A content model is deterministic in XML; where a name could be two places, ours takes the first.
    const isDeterministic = (model: string): boolean =>
      new Set(model.match(/[abc]/g)).size === model.match(/[abc]/g)!.length
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 })
    fc.assert(
      fc.property(particle.filter(isDeterministic), words, (part, children) => {
        const model = `(${part})`
        const expression = new RegExp(`^(?:${model.replaceAll(',', '')})$`)
        const found = compileModel(model).check(children)
        assert.equal(found === null, expression.test(children.join('')))
      }),
      { seed, numRuns: 500 },
    )
  })

  for (const model of ['(a', '(a,b|c)', '(a))(', '(,a)']) {
    it(`${model} is a defect`, () => assert.throws(() => compileModel(model), SyntaxError))
  }
})
