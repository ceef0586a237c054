import assert from 'node:assert/strict'
import { compileTemplate } from '../../core/dynvars/template.ts'
import { VariableNames } from '../../core/dynvars/variables.ts'
import { findBuiltin } from '../../core/erlang/builtins.ts'
import { readScenario } from '../../core/scenario/read.ts'
import type { Json, PluginDeclaration, Progress } from '../../plugins/api.ts'
import { definePlugin } from '../../plugins/published.ts'

const foo = definePlugin({
  apiVersion: 1,
  type: 'ts_foo',
  doc: 'foo',
  elements: [
    {
      name: 'foo',
      doc: 'asks foo',
      content: 'mixed',
      attributes: {
        command: { type: 'enum', values: ['get', 'put'], required: true, doc: 'what' },
        key: { type: 'string', substitutable: true, doc: 'the key' },
        size: { type: 'integer', default: '3', min: 1, doc: 'how much' },
        half: { type: 'number', doc: 'a part' },
        maybe: { type: 'boolean', doc: 'perhaps' },
        limit: { type: 'integer', values: ['none'], default: 'none', doc: 'at most' },
        name: { type: 'string', doc: 'a name' },
        ack: { type: 'enum', values: ['parse', 'no_ack'], default: 'parse', doc: 'when' },
      },
    },
    {
      name: 'foo_part',
      doc: 'a part',
      attributes: { value: { type: 'number', required: true, doc: 'v' } },
    },
  ],
  options: [
    {
      name: 'foo_limit',
      doc: 'a',
      attributes: { value: { type: 'integer', default: '7', doc: 'n' } },
    },
    { name: 'foo_word', doc: 'b', attributes: { value: { type: 'string', doc: 'w' } } },
    { name: 'foo_loud', doc: 'c', attributes: {} },
  ],
  check(data, element, context) {
    if (data.size !== 13) return
    context.error('E_BAD_ATTRIBUTE', 'no luck', element.attributePosition('size'), 'take 12')
  },
  encode: (request, _user, _connection, view) => {
    const key = request.key === null ? '-' : view.render(request.key)
    const parts = request.foo_part.map(({ value }) => value).join('+')
    return `${request.command} ${key} ${request.size} ${view.render(request.text)} ${parts}\n`
  },
  decode: () => 'done',
})

function read(request: string, more = '') {
  const text = `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd"><tsung><clients><client host="localhost"/></clients>
<servers><server host="127.0.0.1" port="80" type="tcp"/></servers>
<load><arrivalphase phase="1" duration="1" unit="second"><users interarrival="1" unit="second"/></arrivalphase></load>
<options>${more}</options>
<sessions><session name="s" probability="100" type="ts_foo">${request}</session></sessions></tsung>`
  return readScenario({
    file: 'foo.xml',
    bytes: Buffer.from(text),
    readFile: () => null,
    plugins: [foo.declaration],
    metrics: [],
  })
}

function actionOf(request: string, more = '') {
  const { scenario, diagnostics } = read(request, more)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity !== 'warning'),
    [],
  )
  const action = scenario!.sessions[0]!.actions.find(({ type }) => type === 'request')!
  assert.ok(action.type === 'request')
  return { action, options: scenario!.options.plugins['ts_foo'] }
}

