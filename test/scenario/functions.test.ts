import assert from 'node:assert/strict'
import { exportsFunction, importFault } from '../../core/scenario/parse/module-text.ts'
import { codesOf, type Files, readParts, readXml, scenarioXml } from './build.ts'

/** Texts that are checked wherever they stand. */
const withText = (text: string): string =>
  `<setdynvars sourcetype="value" value="${text}"><var name="x"/></setdynvars>`

const twice = 'export function twice(variables, user) { return variables.x + variables.x }'

describe('functions that a scenario calls', () => {
  const cases: readonly (readonly [string, Files, readonly string[]])[] = [
    ['%%mine:twice%%', { 'mine.mjs': twice }, []],
    ['%%mine:twice%%', { 'mine.js': twice }, []],
    ['%%mine:twice%%', {}, ['U_FUNCTION']],
    ['%%mine:thrice%%', { 'mine.mjs': twice }, ['U_FUNCTION']],
    ['%%mine:twice%%', { 'mine.mjs': `import './other.mjs'\n${twice}` }, ['U_FUNCTION']],
    ['%%ts_user_server:get_unique_id%%', {}, []],
    ['%%ts_user_server:get_unique_id%%', { 'ts_user_server.mjs': twice }, ['U_FUNCTION']],
  ]
  for (const [text, files, codes] of cases) {
    it(`${text} with ${JSON.stringify(files)}`, () => {
      assert.deepEqual(codesOf(readParts({ session: withText(text) }, files)), codes)
    })
  }

  it('are told with how to write them', () => {
    const { diagnostics } = readParts({ session: withText('%%mine:twice%%') })
    assert.equal(
      diagnostics[0]?.hint,
      'write it in mine.mjs beside the scenario: export function twice(variables, user) { return … }',
    )
  })

  it('whose name is a word of JavaScript are told with how to write them all the same', () => {
    const { diagnostics } = readParts({ session: withText('%%mine:new%%') })
    assert.match(diagnostics[0]!.hint!, /function new1\(.*export \{ new1 as new \}$/)
  })

  it('come with the text of their module, once', () => {
    const session = withText('%%mine:twice%% %%mine:twice%%')
    const { scenario } = readXml(scenarioXml({ session }), { 'mine.mjs': twice, 'mine.js': '' })
    assert.deepEqual(scenario?.modules, [{ name: 'mine', source: twice }])
  })

  it('are looked for in the scenario’s folder alone', () => {
    const session =
      '<setdynvars sourcetype="js" callback="../mine:twice"><var name="x"/></setdynvars>'
    assert.deepEqual(codesOf(readParts({ session }, { '../mine.mjs': twice })), ['U_FUNCTION'])
  })

  for (const [attributes, code] of [
    ['sourcetype="js" callback="twice"', 'E_SETDYNVARS'],
    ['sourcetype="js"', 'E_SETDYNVARS'],
    ['sourcetype="js" callback="a:b:c"', 'E_SETDYNVARS'],
    ['sourcetype="eval" code="fun( -> end."', 'U_FUNCTION'],
  ] as const) {
    it(`<setdynvars ${attributes}>`, () => {
      const session = `<setdynvars ${attributes}><var name="x"/></setdynvars>`
      assert.deepEqual(codesOf(readParts({ session })), [code])
    })
  }
})

describe('the text of a module', () => {
  const exported: readonly (readonly [string, boolean])[] = [
    ['export function f() {}', true],
    ['export async function f() {}', true],
    ['export const f = () => 1', true],
    ['const g = 1\nexport { g as f }', true],
    ['export { f, g }', true],
    ['export const { f } = object', true],
    ['function f() {}', false],
    ['export function ff() {}', false],
    ['export { f as g }', false],
    ['module.exports = { f }', false],
  ]
  for (const [source, expected] of exported) {
    it(`${JSON.stringify(source)} ${expected ? 'exports' : 'does not export'} f`, () => {
      assert.equal(exportsFunction(source, 'f'), expected)
    })
  }

  const imported: readonly (readonly [string, string | null])[] = [
    ["import { createHash } from 'node:crypto'", null],
    ["import { createHash } from 'crypto'", 'crypto'],
    ["import {\n  a,\n} from './a.mjs'", './a.mjs'],
    ["export { a } from '../a.mjs'", '../a.mjs'],
    ["import 'lodash'", 'lodash'],
    ["const a = await import('/a.mjs')", '/a.mjs'],
    ["const text = 'import me'", null],
  ]
  for (const [source, expected] of imported) {
    it(`${JSON.stringify(source)} imports ${expected ?? 'nothing else'}`, () => {
      assert.equal(importFault(source), expected)
    })
  }
})

describe('markers', () => {
  const request = (attributes: string, inner: string): string =>
    `<request ${attributes}>${inner}<http url="/"/></request>`
  const variable = '<dyn_variable name="session_id" re="(a)"/>'
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [withText('%%_tsung_userid%%'), []],
    [withText('100%% sure'), ['W_MARKER']],
    [withText('100% sure'), []],
    [withText('%%_nobody%%'), ['W_UNDEFINED_VARIABLE']],
    [withText('%%_x[2]%%'), []],
    [withText('%%_nobody%%') + withText('%%_nobody%%'), ['W_UNDEFINED_VARIABLE']],
    [request('', variable) + withText('%%_session_id%%'), []],
    [withText('%%_session_id%%') + request('', variable), []],
    ['<if var="nobody" eq="1"/>', ['W_UNDEFINED_VARIABLE']],
    ['<repeat name="r"><while var="r" lt="3"/></repeat>', []],
    ['<foreach name="i" in="nobody"/>', ['W_UNDEFINED_VARIABLE']],
    [`<foreach name="i" in="tsung_userid">${withText('%%_i%%%%_i_iter%%')}</foreach>`, []],
    [`<for var="i" from="1" to="2">${withText('%%_i%%')}</for>`, []],
    ['<thinktime value="%%_nobody%%"/>', ['W_UNDEFINED_VARIABLE']],
    ['<sum name="a" var="nobody"/>', ['W_UNDEFINED_VARIABLE']],
  ]
  for (const [session, codes] of cases) {
    it(session, () => assert.deepEqual(codesOf(readParts({ session })), codes))
  }

  it('without an underscore are told with the one that was meant', () => {
    const { diagnostics } = readParts({ session: withText('%%x%%') })
    assert.deepEqual(
      diagnostics.map(({ code, hint }) => [code, hint]),
      [['W_MARKER', 'did you mean %%_x%%?']],
    )
  })

  it('of another session’s variable are told, with a name that is near', () => {
    const one = (name: string, content: string): string =>
      `<session name="${name}" weight="1" type="ts_http">${content}</session>`
    const other = '<setdynvars sourcetype="server"><var name="host"/></setdynvars>'
    const { diagnostics } = readParts({
      sessions: one('a', other) + one('b', withText('%%_host%%') + other.replace('host', 'hostt')),
    })
    assert.deepEqual(
      diagnostics.map(({ code, hint, session }) => [code, hint, session]),
      [['W_UNDEFINED_VARIABLE', 'did you mean hostt?', 1]],
    )
  })
})
