import assert from 'node:assert/strict'
import fc from 'fast-check'
import { utf8ByteString } from '../../core/byte-string.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { parseJson, toText, toValue } from '../../core/extract/json.ts'
import { compileJsonPath } from '../../core/extract/json-path.ts'

const document =
  '{"a":1,"b":[1,2,{"c":"x","n":3},{"c":"y","n":3},{"c":"z","m":{"d":1.5}}],"f":1.5,"t":true,' +
  '"nul":null,"o":{"k":{"d":[]}},"s":"caf\\u00e9","e":"","l":[[1,2],[3]],"x-y":1,"0":"zero",' +
  '"big":12345678901234567890,"st":["p","q"],"a b":7,"items":[{"id":1,"v":"one"},{"id":2,"v":"two"}]}'

function find(expression: string, text: string = document): Value {
  const query = compileJsonPath(expression)
  assert.ok(query, `${expression} is a path`)
  const json = parseJson(utf8ByteString(text))
  assert.ok(json !== undefined)
  return query.evaluate(json)
}

describe('jsonpath', () => {
  // What Tsung 1.7.0 finds in the same document, as text.
  for (const [expression, want] of [
    ['a', '1'],
    ['$.a', '1'],
    ['.a', '1'],
    ['a.', '1'],
    ['b[0]', '1'],
    ['b.0', '1'],
    ['$.b[0]', '1'],
    ['b[2].c', 'x'],
    ['b[*].c', ['undefined', 'undefined', 'x', 'y', 'z']],
    ['b.*.c', ['undefined', 'undefined', 'x', 'y', 'z']],
    ['f', '1.5'],
    ['t', 'true'],
    ['nul', 'null'],
    ['o', '{"k":{"d":[]}}'],
    ['o.k', '{"d":[]}'],
    ['o.k.d', []],
    ['o[k]', '{"d":[]}'],
    ['o.*', '{"k":{"d":[]}}'],
    ['a.*', '1'],
    ['s', utf8ByteString('café')],
    ['e', ''],
    ['l', [['1', '2'], ['3']]],
    ['l[0]', ['1', '2']],
    ['l[*][0]', ['1', '3']],
    ['l[0][1]', '2'],
    ['b[9]', ''],
    ['zz', ''],
    ['a.b', ''],
    ['a[0]', ''],
    ['x-y', '1'],
    ['st', ['p', 'q']],
    ['st[*]', ['p', 'q']],
    ['st[0].x', ''],
    ['big', '12345678901234567890'],
    ['a b', '7'],
    ['items[?id=2].v', 'two'],
    ['items[?v=one].id', '1'],
    ['items[?id=9].v', ''],
  ] as const) {
    it(`${expression} is ${JSON.stringify(want)}`, () => assert.deepEqual(find(expression), want))
  }

  // Where Tsung's users die, or find nothing.
  for (const [expression, want] of [
    ['b[?n=3].c', ['x', 'y']],
    ['b[?c=z].m.d', '1.5'],
    ['b[-1].c', 'z'],
    ['$.b[-1].c', 'z'],
    ['b[-9]', ''],
    ['0', 'zero'],
    ["$['a']", '1'],
    ['["a"]', '1'],
    ["o['k']", '{"d":[]}'],
    ['$..c', ['x', 'y', 'z']],
    ['$.b[0,1]', ['1', '2']],
    ['b[0:2]', ['1', '2']],
    ['$.b[?@.n==3].c', ['x', 'y']],
    ['$.items[?@.id>1].v', ['two']],
    ['$["zz"]', ''],
    ['$..zz', []],
    ['$[?@.zz]', []],
  ] as const) {
    it(`${expression} is ${JSON.stringify(want)}, as its author meant`, () => {
      assert.deepEqual(find(expression), want)
    })
  }

  for (const [expression, want] of [
    ['[0].h', '1'],
    ['$[0].h', '1'],
    ['$.[0].h', '1'],
    ['0.h', '1'],
    ['[*].h', ['1', 'two', 'undefined']],
    ['$[*].h', ['1', 'two']],
    ['[?h=two].h', 'two'],
    ['[2]', '3'],
    ['[-1]', '3'],
    ['h', ''],
    ['$', ['{"h":1}', '{"h":"two"}', '3']],
  ] as const) {
    it(`${expression} of a list is ${JSON.stringify(want)}`, () => {
      assert.deepEqual(find(expression, '[{"h":1},{"h":"two"},3]'), want)
    })
  }

  for (const expression of ['b[(@.length-1)]', '$[', '$x', 'a[', '$.b[?(@.n=3)]', 'a..', "['a]"]) {
    it(`${expression} is no path`, () => assert.equal(compileJsonPath(expression), null))
  }

  it('any expression is taken or refused', () => {
    const unit = fc.constantFrom(...'$.[]*?=@ab01-,:\'"() &|!<é'.split(''))
    const json = parseJson(document)!
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 15 }), (text) => {
        compileJsonPath(text)?.evaluate(json)
      }),
      { seed: 1, numRuns: 3000 },
    )
  })
})

describe('JSON', () => {
  for (const [text, want] of [
    ['1', '1'],
    [' {"a": 1.0, "b": 1e3} \r\n', '{"a":1,"b":1000}'],
    ['-12345678901234567890', '-12345678901234567890'],
    [
      '{"a":[123456789012345678,"1234567890123456789"]}',
      '{"a":[123456789012345678,"1234567890123456789"]}',
    ],
    ['0.1234567890123456789', '0.12345678901234568'],
    ['1e21', '1e+21'],
    ['"\\ud83d\\ude00"', utf8ByteString('😀')],
    ['"\xe9"', '\xe9'],
    ['"\xc3\xa9"', '\xc3\xa9'],
    ['{"\xc3\xa9":"\\u00e9"}', '{"\xc3\xa9":"\xc3\xa9"}'],
    ['"a\\"1234567890123456"', 'a"1234567890123456'],
  ] as const) {
    it(`${text} is ${want}`, () => assert.equal(toText(parseJson(text)!), want))
  }

  for (const text of ['', '{', '{a:1}', "'a'", '[1,]', 'nul', '1 2', '<html>']) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseJson(text), undefined))
  }

  it('its lists are lists, at any depth', () => {
    assert.deepEqual(toValue(parseJson('[1,["a",[null,{"b":[]}]]]')!), [
      '1',
      ['a', ['null', '{"b":[]}']],
    ])
  })
})
