import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import type { Value } from '../../core/dynvars/value.ts'
import { compileEval } from '../../core/erlang/eval.ts'
import { environment } from './environment.ts'
import { expressions } from './expressions.ts'

/** What the code gives, and what it says of failures. */
function evaluate(
  code: string,
  count: number = 1,
  values: { readonly [name: string]: Value } = {},
): { value: Value | undefined; failures: string[] } {
  const compiled = compileEval(code, count)
  assert.ok('call' in compiled, JSON.stringify(compiled))
  const failures: string[] = []
  return { value: compiled.call(environment(values, failures)), failures }
}

const results: readonly (readonly [code: string, variables: number, value: Value])[] = [
  ['6', 1, '6'],
  ['-12345678901234567890123', 1, '-12345678901234567890123'],
  ['1.5', 1, '1.5'],
  ['foobar', 1, 'foobar'],
  ['"text"', 1, 'text'],
  ['"x"', 1, 'x'],
  ['""', 1, ''],
  ['""', 2, ''],
  ['<<"bin", 0, 255>>', 1, 'bin\0\xff'],
  ['[[13, 10]]', 1, '\r\n'],
  ['["one"]', 1, 'one'],
  ['["a", "b"]', 1, ['a', 'b']],
  ['["a", <<"b">>, 3, c]', 4, ['a', 'b', '3', 'c']],
  ['["a", "b", "c"]', 2, ['a', 'b', 'c']],
  ['[7, 8]', 2, ['7', '8']],
  ['"text"', 2, 'text'],
  ['[1, 2, 3]', 1, ['1', '2', '3']],
  ['[100, 2000000]', 1, ['100', '2000000']],
  ['["a", $b, <<"c">>]', 1, 'abc'],
  ['io_lib:format("~p-~s", [1, "x"])', 1, '1-x'],
  ['[[["deep"]]]', 1, 'deep'],
  ['"é"', 1, '\xe9'],
  ['[8364]', 1, '\xe2\x82\xac'],
  ['[true, null]', 1, ['true', 'null']],
]

describe('what Erlang code gives', () => {
  for (const [code, count, value] of results) {
    it(`${code} to ${count} variables`, () => {
      assert.deepEqual(evaluate(`fun(_) -> ${code} end.`, count), { value, failures: [] })
    })
  }

  const noValues = ['{1, 2}', 'fun() -> 1 end', '[{a, 1}]', '[1 | 2]', 'self()']
  for (const code of noValues) {
    it(`${code} is no value`, () => {
      const { value, failures } = evaluate(`fun(_) -> ${code} end`)
      assert.equal(value, undefined)
      assert.match(failures[0]!, /^eval: .* is no value of a variable$/)
    })
  }
})

const failing: readonly (readonly [code: string, told: string])[] = [
  ['fun({P, D}) -> {ok, V} = ts_dynvars:lookup(nothing, D), V end', 'error: {badmatch,false}'],
  ['fun({P, D}) -> 1 / 0 end', 'error: badarith'],
  ['fun(x) -> 1 end', 'error: function_clause'],
  ['fun({_, _}) -> throw(enough) end', 'throw: enough'],
  ['fun({P, D}) -> case P of a -> X = 1; _ -> b end, X end', "error: {unbound_var,'X'}"],
  ['begin 5 end', 'error: {badfun,5}'],
]

describe('Erlang code that fails', () => {
  for (const [code, told] of failing) {
    it(code, () => {
      const { value, failures } = evaluate(code)
      assert.deepEqual([value, failures], [undefined, [`eval: ${told}`]])
    })
  }
})

