import assert from 'node:assert/strict'
import type { Action, ThinkTime } from '../../core/scenario/model.ts'
import {
  actionsOf,
  codesOf,
  readParts,
  readXml,
  request,
  scenarioOf,
  scenarioXml,
} from './build.ts'

describe('think times', () => {
  const option = (attributes: string): string => `<option name="thinktime" ${attributes}/>`
  const range = option('min="1" max="3"')
  const uniform: ThinkTime = { type: 'uniform', minMs: 1000, maxMs: 3000 }
  const constant = (ms: number): ThinkTime => ({ type: 'constant', ms })
  const random = (meanMs: number): ThinkTime => ({ type: 'exponential', meanMs })
  const cases: readonly (readonly [string, string, ThinkTime])[] = [
    ['value="2"', '', constant(2000)],
    ['value="2.5"', '', constant(2500)],
    ['value="0.0004"', '', constant(0)],
    ['value="007"', '', constant(7000)],
    ['value="2" random="true"', '', random(2000)],
    ['value="2" random="false"', '', constant(2000)],
    ['min="1" max="3"', '', uniform],
    ['value="wait_global"', option('value="3" override="true"'), { type: 'wait_global' }],
    ['value="wait_bidi"', option('value="3" override="true"'), { type: 'wait_bidi' }],
    ['', option('value="3"'), constant(3000)],
    ['', option('value="0"'), constant(0)],
    ['random="true"', option('value="3"'), random(3000)],
    ['', option('value="3" random="true"'), random(3000)],
    ['value="2"', option('value="3" random="true"'), random(2000)],
    ['value="2" random="false"', option('value="3" random="true"'), constant(2000)],
    ['', range, uniform],
    ['value="2"', range, uniform],
    ['value="2" random="true"', range, random(2000)],
    ['value="2"', option('value="3" override="true"'), constant(3000)],
    ['value="2" random="true"', option('value="3" override="true"'), constant(3000)],
    ['value="2"', option('value="3" random="true" override="true"'), random(3000)],
    ['min="2" max="5"', option('value="3" override="true"'), constant(3000)],
    ['value="2"', option('min="1" max="3" override="true"'), uniform],
    ['value="0"', option('value="3" override="true"'), constant(3000)],
    ['value="abc"', option('value="3" override="true"'), constant(3000)],
    ['min="2" max="5"', range, { type: 'uniform', minMs: 2000, maxMs: 5000 }],
    ['', option('value="9"') + range, uniform],
    [
      'value="%%_tsung_userid%%" random="true"',
      option('value="3" override="true"'),
      { type: 'text', valueS: '%%_tsung_userid%%', random: true },
    ],
    [
      'min="1" max=" %%_tsung_userid%% "',
      '',
      { type: 'text-range', minS: '1', maxS: '%%_tsung_userid%%' },
    ],
  ]
  for (const [attributes, options, expected] of cases) {
    it(`<thinktime ${attributes}/>${options === '' ? '' : ` with ${options}`}`, () => {
      const session = `<thinktime ${attributes}/>`
      const number = '<option name="global_number" value="2"/>'
      const [action] = actionsOf({ session, options: options + number })
      assert.deepEqual(action, { type: 'thinktime', thinkTime: expected, line: 7 })
    })
  }

  const refused: readonly (readonly [string, string])[] = [
    ['value="0"', 'E_THINKTIME'],
    ['value=""', 'E_THINKTIME'],
    ['value="-1"', 'E_THINKTIME'],
    ['value=".5"', 'E_THINKTIME'],
    ['value="1e3"', 'E_THINKTIME'],
    ['value="wait_for_it"', 'E_THINKTIME'],
    ['min="3" max="1"', 'E_THINKTIME'],
    ['min="1" max="1"', 'E_THINKTIME'],
    ['min="0" max="1"', 'E_THINKTIME'],
    ['min="1"', 'E_THINKTIME'],
    ['max="1"', 'E_THINKTIME'],
    ['value="1" min="1" max="2"', 'E_THINKTIME'],
    ['min="1.5" max="2"', 'E_BAD_ATTRIBUTE'],
    ['min="%%_tsung_userid%%"', 'E_THINKTIME'],
    ['value="1" min="%%_tsung_userid%%" max="2"', 'E_THINKTIME'],
  ]
  for (const [attributes, code] of refused) {
    it(`<thinktime ${attributes}/> is refused`, () => {
      assert.deepEqual(codesOf(readParts({ session: `<thinktime ${attributes}/>` })), [code])
    })
  }

  for (const attributes of ['min="3" max="1"', 'min="1"', 'max="1"', 'value="1" min="2"']) {
    it(`${option(attributes)} is refused`, () => {
      assert.deepEqual(codesOf(readParts({ options: option(attributes) })), ['E_THINKTIME'])
    })
  }

  it('without any value are 5 s, and told', () => {
    const result = readParts({ session: '<thinktime/>' })
    assert.deepEqual(codesOf(result), ['W_THINKTIME'])
    const [action] = result.scenario!.sessions[0]!.actions
    assert.deepEqual(action?.type === 'thinktime' && action.thinkTime, constant(5000))
  })

  it('for all users without a number of them are told', () => {
    const session = '<thinktime value="wait_global"/>'
    assert.deepEqual(codesOf(readParts({ session })), ['W_GLOBAL_NUMBER'])
  })
})

