import assert from 'node:assert/strict'
import type { Action, VariableSource } from '../../core/scenario/model.ts'
import { actionsOf, codesOf, type Files, readParts, request, scenarioOf } from './build.ts'

const fileOptions =
  '<option name="file_server" id="shared" value="a.csv"/><option name="local_file_server" id="mine" value="a.csv"/>'
const files: Files = { 'a.csv': '1;2' }
/** Sets what other actions read. */
const set = '<setdynvars sourcetype="server"><var name="x"/><var name="y"/></setdynvars>'

/** The action behind `set`, as it is read without a finding. */
function actionOf(xml: string, more: Files = {}): Action {
  const result = readParts({ session: set + xml, options: fileOptions }, { ...files, ...more })
  assert.deepEqual(
    result.diagnostics.map(({ text }) => text),
    [],
  )
  return result.scenario!.sessions[0]!.actions[1]!
}

describe('setdynvars', () => {
  const module = { 'mine.mjs': 'export function draw(variables, user) { return 1 }' }
  const cases: readonly (readonly [string, VariableSource])[] = [
    ['sourcetype="random_number"', { type: 'random_number', start: 1, end: 10 }],
    ['sourcetype="random_number" start="5" end="7"', { type: 'random_number', start: 5, end: 7 }],
    ['sourcetype="random_string"', { type: 'random_string', length: 20 }],
    ['sourcetype="urandom_string" length="3"', { type: 'urandom_string', length: 3 }],
    [
      'sourcetype="file" fileid="shared"',
      { type: 'file', file: 'shared', order: 'iter', delimiter: ';' },
    ],
    [
      `sourcetype="file" fileid="'shared'" order="random" delimiter=","`,
      { type: 'file', file: 'shared', order: 'random', delimiter: ',' },
    ],
    [
      'sourcetype="local_file" fileid="mine"',
      { type: 'file', file: 'mine', order: 'random', delimiter: ';' },
    ],
    ['sourcetype="value" value="%%_x%%-1"', { type: 'value', value: '%%_x%%-1' }],
    ['sourcetype="value"', { type: 'value', value: '' }],
    ['sourcetype="server"', { type: 'server' }],
    [
      'sourcetype="jsonpath" from="x" jsonpath="$.a[0]"',
      { type: 'jsonpath', from: 'x', expression: '$.a[0]' },
    ],
    [
      'sourcetype="erlang" callback="ts_user_server:get_unique_id"',
      { type: 'call', call: { module: 'ts_user_server', name: 'get_unique_id' } },
    ],
    [
      'sourcetype="js" callback="mine:draw"',
      { type: 'call', call: { module: 'mine', name: 'draw' } },
    ],
    [
      'sourcetype="eval" code="fun({_Pid, _Vars}) -> 1 + 2 end."',
      { type: 'eval', code: 'fun({_Pid, _Vars}) -> 1 + 2 end.' },
    ],
  ]
  for (const [attributes, source] of cases) {
    it(`<setdynvars ${attributes}>`, () => {
      const xml = `<setdynvars ${attributes}><var name="a"/><var name="'b-c'"/></setdynvars>`
      const variables = ['a', 'b-c']
      assert.deepEqual(actionOf(xml, module), { type: 'setdynvars', source, variables, line: 7 })
    })
  }

  it('cannot take the lines of a local file in order', () => {
    const session = '<setdynvars sourcetype="file" fileid="mine"><var name="a"/></setdynvars>'
    assert.deepEqual(codesOf(readParts({ session, options: fileOptions }, files)), ['U_UNUSABLE'])
  })
})

describe('control flow', () => {
  const think = '<thinktime value="1"/>'
  const body = [{ type: 'thinktime', thinkTime: { type: 'constant', ms: 1000 }, line: 7 }]
  const cases: readonly (readonly [string, object])[] = [
    [
      `<foreach name="item" in="x">${think}</foreach>`,
      { type: 'foreach', variable: 'item', list: 'x', include: null, exclude: null },
    ],
    [
      `<foreach name="item" in="x" include="^a">${think}</foreach>`,
      { type: 'foreach', variable: 'item', list: 'x', include: '^a', exclude: null },
    ],
    [
      `<foreach name="item" in="x" exclude="^a">${think}</foreach>`,
      { type: 'foreach', variable: 'item', list: 'x', include: null, exclude: '^a' },
    ],
    [
      `<repeat name="r">${think}<until var="x" eq="end"/></repeat>`,
      {
        type: 'repeat',
        variable: 'r',
        maxRepeat: 20,
        test: 'until',
        comparison: { variable: 'x', operator: 'eq', value: 'end' },
      },
    ],
    [
      `<repeat name="r" max_repeat="3">${think}<while var="x" neq=""/></repeat>`,
      {
        type: 'repeat',
        variable: 'r',
        maxRepeat: 3,
        test: 'while',
        comparison: { variable: 'x', operator: 'neq', value: '' },
      },
    ],
    ...(['eq', 'neq', 'gt', 'gte', 'lt', 'lte'] as const).map(
      (operator) =>
        [
          `<if var="x[2]" ${operator}="%%_y%%">${think}</if>`,
          { type: 'if', comparison: { variable: 'x[2]', operator, value: '%%_y%%' } },
        ] as const,
    ),
  ]
  for (const [xml, expected] of cases) {
    it(xml, () => assert.deepEqual(actionOf(xml), { ...expected, actions: body, line: 7 }))
  }

  it('a test that does not end a repeat is no action', () => {
    const xml = `<if var="x" eq="1"><while var="x"/>${think}</if>`
    assert.deepEqual(codesOf(readParts({ session: set + xml })), [])
  })
})

