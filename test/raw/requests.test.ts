/** From `<raw>` to bytes. What Tsung 1.7 sent, unless a title says otherwise. */
import assert from 'node:assert/strict'
import type { Json, ParseContext, ParsedRequest } from '../../plugins/api.ts'
import { checkPlugin } from '../../plugins/conformance.ts'
import { rawDeclaration } from '../../plugins/raw/declaration.ts'
import { raw } from '../../plugins/raw/plugin.ts'
import { element } from '../support/element.ts'
import { compileContext, PluginUser } from '../support/plugin-user.ts'
import { strictSink } from '../support/strict-sink.ts'

const server = { host: '127.0.0.1', port: 9, transport: 'tcp' } as const

interface Parsed {
  readonly parsed: ParsedRequest | null
  /** `severity CODE: text`. */
  readonly told: readonly string[]
  readonly checked: readonly string[]
}

function parse(
  attributes: { readonly [name: string]: string },
  subst: ParseContext['subst'] = 'false',
): Parsed {
  const told: string[] = []
  const checked: string[] = []
  const tell = (severity: string) => (code: string, text: string) => {
    told.push(`${severity} ${code}: ${text}`)
  }
  const parsed = rawDeclaration.player!.parseRequest(
    element('raw', { ack: 'local', ...attributes }),
    {
      subst,
      servers: [],
      options: null,
      state: null,
      readFile: () => null,
      checkMarkers: (text) => void checked.push(text),
      error: tell('error'),
      warning: tell('warning'),
      unplayable: tell('unplayable'),
    },
  )
  return { parsed: parsed as ParsedRequest | null, told, checked }
}

/** What one user sends. */
function sent(
  attributes: { readonly [name: string]: string },
  subst: ParseContext['subst'] = 'false',
  variables: { readonly [name: string]: string } = {},
): string {
  const { parsed, told } = parse(attributes, subst)
  assert.deepEqual(told, [])
  const view = new PluginUser(server, variables)
  const data = JSON.parse(JSON.stringify(parsed!.data)) as Json
  const request = raw.compile(data, compileContext(view.variables.names, null, subst))
  const user = raw.newUser(view, null)
  raw.prepare!(request, user, view)
  assert.equal(raw.target(request, user, view), null)
  return raw.encode(request, user, raw.newConnection(user), view, strictSink)
}

const variables = { a: 'one\xe9', n: '4', word: 'x' }

const cases: [
  title: string,
  attributes: { readonly [name: string]: string },
  subst: ParseContext['subst'],
  bytes: string,
][] = [
  ['data', { data: 'GET\r\n' }, 'false', 'GET\r\n'],
  ['data in ISO-8859-1', { data: 'é' }, 'false', '\xe9'],
  ['data that is not ISO-8859-1 as UTF-8', { data: '€' }, 'false', '\xe2\x82\xac'],
  ['a size as zero bytes', { datasize: '3' }, 'false', '\0\0\0'],
  ['a size before data', { data: 'x', datasize: '2' }, 'false', '\0\0'],
  ['data where the size is empty', { data: 'x', datasize: '' }, 'false', 'x'],
  ['nothing', {}, 'false', ''],
  ['nothing for a size of 0 (at which Tsung fails)', { datasize: '0' }, 'false', ''],
  ['markers as they are', { data: '%%_a%%' }, 'false', '%%_a%%'],
  ['markers as they are with all_except_body', { data: '%%_a%%' }, 'all_except_body', '%%_a%%'],
  ['variables', { data: '<%%_a%%>%%_nobody%%' }, 'true', '<one\xe9>undefined'],
  ['a size from a variable', { datasize: '%%_n%%' }, 'true', '\0\0\0\0'],
  [
    'a size with a variable in it (Tsung takes its first digits)',
    { datasize: '1%%_n%%' },
    'true',
    '\0'.repeat(14),
  ],
]

describe('raw requests', () => {
  for (const [title, attributes, subst, bytes] of cases) {
    it(`send ${title}`, () => assert.equal(sent(attributes, subst, variables), bytes))
  }

  for (const datasize of ['%%_word%%', '-%%_n%%', '%%_nobody%%', '%%_n%%000000000', '%%_open']) {
    it(`of ${datasize} bytes cannot be asked`, () => {
      assert.throws(() => sent({ datasize }, 'true', variables), { code: 'error_raw_datasize' })
    })
  }

  const refused: [{ readonly [name: string]: string }, ParseContext['subst'], RegExp][] = [
    [{ datasize: 'abc' }, 'false', /^error E_BAD_ATTRIBUTE: .*"abc" is no size/],
    [{ datasize: '-3' }, 'true', /^error E_BAD_ATTRIBUTE/],
    [{ datasize: '999999999' }, 'false', /^unplayable U_UNUSABLE: .*too long/],
    [{ datasize: '%%_n%%' }, 'false', /^unplayable U_UNUSABLE: .*not replaced/],
  ]
  for (const [attributes, subst, text] of refused) {
    it(`tell datasize="${attributes['datasize']}" with subst="${subst}"`, () => {
      const { parsed, told } = parse(attributes, subst)
      assert.equal(parsed, null)
      assert.equal(told.length, 1)
      assert.match(told[0]!, text)
    })
  }

  it('have their markers checked where they are replaced', () => {
    assert.deepEqual(parse({ data: 'd' }, 'true').checked, ['d'])
    assert.deepEqual(parse({ data: 'd', datasize: '%%_n%%' }, 'true').checked, ['%%_n%%'])
    assert.deepEqual(parse({ data: 'd' }, 'all_except_body').checked, [])
  })

  it('keep the ack and say what they are', () => {
    assert.deepEqual(
      [parse({ data: 'ping\n', ack: 'no_ack' }), parse({ datasize: '7', ack: 'global' })].map(
        ({ parsed }) => [parsed!.ack, parsed!.label],
      ),
      [
        ['no_ack', '"ping\\n"'],
        ['global', '7 zero bytes'],
      ],
    )
  })

  it('are the same string for all users where nothing is replaced', () => {
    const view = new PluginUser(server)
    const context = compileContext(view.variables.names)
    const request = raw.compile({ type: 'size', size: '1000' }, context)
    const [one, two] = [1, 2].map(() => {
      const user = raw.newUser(view, null)
      raw.prepare!(request, user, view)
      return raw.encode(request, user, null, view, strictSink)
    })
    assert.equal(one, two)
    assert.equal(one!.length, 1000)
  })

  it('keep the rules of plugins', () => {
    checkPlugin(raw, [
      { name: 'data', data: { type: 'data', data: 'x' }, ...quiet },
      {
        name: 'variables',
        data: { type: 'data', data: '%%_a%%' },
        subst: 'true',
        variables: { a: 'one' },
        ...quiet,
      },
    ])
  })
})

/** It is the engine that takes the first bytes for the answer: the plugin awaits none. */
const quiet = { answer: 'x', progress: 'unexpected', counters: {} } as const
