import assert from 'node:assert/strict'
import type { Extractor, Match, RequestAction } from '../../core/scenario/model.ts'
import { codesOf, readParts } from './build.ts'

/** What a request with these elements before its `<http>` is read to. */
function requestOf(checks: string): {
  readonly codes: readonly string[]
  readonly request: RequestAction
} {
  const result = readParts({ session: `<request>${checks}<http url="/"/></request>` })
  const [request] = result.scenario!.sessions[0]!.actions
  assert.ok(request?.type === 'request')
  return { codes: codesOf(result), request }
}

describe('matches', () => {
  const defaults: Match = {
    pattern: 'ok',
    subst: false,
    do: 'continue',
    when: 'match',
    name: '-',
    sleepLoopMs: 5000,
    maxLoop: 20,
    loopBack: 0,
    maxRestart: 3,
    skipHeaders: false,
    applyToContent: null,
    line: 6,
  }
  const cases: readonly (readonly [string, Partial<Match>, readonly string[]])[] = [
    ['<match>ok</match>', {}, []],
    ['<match>\n  ok </match>', {}, []],
    ['<match/>', { pattern: '' }, []],
    [
      '<match do="loop" sleep_loop="2" max_loop="7" loop_back="1">ok</match>',
      { do: 'loop', sleepLoopMs: 2000, maxLoop: 7, loopBack: 1 },
      [],
    ],
    [
      '<match do="restart" max_restart="0" when="nomatch">ok</match>',
      { do: 'restart', maxRestart: 0, when: 'nomatch' },
      [],
    ],
    [
      '<match do="log" name="login" skip_headers="http">ok</match>',
      { do: 'log', name: 'login', skipHeaders: true },
      [],
    ],
    ['<match skip_headers="ftp">ok</match>', {}, ['W_UNUSED_ATTRIBUTE']],
    [
      '<match subst="true">(%%_tsung_userid%%</match>',
      { pattern: '(%%_tsung_userid%%', subst: true },
      [],
    ],
    ['<match>%%_nobody%%</match>', { pattern: '%%_nobody%%' }, []],
    [
      '<match subst="true">%%_nobody%%</match>',
      { pattern: '%%_nobody%%', subst: true },
      ['W_UNDEFINED_VARIABLE'],
    ],
    [
      '<match apply_to_content="ts_digest:md5hex">ok</match>',
      { applyToContent: { module: 'ts_digest', name: 'md5hex' } },
      [],
    ],
  ]
  for (const [xml, expected, codes] of cases) {
    it(xml.replace(/\n/g, '\\n'), () => {
      const found = requestOf(xml)
      assert.deepEqual(found.codes, codes)
      assert.deepEqual(found.request.matches, [{ ...defaults, ...expected }])
    })
  }

  it('keep their order', () => {
    const { request } = requestOf('<match>a</match><match>b</match>')
    assert.deepEqual(
      request.matches.map(({ pattern }) => pattern),
      ['a', 'b'],
    )
  })
})

describe('extractions', () => {
  const cases: readonly (readonly [string, Extractor, readonly string[]])[] = [
    ['', { type: 'form' }, []],
    ['re="a(b)"', { type: 're', pattern: 'a(b)', decodesHtml: false }, []],
    ['re="a(b)" decode="html_entities"', { type: 're', pattern: 'a(b)', decodesHtml: true }, []],
    ['regexp="a(b)"', { type: 're', pattern: 'a(b)', decodesHtml: false }, []],
    [
      're="a(b)" regexp="c"',
      { type: 're', pattern: 'a(b)', decodesHtml: false },
      ['W_UNUSED_ATTRIBUTE'],
    ],
    ['xpath="//a/@href"', { type: 'xpath', expression: '//a/@href' }, []],
    [
      'xpath="//a" decode="html_entities"',
      { type: 'xpath', expression: '//a' },
      ['W_UNUSED_ATTRIBUTE'],
    ],
    ['jsonpath="$.a"', { type: 'jsonpath', expression: '$.a' }, []],
    ['header="Location"', { type: 'header', name: 'Location', parameter: null }, []],
    ['header="set-cookie/id"', { type: 'header', name: 'set-cookie', parameter: 'id' }, []],
  ]
  for (const [attributes, extractor, codes] of cases) {
    it(`<dyn_variable ${attributes}>`, () => {
      const found = requestOf(`<dyn_variable name="v" ${attributes}/>`)
      assert.deepEqual(found.codes, codes)
      assert.deepEqual(found.request.extractions, [{ variable: 'v', extractor, line: 6 }])
    })
  }
})
