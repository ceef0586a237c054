import assert from 'node:assert/strict'
import type { Environment } from '../../core/dynvars/environment.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { VariableNames, Variables } from '../../core/dynvars/variables.ts'
import { loadModules } from '../../launcher/modules.ts'

const failures: string[] = []

function environment(values: { readonly [name: string]: Value } = {}): Environment {
  const names = new VariableNames()
  for (const name of Object.keys(values)) names.slot(name)
  const variables = new Variables(names, 7)
  for (const [name, value] of Object.entries(values)) variables.set(names.slot(name), value)
  return {
    id: 7,
    server: { host: 'app1', port: 80 },
    variables,
    random: () => 0.25,
    nowMs: () => 0,
    functionFailed: (name, reason) => void failures.push(`${name}: ${reason}`),
  }
}

async function call(body: string, values = {}, content?: string): Promise<Value | undefined> {
  const source = `export function f(variables, user, content) { ${body} }`
  const find = await loadModules([{ name: 'mine', source }], () => null)
  return find('mine', 'f')!(environment(values), content)
}

describe('JavaScript modules of a scenario', () => {
  beforeEach(() => void failures.splice(0))

  for (const [body, result] of [
    ['return "text"', 'text'],
    ['return "é"', '\xe9'],
    ['return "€"', '\xe2\x82\xac'],
    ['return 1.5', '1.5'],
    ['return 12345678901234567890n', '12345678901234567890'],
    ['return false', 'false'],
    ['return ["a", 2, ["b"], null]', ['a', '2', ['b'], '']],
    ['return', undefined],
    ['return null', undefined],
    ['return variables.name + variables.list[1]', 'ab2'],
    ['return variables.none', undefined],
    [
      'return [user.id, user.server.host, user.server.port, user.random()].join(" ")',
      '7 app1 80 0.25',
    ],
  ] as const) {
    it(`${body} gives ${JSON.stringify(result)}`, async () => {
      assert.deepEqual(await call(body, { name: 'a', list: ['b1', 'b2'] }), result)
      assert.deepEqual(failures, [])
    })
  }

  it('apply_to_content hands over the answer', async () => {
    assert.equal(await call('return content.toUpperCase()', {}, 'answer'), 'ANSWER')
  })

  for (const [body, failure] of [
    ['throw new Error("no luck")', 'mine:f: no luck'],
    ['throw "no luck"', 'mine:f: no luck'],
    ['return Promise.reject(1)', 'mine:f: it returned a promise: a user cannot wait for it'],
    ['return { a: 1 }', 'mine:f: it returned object'],
    ['const a = []; a.push(a); return a', 'mine:f: it returned lists too deep'],
  ] as const) {
    it(`${body} is told and has no value`, async () => {
      assert.equal(await call(body), undefined)
      assert.deepEqual(failures, [failure])
    })
  }

  it('come before built-in functions of the same name, which are found when they have none', async () => {
    const source = 'export const f = () => "mine"; export const constant = 1'
    const find = await loadModules([{ name: 'm', source }], () => () => 'built in')
    assert.equal(find('m', 'f')!(environment()), 'mine')
    assert.equal(find('m', 'g')!(environment()), 'built in')
    assert.equal(find('m', 'constant')!(environment()), 'built in')
    assert.equal(find('other', 'f')!(environment()), 'built in')
    assert.equal(find('m', 'f'), find('m', 'f'))
  })

  it('keep their own memory, apart from each other, and may import what Node has', async () => {
    const source =
      'import { basename } from "node:path"; let n = 0; export const f = () => basename("/a/" + ++n)'
    const modules = [
      { name: 'a', source },
      { name: 'b', source },
    ]
    const find = await loadModules(modules, () => null)
    const first = environment()
    assert.deepEqual([find('a', 'f')!(first), find('a', 'f')!(first)], ['1', '2'])
    assert.equal(find('b', 'f')!(first), '1')
  })

  for (const [source, reason] of [
    ['export function f( {', /module mine cannot be loaded: /],
    ['throw new Error("at once")', /module mine cannot be loaded: at once/],
    ['import "./other.mjs"', /module mine cannot be loaded: /],
  ] as const) {
    it(`${source} is told with the module's name`, async () => {
      await assert.rejects(
        loadModules([{ name: 'mine', source }], () => null),
        reason,
      )
    })
  }
})