/** Where `¦` stands is where the fault is. */
const faulty: readonly (readonly [code: string, fault: RegExp])[] = [
  ['fun(_) -> ¦tinode:shuffle(1) end', /function tinode:shuffle\/1 is not known/],
  ['fun(_) -> ¦lists:nth(1) end', /function lists:nth\/1 is not known/],
  ['fun(_) -> ¦my_own(1) end', /function erlang:my_own\/1 is not known/],
  ['fun(_) -> ¦fun lists:foo/1 end', /function lists:foo\/1 is not known/],
  ['fun(_) -> ¦X + 1 end', /variable X has no value/],
  ['fun(_) -> fun(Y) -> Y end, ¦Y end', /variable Y has no value/],
  ['fun(_) -> [X || X <- [1]], ¦X end', /variable X has no value/],
  ['fun(_) -> ¦receive X -> X end end', /messages are not known/],
  ['fun(_) -> ¦#{a => 1} end', /maps and records are not known/],
  ['fun(P) -> P ¦! hello end', /messages are not known/],
  ['fun(_) -> ¦?MODULE end', /macros are not known/],
  ['fun(_) -> 1 < 2 ¦< 3 end', /end is expected/],
  ['fun(_) -> 1 + ¦end', /an expression is expected/],
  ['fun(_) -> ¦"open end', /" is not closed/],
  ['fun(_) -> 1 end. ¦more', /the code should end here/],
  ['fun(_) -> 36¦#_ end', /maps and records are not known/],
  ['fun(_) -> ¦2#3 end', /2#3 is not a number/],
  ['fun(_) -> ¦~ end', /~ is not Erlang/],
  ['¦fun(_, _) -> 1 end', /a fun of one argument/],
  ['¦7', /a fun of one argument/],
  ['fun(_) -> ¦abs(1) = 1 end', /not a pattern/],
  ['fun(1) -> 1; (2, 3) -> 2 end¦', /as many arguments/],
  [`fun(_) -> ${'('.repeat(199)}¦${'('.repeat(9)}`, /nested too deep/],
]

describe('Erlang code that cannot be played is told where', () => {
  for (const [marked, fault] of faulty) {
    it(marked.slice(0, 60), () => {
      const compiled = compileEval(marked.replace('¦', ''))
      assert.ok('fault' in compiled)
      assert.match(compiled.fault, fault)
      assert.equal(compiled.offset, marked.indexOf('¦'))
    })
  }
})

const hungry = [
  'F(F)',
  '1 + F(F)',
  '[F(F) || _ <- [1, 2]]',
  '<< <<(F(F))>> || <<_>> <= <<1>> >>',
  'lists:map(fun(G) -> G(G) end, [F])',
  'try F(F), ok catch _:_ -> caught end',
  'case 1 of _ when F -> 1; _ -> catch (1 + F(F)) end',
  '{[case F(F) of X -> X end]}',
  'lists:sort(fun(_, _) -> {F(F)} end, [1, 2])',
]
const huge = [
  'lists:seq(1, 1000000000000)',
  'lists:duplicate(100000000, x)',
  'string:copies("abc", 1000000000)',
  'string:chars($x, 100000000)',
  'binary:copy(<<"abc">>, 1000000000)',
  'crypto:strong_rand_bytes(100000000)',
  '1 bsl 100000000000',
  '<<1:1000000000>>',
  'io_lib:format("~1000000000s", ["x"])',
  'length([X + Y || X <- lists:seq(1, 5000), Y <- lists:seq(1, 5000)])',
]
/** From a value, by a step done 60 or 100,000 times. */
const growing = [
  ['60', '<<"x">>', '<<A/binary, A/binary>>'],
  ['60', '"x"', 'A ++ A'],
  ['60', '3', 'A * A'],
  ['60', '"x"', 'io_lib:format("~s~s", [A, A])'],
  ['60', '"x"', 'lists:append([A, A])'],
  ['60', '"x"', 'string:join([A, A], "")'],
  ['100000', 'x', '[A]'],
  ['100000', 'x', '[A, A]'],
  ['60', '<<"x">>', 'binary:replace(A, <<"x">>, <<"xx">>, [global])'],
  ['100000', '$x', 'list_to_binary([[A] | [$x]])'],
] as const

/** Also what deep terms do where they are looked at. */
const looks = [
  'A',
  '[[A], A]',
  'io_lib:format("~p ~w", [A, A])',
  'A == A',
  'lists:flatten(A)',
  'iolist_to_binary(A)',
  'lists:sort([A, A])',
]

describe('Erlang code is bounded', () => {
  const codes = [
    ...hungry.map((body) => `F = fun(F) -> ${body} end, F(F)`),
    ...huge,
    ...growing.map(
      ([times, start, step]) =>
        `L = fun L(0, A) -> A; L(N, A) -> L(N - 1, ${step}) end, L(${times}, ${start})`,
    ),
    ...looks.map(
      (look) => `L = fun L(0, A) -> A; L(N, A) -> L(N - 1, [{A}, A]) end, A = L(50000, x), ${look}`,
    ),
  ]
  for (const code of codes) {
    it(code, () => {
      const started = performance.now()
      const { value, failures } = evaluate(`fun(_) -> ${code} end`)
      assert.ok(performance.now() - started < 5000)
      assert.equal(value, undefined)
      assert.equal(failures.length, 1)
    })
  }

  it('a loop of 100,000 passes is no problem', () => {
    const loop = 'L = fun L(0, A) -> A; L(N, A) -> L(N - 1, A + N) end, L(100000, 0)'
    assert.equal(evaluate(`fun(_) -> ${loop} end`).value, '5000050000')
  })
})

describe('variables in Erlang code', () => {
  const cases: readonly (readonly [code: string, value: string])[] = [
    ['V + 1', '18'],
    ['list_to_integer(V) + 1', '18'],
    ['binary_to_integer(V) + 1', '18'],
    ['integer_to_list(V)', '17'],
    ['"id" ++ V', 'id17'],
    ['<<"id", V/binary>>', 'id17'],
    ['case V of 17 -> number; _ -> other end', 'number'],
    ['case V of "17" -> text; _ -> other end', 'text'],
    ['case V of <<"17">> -> binary; _ -> other end', 'binary'],
    ['if V > 9 -> more; true -> less end', 'more'],
    ['io_lib:format("~s ~b ~4..0b", [V, V, V])', '17 17 0017'],
    ['V rem 10', '7'],
    ['length(V)', '2'],
  ]
  for (const [code, value] of cases) {
    it(`${code}: a variable is what the code takes it for`, () => {
      const fun = `fun({_, D}) -> {ok, V} = ts_dynvars:lookup(tsung_userid, D), ${code} end.`
      assert.deepEqual(evaluate(fun), { value, failures: [] })
    })
  }

  it('a list is a list', () => {
    const code = 'fun({_, D}) -> {ok, L} = ts_dynvars:lookup(l, D), string:join(L, "+") end.'
    assert.equal(evaluate(code, 1, { l: ['a', 'b'] }).value, 'a+b')
  })

  it('chance is the user’s own: the same user draws the same', () => {
    const code = 'fun(_) -> {random:uniform(1000), 1}, crypto:strong_rand_bytes(8) end'
    assert.deepEqual(evaluate(code).value, evaluate(code).value)
  })

  it('time is the user’s clock', () => {
    const code = 'fun(_) -> {M, S, U} = os:timestamp(), [M, S, U] end'
    assert.deepEqual(evaluate(code, 3).value, ['1700', '0', '123500'])
  })
})

describe('Erlang code that was changed at random', () => {
  const all = Object.values(expressions).flat()
  const change = fc.record({
    at: fc.nat({ max: 200 }),
    gone: fc.nat({ max: 4 }),
    put: fc.constantFrom(
      '',
      ' ',
      '(',
      ')',
      '[',
      ']',
      '<<',
      '>>',
      '"',
      '$',
      "'",
      '->',
      'end',
      ',',
      'X',
      '1',
      '#',
      '\\',
    ),
  })
  it('gives a fault inside the code, or a function that does not throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(change, { maxLength: 3 }), (code, changes) => {
        let changed = `fun({Pid, DynVars}) -> ${code} end.`
        for (const { at, gone, put } of changes) {
          const place = at % (changed.length + 1)
          changed = changed.slice(0, place) + put + changed.slice(place + gone)
        }
        const compiled = compileEval(changed)
        if ('call' in compiled) compiled.call(environment())
        else assert.ok(compiled.offset >= 0 && compiled.offset <= changed.length)
      }),
      { seed: 1, numRuns: 3000 },
    )
  })
})
