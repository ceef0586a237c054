import assert from 'node:assert/strict'
import { findBuiltin } from '../../core/erlang/builtins.ts'
import { environment } from './environment.ts'

describe('functions of Tsung that scenarios call', () => {
  for (const [module, name, content, value] of [
    ['ts_user_server', 'get_unique_id', undefined, '17'],
    ['ts_user_server', 'get_really_unique_id', undefined, '1700000000-17'],
    ['ts_digest', 'md5hex', 'abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['ts_digest', 'shahex', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['base64', 'encode', 'a\xff', 'Yf8='],
    ['base64', 'decode', 'Yf8=', 'a\xff'],
    ['ts_digest', 'md5hex', '\xff\0', 'e0e8bfafbb0689563b2fba789c97b3cc'],
  ] as const) {
    it(`${module}:${name} of ${content ?? 'nothing'} is ${value}`, () => {
      assert.equal(findBuiltin(module, name)!(environment(), content), value)
    })
  }

  for (const [module, name, content, told] of [
    ['ts_digest', 'md5hex', undefined, 'ts_digest:md5hex: there is no content'],
    ['base64', 'decode', 'a', 'base64:decode: badarg'],
  ] as const) {
    it(`${module}:${name} of ${content ?? 'nothing'} fails`, () => {
      const failures: string[] = []
      assert.equal(findBuiltin(module, name)!(environment({}, failures), content), undefined)
      assert.deepEqual(failures, [told])
    })
  }

  it('there is none that Tsung inserts nothing for, nor any of the language itself', () => {
    for (const [module, name] of [
      ['ts_file_server', 'get_next_line'],
      ['ts_mainframe', 'uuid'],
      ['lists', 'map'],
      ['constructor', 'name'],
    ] as const) {
      assert.equal(findBuiltin(module, name), null)
    }
  })
})
