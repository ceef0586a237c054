import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { translateRegexp } from '../../core/regexp/translate.ts'
import { corpus, corpusEntries, hasCorpus } from '../support/corpus.ts'
import { cases, unsupported } from './cases.ts'
import { askErlang, type Case, type Verdict } from './erlang.ts'

const goldenFile = new URL('../golden/regexp.json', import.meta.url)

/** What Erlang said of each pattern and text of `cases`. */
function golden(): readonly (readonly [...Case, Verdict])[] {
  const asked = cases.flatMap(([pattern, ...subjects]) =>
    subjects.map((subject) => [pattern, subject] as const),
  )
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(goldenFile)) {
    const verdicts = askErlang(asked)
    assert.ok(verdicts, 'Erlang is needed to record what it says')
    const rows = asked.map((words, at) => JSON.stringify([...words, verdicts[at]]))
    writeFileSync(goldenFile, `[\n  ${rows.join(',\n  ')}\n]\n`)
  }
  const rows = JSON.parse(readFileSync(goldenFile, 'utf8')) as readonly (readonly [
    ...Case,
    Verdict,
  ])[]
  assert.deepEqual(
    rows.map(([pattern, subject]) => [pattern, subject]),
    asked,
    'UPDATE_GOLDEN=1 records new cases',
  )
  return rows
}

function ours(pattern: string, subject: string): Verdict {
  const regexp = translateRegexp(pattern)
  if ('type' in regexp) return regexp.type
  const group = regexp.firstGroup(subject)
  assert.equal(regexp.test(subject), group !== null)
  return group === null ? 'nomatch' : `match ${group}`
}

describe('expressions', () => {
  for (const [pattern, subject, verdict] of golden()) {
    it(`${JSON.stringify(pattern)} on ${JSON.stringify(subject)}: ${verdict}`, () => {
      assert.equal(ours(pattern, subject), verdict)
    })
  }

  for (const pattern of unsupported) {
    it(`${pattern} is refused: JavaScript has nothing for it`, () => {
      const fault = translateRegexp(pattern)
      assert.ok('type' in fault)
      assert.equal(fault.type, 'unsupported')
      assert.notEqual(fault.text, '')
    })
  }

  it('what only its first group spoils is good for a test', () => {
    const regexp = translateRegexp('^(?:(a)|b)*$', 'test')
    assert.ok(!('type' in regexp))
    assert.ok(regexp.test('abab') && !regexp.test('abc'))
  })

  it('any text is translated, or refused with a reason', () => {
    const alphabet = fc.constantFrom(...'ab1()[]{}|*+?.^$\\-:=!<>#PQEgkxpdwi\n\xe9'.split(''))
    const text = fc.string({ unit: alphabet, maxLength: 20 })
    fc.assert(
      fc.property(text, fc.string({ unit: alphabet, maxLength: 12 }), (pattern, subject) => {
        const regexp = translateRegexp(pattern)
        if ('type' in regexp) assert.notEqual(regexp.text, '')
        else regexp.firstGroup(subject)
      }),
      { seed: 1, numRuns: 3000 },
    )
  })

  it('Erlang says the same of random expressions', function () {
    this.timeout(60_000)
    const asked = fc.sample(fc.tuple(patterns(), subjects), { seed: 1, numRuns: 5000 })
    const verdicts = askErlang(asked)
    if (verdicts === null) this.skip()
    const differ = asked.flatMap(([pattern, subject], at) => {
      const mine = ours(pattern, subject)
      return mine === 'unsupported' || mine === verdicts[at]
        ? []
        : [{ pattern, subject, mine, erlang: verdicts[at] }]
    })
    assert.deepEqual(differ, [])
  })
})

const subjects = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', 'A', '1', ' ', '\n', '\r', '\xe9', '-', '.'),
  maxLength: 8,
})

/** Expressions that are mostly valid. */
function patterns(): fc.Arbitrary<string> {
  const characters =
    'a b A - { . \\d \\w \\W \\n \\h \\x61 \\141 \\p{Lu} \\Qa.\\E \\1 [ab] [^a] []a] [\\W] [[:alpha:]]'
  const rest = '(?:\\b) (?:\\B) (?:^) (?:$) (?#c)'
  const atoms = fc.constantFrom(...`${characters} ${rest}`.split(' '))
  const quantifiers = ['', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '*+', '{,2}']
  const openings = ['(', '(?:', '(?=', '(?!', '(?>', '(?<=', '(?i:', '((?s)', '((?m)', '((?x) ']
  const { sequence } = fc.letrec<{ sequence: string; item: string }>((tie) => ({
    sequence: fc
      .array(tie('item'), { minLength: 1, maxLength: 3 })
      .map((items) => items.join(''))
      .chain((text) => fc.constantFrom(text, text, `${text}|b`)),
    item: fc
      .oneof(
        { depthSize: 'small' },
        atoms,
        fc
          .tuple(fc.constantFrom(...openings), tie('sequence'))
          .map(([open, body]) => `${open}${body})`),
      )
      .chain((atom) => fc.constantFrom(...quantifiers).map((quantifier) => atom + quantifier)),
  }))
  return sequence
}

describe('expressions of the corpus', () => {
  if (!hasCorpus()) return

  it('each is one in JavaScript too, and Erlang says the same of it', function () {
    const expressions = new Set(corpusEntries().flatMap(({ file }) => expressionsOf(file)))
    assert.ok(expressions.size > 10, `${expressions.size} expressions`)
    const asked = [...expressions].flatMap((pattern) =>
      answers.map((answer) => [pattern, answer] as const),
    )
    const verdicts = askErlang(asked)
    if (verdicts === null) this.skip()
    assert.deepEqual(
      asked.map((words) => ours(...words)),
      verdicts,
    )
  })
})

/** What servers might say to those who wrote them. */
const answers = [
  'HTTP/1.1 302 Found\r\nLocation: http://h/orders/12\r\nlocation: http://h/users/7\r\n\r\n',
  '<title>A</title>\n<a href="/users/7">Profile</a><li>\n <a href="/b">Conversation</a>',
  '<form class="button-to-form" method="post" action="/go"><input id="message-last-id" value="3">',
  '{"ctrl":{"code":200,"token":"ab+/="}}',
  '<stream:stream id="3" xmlns:stream="x"><Nonce encoding="hex">0f</Nonce>OAR_JOB_ID=4',
]

/** From the text of a file: sessions that cannot be played have expressions too. */
function expressionsOf(file: string): readonly string[] {
  const text = readFileSync(join(corpus, file), 'latin1')
  const found = text.matchAll(
    /<dyn_variable\b[^<]*?\sre\s*=\s*("[^"]*"|'[^']*')|<match\b[^>]*>([^<]*)/g,
  )
  return Array.from(found, ([, quoted, content]) =>
    (quoted?.slice(1, -1) ?? content ?? '').trim().replace(/&(\w+);/g, decoded),
  )
}

function decoded(_: string, name: string): string {
  return { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }[name] ?? ''
}
