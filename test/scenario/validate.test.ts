import assert from 'node:assert/strict'
import { codesOf, onePhase, type Parts, readParts, readXml, request } from './build.ts'

/** What is wrong, as `CODE part of the text`; none: nothing of severity error. */
type Case = readonly [string, Parts, ...(readonly [code: string, text: RegExp, hint?: RegExp])[]]

const wrong: readonly Case[] = [
  [
    'an unknown element',
    { load: '<arivalphase/>' },
    ['E_UNKNOWN_ELEMENT', /<arivalphase>/, /did you mean <arrivalphase>/],
  ],
  [
    'an element of another place',
    { load: request },
    ['E_MISPLACED', /<request> cannot stand in <load>/, /<session>/],
  ],
  [
    'an unknown attribute',
    { servers: '<server host="a" prot="1" port="1" type="tcp"/>' },
    ['E_UNKNOWN_ATTRIBUTE', /prot/, /did you mean port\?/],
  ],
  [
    'an attribute of an element that has none',
    { load: onePhase, root: 'x="1"' },
    ['E_UNKNOWN_ATTRIBUTE', /<tsung> has no attribute x/],
  ],
  [
    'a missing attribute',
    { servers: '<server host="a" type="tcp"/>' },
    ['E_MISSING_ATTRIBUTE', /<server> needs the attribute port/, /its port/],
  ],
  [
    'a wrong word',
    { servers: '<server host="a" port="1" type="TCP"/>' },
    ['E_BAD_ATTRIBUTE', /"TCP" is not known/, /did you mean tcp\?/],
  ],
  [
    'a method in small letters',
    { session: '<request><http url="/" method="get"/></request>' },
    ['E_BAD_ATTRIBUTE', /"get"/, /did you mean GET\?/],
  ],
  [
    'a fraction where none may be',
    { load: onePhase.replace('duration="10"', 'duration="1.5"') },
    ['E_BAD_ATTRIBUTE', /"1.5" is not a whole number/, /smaller unit/],
  ],
  [
    'a negative number',
    { servers: '<server host="a" port="-1" type="tcp"/>' },
    ['E_BAD_ATTRIBUTE', /"-1" is not a whole number/],
  ],
  [
    'an empty whole number',
    { servers: '<server host="a" port="" type="tcp"/>' },
    ['E_BAD_ATTRIBUTE', /it is empty/],
  ],
  [
    'a number without 0',
    { load: onePhase.replace('rate="1"', 'rate=".5"') },
    ['E_BAD_ATTRIBUTE', /".5" is not a number/, /write 0.5/],
  ],
  [
    'a number with a comma',
    { load: onePhase.replace('rate="1"', 'rate="0,5"') },
    ['E_BAD_ATTRIBUTE', /"0,5"/, /write 0\.5/],
  ],
  [
    'an exponent alone',
    { load: onePhase.replace('rate="1"', 'rate="1e3"') },
    ['E_BAD_ATTRIBUTE', /"1e3"/, /write 1\.0e3/],
  ],
  [
    'a boolean',
    { session: '<thinktime value="1" random="yes"/>' },
    ['E_BAD_ATTRIBUTE', /"yes" is neither true nor false/],
  ],
  [
    'a number that is too small',
    { clients: '<client host="localhost" cpu="0"/>' },
    ['E_BAD_ATTRIBUTE', /0 is less than 1/],
  ],
  [
    'a blank in a token',
    { servers: '<server host="a b" port="1" type="tcp"/>' },
    ['E_BAD_ATTRIBUTE', /"a b" may only have/, /blanks/],
  ],
  [
    'a placeholder',
    { servers: '<server host="@HOST@" port="1" type="tcp"/>' },
    ['E_BAD_ATTRIBUTE', /"@HOST@" may only have/],
  ],
  [
    'a name with a capital',
    { session: '<for var="I" from="1" to="2"/>' },
    ['E_BAD_ATTRIBUTE', /"I" cannot be a name/, /for instance i/],
  ],
  [
    'a name with a dash',
    { session: '<for var="a-b" from="1" to="2"/>' },
    ['E_BAD_ATTRIBUTE', /"a-b" cannot be a name/, /a_b/],
  ],
  [
    'a reserved word',
    { session: '<for var="end" from="1" to="2"/>' },
    ['E_BAD_ATTRIBUTE', /"end" is a word/],
  ],
  [
    'a transaction with a dash',
    { session: '<transaction name="My-Tr.1"/>' },
    ['E_BAD_ATTRIBUTE', /"My-Tr.1" cannot be a name/, /My_Tr_1/],
  ],
  [
    'a file id with a dot',
    { options: '<option name="file_server" id="a.csv" value="x"/>' },
    ['E_BAD_ATTRIBUTE', /"a.csv"/],
    ['E_FILE', /file x cannot be read/],
  ],
  [
    'text between elements',
    { load: `${onePhase}text` },
    ['E_STRAY_TEXT', /text cannot stand in <load>/],
  ],
  ['a section between elements', { load: `${onePhase}<![CDATA[ ]]>` }, ['E_STRAY_TEXT', /<load>/]],
  [
    'blanks in an empty element',
    { servers: '<server host="a" port="1" type="tcp"> </server>' },
    ['E_NOT_EMPTY', /<server> may not hold anything/],
  ],
  [
    'an element in an empty one',
    { session: '<thinktime value="1"><abort/></thinktime>' },
    ['E_MISPLACED', /<abort> cannot stand in <thinktime>/],
  ],
  [
    'an element in a text',
    { session: '<request><match><http url="/"/></match><http url="/"/></request>' },
    ['E_MISPLACED', /<http> cannot stand in <match>/],
  ],
  [
    'a match behind',
    { session: '<request><http url="/"/><match>x</match></request>' },
    ['E_ORDER', /<match> cannot stand here.*nothing more/],
  ],
  [
    'a variable before a match',
    { session: '<request><dyn_variable name="a"/><match>x</match><http url="/"/></request>' },
    ['E_ORDER', /takes <dyn_variable>, <jabber>, <http>/],
  ],
  [
    'two requests in one',
    { session: '<request><http url="/"/><http url="/"/></request>' },
    ['E_ORDER', /nothing more may follow/],
  ],
  [
    'header behind cookie',
    {
      session:
        '<request><http url="/"><add_cookie key="a" value="b"/><http_header name="c"/></http></request>',
    },
    ['E_ORDER', /<http_header>/],
  ],
  ['no servers', { servers: '' }, ['E_MISSING_ELEMENT', /<servers> lacks <server>/]],
  ['no clients', { clients: '' }, ['E_MISSING_ELEMENT', /<clients> lacks <client>/]],
  ['no sessions', { sessions: '' }, ['E_MISSING_ELEMENT', /<sessions> lacks <session>/]],
  [
    'addresses and a range',
    {
      clients:
        '<client host="localhost"><ip value="127.0.0.1"/><iprange value="127.0.0.1-3"/></client>',
    },
    ['E_ORDER', /<iprange>/],
  ],
  [
    'set_option in a transaction',
    {
      session: '<transaction name="t"><set_option name="connect_timeout" value="1"/></transaction>',
    },
    ['E_MISPLACED', /<set_option> cannot stand in <transaction>/, /<session>/],
  ],
  [
    'a transaction in a transaction',
    { session: '<transaction name="t"><transaction name="u"/></transaction>' },
    ['E_MISPLACED', /<transaction> cannot stand in <transaction>/],
  ],
  [
    'options without a name',
    { options: '<option value="1"/>' },
    ['E_MISSING_ATTRIBUTE', /<option> needs the attribute name/],
  ],
  [
    'options of what has none',
    { options: '<option name="a" type="ts_raw"/>' },
    ['E_BAD_ATTRIBUTE', /"ts_raw" is not known/],
  ],
]