describe('sessions', () => {
  it('have the defaults of their protocol', () => {
    const of = (attributes: string): readonly [boolean, boolean] => {
      const sessions = `<session name="s" weight="1" ${attributes}/>`
      const [session] = scenarioOf({ sessions }).sessions
      return [session!.persistent, session!.bidi]
    }
    assert.deepEqual(of('type="ts_http"'), [true, false])
    assert.deepEqual(of('type="ts_websocket"'), [true, true])
    assert.deepEqual(of('type="ts_mqtt" bidi="false"'), [true, false])
    assert.deepEqual(of('type="ts_http" persistent="false" bidi="true"'), [false, true])
    assert.deepEqual(of('type="ts_mqtt" bidi="no"'), [true, false])
  })

  it('of one name are told', () => {
    const one = '<session name="s" weight="1" type="ts_http"/>'
    assert.deepEqual(codesOf(readParts({ sessions: one + one })), ['W_SAME_SESSION'])
  })
})

describe('actions', () => {
  it('keep their order, nesting and lines', () => {
    const session = `
      <transaction name="login">
        ${request}
        <thinktime value="1"/>
        <for var="i" from="2" to="6" incr="2">
          ${request}
        </for>
      </transaction>
      <set_option name="connect_timeout" value="1500"/>`
    const shape = (action: Action): unknown => {
      switch (action.type) {
        case 'transaction':
          return [action.name, action.line, action.actions.map(shape)]
        case 'for':
          return [
            action.variable,
            action.from,
            action.to,
            action.increment,
            action.line,
            action.actions.map(shape),
          ]
        case 'set_option':
          return [action.option, action.line]
        default:
          return [action.type, action.line]
      }
    }
    assert.deepEqual(actionsOf({ session }).map(shape), [
      [
        'login',
        7,
        [
          ['request', 8],
          ['thinktime', 9],
          ['i', '2', '6', 2, 10, [['request', 11]]],
        ],
      ],
      [{ name: 'connect_timeout', ms: '1500' }, 14],
    ])
  })

  it('of a request are its plugin’s', () => {
    const session =
      '<request subst="all_except_body" tag="t"><http url="/a" method="HEAD"/></request>'
    const [action] = actionsOf({ session })
    assert.ok(action?.type === 'request')
    const { plugin, ack, subst, tag, label } = action
    assert.deepEqual(
      [plugin, ack, subst, tag, label],
      ['ts_http', 'parse', 'all_except_body', 't', 'HEAD /a'],
    )
  })

  const loops: readonly (readonly [
    string,
    readonly [string, string, number],
    readonly string[],
  ])[] = [
    ['from="1" to="3"', ['1', '3', 1], []],
    ['from=" 1 " to="3" incr="2"', ['1', '3', 2], []],
    ['from="-1" to="1"', ['-1', '1', 1], []],
    ['from="3" to="1"', ['3', '1', 1], ['W_FOR_ONCE']],
    ['from="a" to="3"', ['a', '3', 1], ['W_FOR_ONCE']],
    ['from="1" to=""', ['1', '', 1], ['W_FOR_ONCE']],
    ['from="3" to="3" incr="0"', ['3', '3', 0], []],
    ['from="%%_tsung_userid%%" to="%%_i%%"', ['%%_tsung_userid%%', '%%_i%%', 1], []],
  ]
  for (const [attributes, [from, to, increment], codes] of loops) {
    it(`<for ${attributes}>`, () => {
      const result = readParts({ session: `<for var="i" ${attributes}>${request}</for>` })
      assert.deepEqual(codesOf(result), codes)
      const [action] = result.scenario!.sessions[0]!.actions
      assert.ok(action?.type === 'for')
      assert.deepEqual([action.from, action.to, action.increment], [from, to, increment])
    })
  }

  it('left out by their tag are gone, with all that is wrong in what they match', () => {
    const xml = scenarioXml({
      session: `<request tag="img"><match>(</match><http url="/a"/></request><request tag="css"><http url="/b"/></request>${request}`,
    })
    const labels = (excludeTags: readonly string[]): unknown => {
      const { scenario } = readXml(xml, {}, excludeTags)
      return scenario!.sessions[0]!.actions.map(
        (action) => action.type === 'request' && action.label,
      )
    }
    assert.deepEqual(labels([]), ['GET /a', 'GET /b', 'GET /'])
    assert.deepEqual(labels(['img', 'css']), ['GET /'])
    assert.deepEqual(codesOf(readXml(xml, {}, ['img'])), [])
    assert.deepEqual(codesOf(readXml(xml)), ['U_REGEXP'])
  })

  it('a certificate comes with its files', () => {
    const session =
      '<set_option name="certificate"><certificate cacertfile="ca.pem" keyfile="key.pem" keypass="x" certfile="cert.pem"/></set_option>'
    const files = { 'ca.pem': 'CA', 'key.pem': 'KEY', 'cert.pem': 'CERT' }
    const [action] = actionsOf({ session }, files)
    assert.deepEqual(action?.type === 'set_option' && action.option, {
      name: 'certificate',
      certificate: {
        ca: { pem: 'CA' },
        key: { pem: 'KEY' },
        passphrase: 'x',
        cert: { pem: 'CERT' },
      },
    })
    assert.deepEqual(codesOf(readParts({ session })), ['U_FILE', 'U_FILE', 'U_FILE'])
  })
})

