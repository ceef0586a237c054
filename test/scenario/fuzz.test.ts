import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { root } from '../support/sources.ts'
import { onePhase, readXml, request, scenarioXml } from './build.ts'

const seed = 17

/** Whatever is read: diagnostics with places, a scenario or an error, and nothing thrown. */
function readsOrTells(bytes: string | Uint8Array): void {
  const { scenario, diagnostics, expandedXml } = readXml(bytes, { 'part.xml': request })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  assert.equal(scenario === null, errors.length > 0)
  for (const { position, text, code } of diagnostics) {
    assert.ok(position.line >= 1 && position.column >= 1 && position.file !== '', text)
    assert.match(code, /^[EWU]_[A-Z0-9_]+$/)
    assert.notEqual(text, '')
  }
  if (scenario === null) return
  assert.deepEqual(JSON.parse(JSON.stringify(scenario)), scenario)
  assert.notEqual(readXml(expandedXml, { 'part.xml': request }).scenario, null)
}

const bases: readonly string[] = [
  scenarioXml(),
  scenarioXml({
    doctype: `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [<!ENTITY a "b"><!ENTITY p SYSTEM "part.xml"><!ENTITY c "&a;&#60;x/>">]>`,
    information: '<information><name>&a;</name></information>',
    options:
      '<option name="thinktime" min="1" max="3" override="true"/><option type="ts_http" name="user_agent"><user_agent probability="100"><![CDATA[x]]></user_agent></option>',
    load: `${onePhase}<user session="*" start_time="1"/>`,
    session: `&p;<transaction name="t"><for var="i" from="1" to="2"><thinktime value="1"/>&p;</for></transaction><if var="x" eq="1">&p;</if>`,
  }),
  ...examples(),
]

function examples(): readonly string[] {
  const folder = join(root, 'examples')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'))
  return names.map((name) => readFileSync(join(folder, name), 'utf8'))
}

const snippets = [
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '/',
    '=',
    '%%',
    '%%_x%%',
    ']]>',
    '<![CDATA[',
    '<!--',
    '-->',
    '--',
    '<?',
    '?>',
    ' ',
  ],
  ...[
    '&a;',
    '&p;',
    '&c;',
    '&#0;',
    '&#x41;',
    '&lt;',
    '<!DOCTYPE tsung>',
    '<!ENTITY',
    '[',
    ']',
    '\u0000',
    '\ud800',
    '😀',
    '\n',
    '\t',
  ],
  ...[
    '-1',
    '0',
    '1.5',
    '1e9',
    '99999999999999999999',
    'true',
    'x',
    'constructor',
    '__proto__',
    'toString',
  ],
  ...[
    '<session ',
    '</session>',
    '<request>',
    '</request>',
    '<http url="',
    '<user session="(" start_time="1"/>',
    '<thinktime/>',
  ],
] as const

/** Cuts, doubles, moves or inserts something somewhere. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  insert: fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 8 })),
  kind: fc.constantFrom('insert', 'delete', 'replace', 'double'),
})

describe('a scenario of any form', () => {
  it('that was changed at random is read or told, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (base, mutations) => {
          let text = base
          for (const { at, length, insert, kind } of mutations) {
            const from = Math.floor(at * text.length)
            const cut = text.slice(from, from + length)
            const middle = { insert: insert + cut, delete: '', replace: insert, double: cut + cut }[
              kind
            ]
            text = text.slice(0, from) + middle + text.slice(from + length)
          }
          readsOrTells(text)
        },
      ),
      { seed, numRuns: 1500 },
    )
  })

  it('in which one value is anything is read or told', () => {
    const values = fc.oneof(
      fc.constantFrom(...snippets),
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...bases), fc.nat(), values, (base, which, value) => {
        const attributes = [...base.matchAll(/="[^"]*"/g)]
        const { index, 0: old } = attributes[which % attributes.length]!
        const escaped = value.replace(/[<&"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
        readsOrTells(`${base.slice(0, index)}="${escaped}"${base.slice(index + old.length)}`)
      }),
      { seed, numRuns: 1000 },
    )
  })

  it('of any bytes is read or told', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrTells(bytes)),
      { seed, numRuns: 1000 },
    )
  })

  it('of any elements of the table is read or told', () => {
    const names = [
      'tsung',
      'clients',
      'client',
      'servers',
      'server',
      'load',
      'options',
      'option',
      'sessions',
      'session',
    ]
    const inner = [
      'request',
      'http',
      'match',
      'for',
      'if',
      'repeat',
      'while',
      'thinktime',
      'setdynvars',
      'var',
      'ip',
    ]
    const name = fc.constantFrom(...names, ...inner)
    const element = fc.letrec<{ element: string }>((tie) => ({
      element: fc.oneof(
        { maxDepth: 5 },
        name.map((each) => `<${each}/>`),
        fc
          .tuple(name, fc.array(tie('element'), { maxLength: 3 }))
          .map(([each, children]) => `<${each} name="a">${children.join('')}</${each}>`),
      ),
    })).element
    fc.assert(
      fc.property(element, (xml) => readsOrTells(xml)),
      { seed, numRuns: 500 },
    )
  })

  it('of a hundred thousand actions is read', () => {
    const session = `${request}<thinktime value="1"/>`.repeat(50_000)
    const { scenario } = readXml(scenarioXml({ session }))
    assert.equal(scenario?.sessions[0]?.actions.length, 100_000)
  })
})