describe('what a scenario may not say', () => {
  for (const [title, parts, ...expected] of wrong) {
    it(title, () => {
      const errors = readParts(parts).diagnostics.filter(({ severity }) => severity === 'error')
      const found = errors.map(({ code, text }) => `${code} ${text}`).join('\n')
      assert.deepEqual(
        errors.map(({ code }) => code),
        expected.map(([code]) => code),
        found,
      )
      for (const [index, [, text, hint]] of expected.entries()) {
        assert.match(errors[index]!.text, text)
        if (hint !== undefined) assert.match(errors[index]!.hint ?? '', hint)
      }
    })
  }

  const roots: readonly (readonly [string, string])[] = [
    ['a part of a scenario', '<session name="a" type="ts_http"/>'],
    ['another document', '<html/>'],
  ]
  for (const [title, xml] of roots) {
    it(`${title} is no scenario`, () => {
      assert.ok(codesOf(readXml(xml)).includes('E_ROOT'))
      assert.equal(readXml(xml).scenario, null)
    })
  }

  it('everything wrong is told at once, in order of place', () => {
    const { diagnostics } = readParts({
      clients: '<client hots="localhost"/>',
      servers: '<server host="a" port="x" type="tpc"/>',
      session: '<thinktime value="0"/><request><http/></request><bogus/>',
    })
    assert.deepEqual(
      diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ code, position }) => `${code} ${position.line}`),
      [
        'E_UNKNOWN_ATTRIBUTE 3',
        'E_BAD_ATTRIBUTE 4',
        'E_BAD_ATTRIBUTE 4',
        'E_THINKTIME 6',
        'E_MISSING_ATTRIBUTE 6',
        'E_UNKNOWN_ELEMENT 6',
      ],
    )
  })

  it('a misspelt attribute is not told to be missing, too', () => {
    const result = readParts({
      servers: '<server hots="a" port="1" type="tcp"/>',
      load: onePhase.replace('arrivalrate', 'arivalrate'),
      sessions: '<session name="s" probabilty="100" type="ts_http"/>',
    })
    assert.deepEqual(codesOf(result), [
      'E_UNKNOWN_ATTRIBUTE',
      'E_UNKNOWN_ATTRIBUTE',
      'E_UNKNOWN_ATTRIBUTE',
    ])
  })

  it('sections in another order are told once', () => {
    const xml =
      '<tsung><servers><server host="a" port="1" type="tcp"/></servers><clients><client host="a"/></clients></tsung>'
    assert.deepEqual(codesOf(readXml(xml)), ['W_NO_DOCTYPE', 'E_ORDER'])
  })
})