describe('what cannot be played yet is told at its place, in its session', () => {
  const before = '<sessions><session name="s" probability="100" type="ts_http">'.length
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      '<change_type new_type="ts_ldap" host="a" port="1" server_type="tcp"/>',
      ['U_SESSION_TYPE 24'],
    ],
    [
      '<change_type new_type="ts_http" host="a" port="1" server_type="bosh"/>',
      ['U_SERVER_TYPE 64'],
    ],
    ['<change_type new_type="ts_http" host="a" port="x" server_type="tcp"/>', ['U_UNUSABLE 48']],
    [
      '<setdynvars sourcetype="random_number" start="3" end="2"><var name="x"/></setdynvars>',
      ['U_UNUSABLE 1'],
    ],
    [
      '<setdynvars sourcetype="jsonpath" jsonpath="a"><var name="x"/></setdynvars>',
      ['U_UNUSABLE 1'],
    ],
    [
      '<request><dyn_variable name="x" pgsql_expr="data_row[1][1]"/><http url="/"/></request>',
      ['U_OTHER_PROTOCOL 45'],
    ],
    ['<request><match>(</match><http url="/"/></request>', ['U_REGEXP 10']],
    ['<request/>', ['U_EMPTY_REQUEST 1']],
    ['<request><raw ack="local" data="x"/></request>', ['U_OTHER_PROTOCOL 10']],
    ['<for var="i" from="1" to="3" incr="0"/>', ['U_UNUSABLE 36']],
    ['<set_option name="connect_timeout"/>', ['U_UNUSABLE 1']],
  ]
  for (const [session, expected] of cases) {
    it(session, () => {
      const { scenario, diagnostics } = readParts({ session })
      assert.ok(scenario !== null)
      assert.deepEqual(
        diagnostics.map(({ code, position }) => `${code} ${position.column - before}`),
        expected,
      )
      for (const { severity, session } of diagnostics) {
        assert.equal(severity, 'unplayable')
        assert.equal(session, 0)
      }
    })
  }

  it('names the second session', () => {
    const sessions = `<session name="a" weight="1" type="ts_http">${request}</session><session name="b" weight="1" type="ts_ldap"/>`
    const { diagnostics } = readParts({ sessions })
    assert.deepEqual(
      diagnostics.map(({ code, session }) => [code, session]),
      [['U_SESSION_TYPE', 1]],
    )
  })

  it('a request after change_type is of the new type', () => {
    const change = '<change_type new_type="ts_ldap" host="a" port="1" server_type="tcp"/>'
    const session = `${change}<request><ldap type="unbind"/></request>`
    assert.deepEqual(codesOf(readParts({ session })), ['U_SESSION_TYPE'])
  })

  it('the whole scenario: servers', () => {
    const result = readParts({
      servers: ['udp', 'udp6', 'erlang', 'websocket', 'websocket_ssl', 'bosh', 'bosh_ssl']
        .map((type) => `<server host="a" port="1" type="${type}"/>`)
        .join(''),
    })
    assert.deepEqual(codesOf(result), [...Array.from({ length: 3 }, () => 'U_SERVER_TYPE')])
    assert.ok(result.diagnostics.every(({ session }) => session === undefined))
  })
})

