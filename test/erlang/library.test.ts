import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { compileEval } from '../../core/erlang/eval.ts'
import { functionKeys } from '../../core/erlang/library/library.ts'
import { environment } from './environment.ts'
import { expressions } from './expressions.ts'

const page = readFileSync(new URL('../../docs/erlang.md', import.meta.url), 'utf8')

/** What Erlang could not be asked: functions of other versions, of applications, of Tsung's processes. */
const byTheManual: readonly (readonly [code: string, value: string])[] = [
  ['edoc_lib:escape_uri("a b/é~-_.")', 'a%20b%2f%c3%a9%7e-_.'],
  ['ts_digest:tohex(crypto:md5("abc"))', '900150983cd24fb0d6963f7d28e17f72'],
  ['ts_digest:tohex(crypto:sha(<<"abc">>))', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  // RFC 2202, second test cases.
  [
    'ts_digest:tohex(crypto:md5_mac("Jefe", "what do ya want for nothing?"))',
    '750c783e6ab0b503eaa86e310a5db738',
  ],
  [
    'ts_digest:tohex(crypto:sha_mac("Jefe", "what do ya want for nothing?"))',
    'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
  ],
  [
    'ts_digest:tohex(crypto:hmac(sha, "Jefe", "what do ya want for nothing?"))',
    'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
  ],
  ['byte_size(crypto:rand_bytes(5))', '5'],
  ['crypto:start()', 'ok'],
  ['crypto:rand_seed()', 'ok'],
  ['calendar:local_time() == calendar:universal_time()', 'true'],
  [
    'calendar:local_time_to_universal_time({{2024, 1, 2}, {3, 4, 5}}) == {{2024, 1, 2}, {3, 4, 5}}',
    'true',
  ],
  [
    'calendar:universal_time_to_local_time({{2024, 1, 2}, {3, 4, 5}}) == {{2024, 1, 2}, {3, 4, 5}}',
    'true',
  ],
  ['ts_user_server:get_unique_id({Pid, DynVars})', '17'],
  ['ts_user_server:get_really_unique_id({Pid, DynVars})', '1700000000-17'],
  ['lists:map(fun integer_to_list/1, [70, 80])', '70'],
  ['io_lib:format("~.1f", [2])', '2.0'],
  ['ts_digest:tohex(<<1, 171>>)', '01ab'],
]

describe('the library of Erlang', () => {
  it('docs/erlang.md lists its functions, and no others', () => {
    const rows = page.matchAll(/^\| `(\w+)` \| (`.*`) \|$/gm)
    const listed = [...rows].flatMap(([, module, functions]) => {
      return functions!.split(' ').map((name) => `${module}:${name.replaceAll('`', '')}`)
    })
    assert.deepEqual(listed.sort(), [...functionKeys()].sort())
  })

  for (const [code, value] of byTheManual) {
    it(`${code} is ${value}`, () => {
      const compiled = compileEval(`fun({Pid, DynVars}) -> ${code} end.`)
      assert.ok('call' in compiled)
      const failures: string[] = []
      const found = compiled.call(environment({}, failures))
      assert.deepEqual([typeof found === 'string' ? found : found?.[0], failures], [value, []])
    })
  }

  it('every function is called by a test', () => {
    const codes = [...Object.values(expressions).flat(), ...byTheManual.map(([code]) => code)]
    const text = codes.join('\n')
    const isCalled = (key: string): boolean => {
      const [module, name] = key.replace(/\/\d+$/, '').split(':')
      return text.includes(module === 'erlang' ? `${name}(` : `${module}:${name}(`)
    }
    assert.deepEqual(
      functionKeys().filter((key) => !isCalled(key)),
      [],
    )
  })
})