describe('what a scenario may say, as in Tsung', () => {
  const fine: readonly (readonly [string, Parts])[] = [
    ['an empty load and an empty session', { load: '<!-- later -->', session: '' }],
    [
      'empty transactions and loops',
      { session: '<transaction name="t"/><for var="i" from="1" to="2"/>' },
    ],
    ['an end tag right behind', { servers: '<server host="a" port="1" type="tcp"></server>' }],
    [
      'a comment in an empty element',
      { servers: '<server host="a" port="1" type="tcp"><!-- c --></server>' },
    ],
    [
      'information in any order, repeated',
      { information: '<information><organisation/><name>a</name><name>b</name></information>' },
    ],
    ['a user before a phase', { load: `<user session="s" start_time="1"/>${onePhase}` }],
    [
      'a transaction in a loop in a transaction',
      {
        session:
          '<transaction name="a"><for var="i" from="1" to="2"><transaction name="b"/></for></transaction>',
      },
    ],
    [
      'capitals and digits in a transaction',
      {
        session:
          '<transaction name="Login"/><transaction name="1st_step"/><transaction name="end"/>',
      },
    ],
    ['a quoted name', { session: `<for var="'My-Var'" from="1" to="2"/>` }],
    ['an empty number', { servers: '<server host="a" port="1" type="tcp" weight=""/>' }],
    [
      'any word for bidi',
      { sessions: '<session name="s" probability="100" type="ts_http" bidi="yes"/>' },
    ],
    ['blanks in numbers', { session: '<thinktime value=" 2  "/>' }],
    ['a server without a name', { servers: '<server host="" port="80" type="tcp"/>' }],
    ['an unknown option', { options: '<option name="nosuch" value="1"/>' }],
    [
      'set_option with a certificate',
      { session: '<set_option name="certificate"><certificate/></set_option>' },
    ],
  ]
  for (const [title, parts] of fine) {
    it(title, () => {
      const { scenario, diagnostics } = readParts(parts)
      assert.ok(scenario !== null, diagnostics.map(({ text }) => text).join('\n'))
    })
  }
})