describe('other actions', () => {
  const cases: readonly (readonly [string, Action])[] = [
    [
      '<interaction action="send" id="Call"/>',
      { type: 'interaction', action: 'send', id: 'Call', line: 7 },
    ],
    [
      '<interaction action="receive" id="a"/>',
      { type: 'interaction', action: 'receive', id: 'a', line: 7 },
    ],
    ['<abort/>', { type: 'abort', what: 'session', line: 7 }],
    ['<abort type="all"/>', { type: 'abort', what: 'all', line: 7 }],
    ['<count name="orders"/>', { type: 'count', name: 'orders', line: 7 }],
    ['<sum name="spent" var="x"/>', { type: 'sum', name: 'spent', value: '%%_x%%', line: 7 }],
    ['<sum name="spent" value="-1.5"/>', { type: 'sum', name: 'spent', value: '-1.5', line: 7 }],
    [
      '<change_type new_type="ts_http" host="%%_x%%" port=" %%_y%% " server_type="udp6" store="true"/>',
      {
        type: 'change_type',
        newType: 'ts_http',
        host: '%%_x%%',
        port: '%%_y%%',
        transport: 'udp6',
        store: true,
        restore: false,
        bidi: false,
        line: 7,
      },
    ],
    [
      '<set_option name="rate_limit" value="16" max="%%_x%%"/>',
      {
        type: 'set_option',
        option: { name: 'rate_limit', kibPerS: '16', burstKib: '%%_x%%' },
        line: 7,
      },
    ],
    [
      '<set_option name="rate_limit" value="16"/>',
      {
        type: 'set_option',
        option: { name: 'rate_limit', kibPerS: '16', burstKib: '16' },
        line: 7,
      },
    ],
    [
      '<set_option name="connect_timeout" value="%%_x%%"/>',
      { type: 'set_option', option: { name: 'connect_timeout', ms: '%%_x%%' }, line: 7 },
    ],
    [
      '<set_option name="certificate"><certificate keyfile="%%_x%%.pem" certfile="a.csv"/></set_option>',
      {
        type: 'set_option',
        option: {
          name: 'certificate',
          certificate: {
            ca: null,
            key: { path: '%%_x%%.pem' },
            passphrase: null,
            cert: { pem: '1;2' },
          },
        },
        line: 7,
      },
    ],
  ]
  for (const [xml, expected] of cases) it(xml, () => assert.deepEqual(actionOf(xml), expected))

  it('stand wherever setdynvars may', () => {
    const ours = '<count name="a"/><sum name="b" value="1"/>'
    const nest = (name: string, attributes: string, end = ''): string =>
      `<${name} ${attributes}>${ours}${end}</${name}>`
    const session = [
      ours,
      nest('transaction', 'name="t"'),
      nest('for', 'var="i" from="1" to="2"'),
      nest('foreach', 'name="item" in="tsung_userid"'),
      nest('repeat', 'name="r"', '<while var="r" eq="1"/>'),
      nest('if', 'var="r" eq="1"'),
    ].join('')
    assert.equal(actionsOf({ session }).length, 7)
  })
})

describe('logs of any kind can be asked for', () => {
  for (const value of ['true', 'light', 'protocol', 'protocol_local'] as const) {
    it(`dumptraffic="${value}"`, () => {
      assert.equal(
        scenarioOf({ root: `dumptraffic="${value}"`, session: request }).dumpTraffic,
        value,
      )
    })
  }
  it('backend="fullstats"', () =>
    assert.equal(scenarioOf({ root: 'backend="fullstats"' }).backend, 'fullstats'))
  it('backend="rrdtool" is told to be the text log', () => {
    assert.deepEqual(codesOf(readParts({ root: 'backend="rrdtool"' })), ['W_RRDTOOL'])
  })
})