describe('what Tsung refuses in actions', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`<repeat name="r">${request}</repeat>`, 'E_REPEAT'],
    ['<repeat name="r"/>', 'E_REPEAT'],
    [`<repeat name="r"><until var="x" eq="1"/>${request}</repeat>`, 'E_REPEAT'],
    ['<repeat name="r"><while var="x"/></repeat>', 'E_COMPARISON'],
    ['<repeat name="r"><while var="x" eq="1" neq="2"/></repeat>', 'E_COMPARISON'],
    ['<if var="x"/>', 'E_COMPARISON'],
    ['<if var="x" eq="1" gt="2"/>', 'E_COMPARISON'],
    ['<foreach name="a" in="b" include="("/>', 'E_REGEXP'],
    ['<sum name="a"/>', 'E_SUM'],
    ['<sum name="a" var="x" value="1"/>', 'E_SUM'],
    ['<request><dyn_variable name="a" re="(x"/><http url="/"/></request>', 'E_REGEXP'],
    ['<request><dyn_variable name="a" re="x)"/><http url="/"/></request>', 'E_REGEXP'],
    ['<request><dyn_variable name="a" re="[x"/><http url="/"/></request>', 'E_REGEXP'],
    [
      '<request><dyn_variable name="a" re="x" xpath="//y"/><http url="/"/></request>',
      'E_EXTRACTORS',
    ],
    [`<request><dyn_variable name="a'b" re="x"/><http url="/"/></request>`, 'E_BAD_ATTRIBUTE'],
    ['<setdynvars sourcetype="file" fileid="q"><var name="x"/></setdynvars>', 'E_FILE_ID'],
    ['<setdynvars sourcetype="file"><var name="x"/></setdynvars>', 'E_FILE_ID'],
    ['<setdynvars sourcetype="erlang" callback="ab"><var name="x"/></setdynvars>', 'E_SETDYNVARS'],
    ['<setdynvars sourcetype="eval"><var name="x"/></setdynvars>', 'E_SETDYNVARS'],
    ['<set_option name="retry_timeout" value="1"/>', 'E_SET_OPTION'],
    ['<set_option type="ts_http" name="user_agent"/>', 'E_SET_OPTION'],
    ['<set_option name="rate_limit"/>', 'E_MISSING_ATTRIBUTE'],
    ['<set_option name="connect_timeout" value="x"/>', 'E_BAD_ATTRIBUTE'],
    ['<set_option name="certificate"/>', 'E_MISSING_ELEMENT'],
    ['<request><http url="/" contents_from_file="no.txt"/></request>', 'E_FILE'],
  ]
  for (const [session, code] of cases) {
    it(session, () => {
      const result = readParts({ session })
      assert.equal(result.scenario, null)
      assert.ok(codesOf(result).includes(code), codesOf(result).join())
    })
  }

  for (const re of [
    '(a)',
    '\\(',
    '[(]',
    '[]a]',
    '[^]]',
    '(?i)a++',
    '\\Q(\\E',
    '[[:alpha:](]',
    '(?#()',
    'x(?=y)',
  ]) {
    it(`re="${re}" is let through`, () => {
      const session = `<request><dyn_variable name="a" re="${re}"/><http url="/"/></request>`
      assert.deepEqual(codesOf(readParts({ session })), [])
    })
  }
})
