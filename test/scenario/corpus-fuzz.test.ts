import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { corpus, corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'

const numRuns = 3000
/** A file that takes longer is a hang. */
const limitMs = 2000

interface Mutation {
  readonly kind: 'drop' | 'double' | 'swap' | 'replace' | 'insert'
  readonly what: 'attribute' | 'element' | 'start tag' | 'end tag' | 'value' | 'text' | 'character'
  /** Which of those that there are, from 0 to 1. */
  readonly at: number
  readonly other: number
  readonly text: string
}

const forms: { readonly [what in Mutation['what']]: RegExp } = {
  attribute: /\s[\w:]+\s*=\s*(?:"[^"]*"|'[^']*')/g,
  element: /<([\w:]+)[^<>]*\/>|<([\w:]+)[^<>]*>[^<]*<\/\2>/g,
  'start tag': /<[\w:]+[^<>]*>/g,
  'end tag': /<\/[\w:]+\s*>/g,
  value: /(?<==\s*["'])[^"'<]*(?=["'])/g,
  text: /(?<=>)[^<>]+(?=<)/g,
  character: /[\s\S]/g,
}

const texts: readonly string[] = [
  ...[
    '',
    ' ',
    '<',
    '>',
    '&',
    '"',
    "'",
    '/',
    '%%',
    '%',
    '-',
    '1',
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
  ],
  ...[
    '&x;',
    '&lt;',
    '&#0;',
    '&#xD800;',
    '&#x10FFFF;',
    '<!ENTITY x "&x;">',
    '<!ENTITY y "&z;&z;"><!ENTITY z "&y;">',
  ],
  ...[
    '<!DOCTYPE tsung [<!ENTITY x SYSTEM "x.xml">]>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
  ],
  ...[
    '%%_x%%',
    '%%a:b%%',
    '%%_x',
    '%%_x[99999999999]%%',
    '%%_%%',
    '(',
    '[',
    '(?<=a*)',
    '(a+)+$',
    '\\',
    'a{1,99999}',
  ],
  ...[
    'fun(X) -> X end.',
    'fun(',
    '"',
    '//a[',
    '$..[?(@.a)]',
    '$[',
    'http://[',
    'http://a:99999999/',
    'a:b',
    '\u0000',
    '\ud800',
    '😀',
  ],
  ...[
    '<request/>',
    '<repeat name="r"/>',
    '<if var="x"/>',
    '<match>(</match>',
    '<dyn_variable name="a" re="("/>',
  ],
  ...[
    '<setdynvars sourcetype="eval" code="fun"/>',
    '<change_type/>',
    '<sum/>',
    '<count name="a"/>',
    '<for var="i" from="1" to="2"/>',
  ],
]

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'replace', 'insert'),
  what: fc.constantFrom(
    'attribute',
    'element',
    'start tag',
    'end tag',
    'value',
    'text',
    'character',
  ),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  other: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  text: fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 6 })),
})

function mutate(text: string, { kind, what, at, other, text: put }: Mutation): string {
  const found = [...text.matchAll(forms[what])]
  const one = found[Math.floor(at * found.length)]
  const another = found[Math.floor(other * found.length)]
  if (one === undefined || another === undefined) return text
  const cut = ({ index, 0: old }: RegExpExecArray, by: string): string =>
    text.slice(0, index) + by + text.slice(index + old.length)
  switch (kind) {
    case 'drop':
      return cut(one, '')
    case 'double':
      return cut(one, one[0] + one[0])
    case 'replace':
      return cut(one, put)
    case 'insert':
      return cut(one, one[0] + put)
    default:
      return cut(one, another[0])
  }
}

describe('a scenario of the corpus', () => {
  if (!hasCorpus()) return
  const bases = corpusEntries()
    .map(({ file }) => ({ file, text: readFileSync(join(corpus, file), 'latin1') }))
    .filter(({ text }) => text.length < 60_000)

  it('that was changed at random is read or told, never thrown at, in time', function () {
    this.timeout(180_000)
    let read = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        ({ file, text }, mutations) => {
          const bytes = Buffer.from(mutations.reduce(mutate, text), 'latin1')
          const startMs = performance.now()
          const { scenario, diagnostics, sources } = readFromCorpus(file, bytes)
          const tookMs = performance.now() - startMs
          assert.ok(tookMs < limitMs, `${file} took ${tookMs} ms`)
          const hasErrors = diagnostics.some(({ severity }) => severity === 'error')
          assert.equal(scenario === null, hasErrors)
          if (scenario !== null) read++
          // Bytes that are no text have a place, but no text.
          if (sources.size === 0) return
          for (const { position, text: told, code } of diagnostics) {
            assert.match(code, /^[EWU]_[A-Z0-9_]+$/)
            const lines = sources.get(position.file)?.split('\n')
            const line = lines?.[position.line - 1]
            assert.ok(line !== undefined, `${told}: no line ${position.line} in ${position.file}`)
            assert.ok(position.column >= 1 && position.column <= [...line].length + 1, told)
          }
        },
      ),
      { seed: 1, numRuns },
    )
    assert.ok(read > numRuns / 20, `only ${read} were still scenarios`)
  })
})