describe('definePlugin', () => {
  it('declares what is usual by itself', () => {
    const { declaration } = foo
    assert.equal(declaration.requestElement, 'foo')
    assert.deepEqual(declaration.defaults, { persistent: true, bidi: false })
    assert.deepEqual(declaration.transports, ['tcp', 'tcp6', 'ssl', 'ssl6'])
    assert.deepEqual(
      declaration.elements.map(({ name, parents, content, model }) => [
        name,
        parents,
        content,
        model,
      ]),
      [
        ['foo', ['request'], 'mixed', '(foo_part*)'],
        ['foo_part', ['foo'], 'empty', undefined],
      ],
    )
  })

  it('reads attributes by their types, absent ones by their defaults', () => {
    const { action } = actionOf('<request><foo command="get"/></request>')
    assert.equal(action.ack, 'parse')
    assert.equal(action.label, 'foo command=get')
    assert.deepEqual(action.data, {
      command: 'get',
      key: null,
      size: 3,
      half: null,
      maybe: null,
      limit: 'none',
      name: null,
      ack: 'parse',
      text: '',
      foo_part: [],
    })
  })

  it('reads what is given, children in order, text as bytes', () => {
    const { action } = actionOf(
      '<request subst="true"><foo command="put" key="%%_k%%" size="4" half="0.5" maybe="true" limit="9" name="€" ack="no_ack">' +
        'tea<foo_part value="1"/><foo_part value="2.5"/></foo></request>',
    )
    assert.equal(action.ack, 'no_ack')
    assert.deepEqual(action.data, {
      command: 'put',
      key: '%%_k%%',
      size: 4,
      half: 0.5,
      maybe: true,
      limit: 9,
      name: '\u00e2\u0082\u00ac',
      ack: 'no_ack',
      text: 'tea',
      foo_part: [{ value: 1 }, { value: 2.5 }],
    })
  })

  it('reads options by name', () => {
    assert.deepEqual(actionOf('<request><foo command="get"/></request>').options, {
      foo_limit: 7,
      foo_word: null,
      foo_loud: false,
    })
    const more =
      '<option type="ts_foo" name="foo_limit" value="9"/><option type="ts_foo" name="foo_word" value="a"/>' +
      '<option type="ts_foo" name="foo_loud"/>'
    assert.deepEqual(actionOf('<request><foo command="get"/></request>', more).options, {
      foo_limit: 9,
      foo_word: 'a',
      foo_loud: true,
    })
  })

  for (const [subst, key, text] of [
    ['false', '%%_k%%', '%%_k%%'],
    ['true', 'K', 'K'],
    ['all_except_body', 'K', '%%_k%%'],
  ] as const) {
    it(`replaces variables with subst="${subst}"`, () => {
      const { action } = actionOf(
        `<request subst="${subst}"><foo command="get" key="%%_k%%">%%_k%%<foo_part value="1"/></foo></request>`,
      )
      assert.equal(encoded(action.data, subst), `get ${key} 3 ${text} 1\n`)
    })
  }

  it('tells what check finds, at its place', () => {
    const { diagnostics } = read('<request>\n<foo command="get" size="13"/></request>')
    const found = diagnostics.find(({ severity }) => severity === 'error')
    assert.equal(found?.text, 'no luck')
    assert.deepEqual([found?.position.line, found?.position.column], [6, 26])
  })

  for (const [request, says] of [
    ['<foo command="got" key="a"/>', /command of <foo>: "got" is not known; it may be get, put/],
    ['<foo command="get" size="0"/>', /size of <foo>: 0 is less than 1/],
    ['<foo key="a"/>', /<foo> needs the attribute command/],
    ['<foo command="get" kee="a"/>', /<foo> has no attribute kee/],
    ['<foo command="get"><foo_part/></foo>', /<foo_part> needs the attribute value/],
  ] as const) {
    it(`has ${request} refused`, () => {
      const { diagnostics } = read(`<request>${request}</request>`)
      assert.ok(
        diagnostics.some(({ text }) => says.test(text)),
        JSON.stringify(diagnostics),
      )
    })
  }

  it('tells of markers that call what is not there', () => {
    const { diagnostics } = read(
      '<request subst="true"><foo command="get" key="%%no:thing%%"/></request>',
    )
    assert.ok(diagnostics.some(({ code }) => code === 'U_FUNCTION'))
  })

  for (const [what, changed, says] of [
    ['another version', { apiVersion: 2 }, /it is for 2, and this tsts has version 1 of the API/],
    ['no version', { apiVersion: undefined }, /it does not say its apiVersion/],
    ['no encode', { encode: undefined }, /it has no function encode/],
    ['a type of another kind', { type: 'foo' }, /its type is "foo": write ts_ and/],
    ['no elements', { elements: [] }, /it declares no elements/],
    [
      'an element without a name',
      { elements: [{ doc: 'x' }] },
      /an element has the name undefined/,
    ],
    ['counters that are no list', { counters: {} }, /its counters are no list/],
    ['no doc', { doc: undefined }, /its doc is no text/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const given = { ...whole, ...changed } as unknown as typeof whole
      assert.throws(() => definePlugin(given), says)
    })
  }
})

const whole = {
  apiVersion: 1,
  type: 'ts_foo',
  doc: 'foo',
  elements: [{ name: 'foo', doc: 'asks' }],
  encode: () => '',
  decode: (): Progress => 'done',
} as const

function encoded(data: Json, subst: 'true' | 'false' | 'all_except_body'): string {
  const declared: PluginDeclaration = foo.declaration
  assert.ok(declared.player !== undefined)
  const scope = { names: new VariableNames(), findFunction: findBuiltin }
  const request = foo.compile(data, {
    options: null,
    subst,
    template: (text) => compileTemplate(text, scope),
    rsaSha1Signer: () => () => '',
  })
  const view = {
    render: (template: { readonly constant: string | null }) => template.constant ?? 'K',
  }
  return foo.encode(request, null, null, view as never, {} as never)
}
