import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Environment, FindFunction } from '../../core/dynvars/environment.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { userIdName, VariableNames, Variables } from '../../core/dynvars/variables.ts'
import {
  compileChecks,
  type MatchCounts,
  type Outcome,
  runChecks,
} from '../../core/program/checks.ts'
import type { Extraction, Extractor, Match } from '../../core/scenario/model.ts'

const answer =
  'HTTP/1.1 200 OK\r\nA: one\r\n\r\n<html><title>T &amp; t</title><p>1</p><p>2</p></html>'

const plainMatch: Match = {
  pattern: '',
  subst: false,
  do: 'continue',
  when: 'match',
  name: '-',
  sleepLoopMs: 5000,
  maxLoop: 2,
  loopBack: 1,
  maxRestart: 1,
  skipHeaders: false,
  applyToContent: null,
  line: 1,
}

interface Asked {
  readonly content?: string
  readonly extractors?: readonly (readonly [variable: string, extractor: Extractor])[]
  readonly matches?: readonly Partial<Match>[]
  readonly counts?: MatchCounts
  readonly variables?: { readonly [name: string]: Value }
  readonly subst?: boolean
}

interface Told {
  readonly outcome: Outcome
  readonly counted: readonly string[]
  readonly logged: readonly string[]
  readonly dumped: readonly string[]
  readonly matched: readonly string[]
  readonly extracted: readonly (readonly [string, Value | undefined])[]
  readonly variables: { readonly [name: string]: Value }
}

/** Runs the checks of one request on one answer and tells everything that came of it. */
function ask(asked: Asked): Told {
  const { content = answer, counts = { loops: 0, restarts: 0 }, subst = false } = asked
  const names = new VariableNames()
  const extractions = (asked.extractors ?? []).map(
    ([variable, extractor], line): Extraction => ({ variable, extractor, line }),
  )
  const matches = (asked.matches ?? []).map((match) => ({ ...plainMatch, ...match }))
  const checks = compileChecks(extractions, matches, subst, { names, findFunction })
  assert.ok(checks)
  const environment = environmentOf(names, asked.variables ?? {})
  const counted: string[] = []
  const logged: string[] = []
  const dumped: string[] = []
  const matched: string[] = []
  const extracted: [string, Value | undefined][] = []
  const outcome = runChecks(checks, content, counts, environment, {
    count: (name) => counted.push(name),
    log: (event, name) => logged.push(`${event} ${name}`),
    dump: (text) => dumped.push(text),
    extracted: (_line, name, value) => extracted.push([name, value]),
    matched: (_line, pattern, isMatch, what) => matched.push(`${pattern} ${isMatch} ${what}`),
  })
  const set = environment.variables.entries().filter(([name]) => name !== userIdName)
  const variables = Object.fromEntries(set)
  return { outcome, counted, logged, dumped, matched, extracted, variables }
}

const findFunction: FindFunction = (module, name) => {
  if (module !== 'm') return null
  return name === 'length' ? (_, content) => String(content?.length) : () => undefined
}

function environmentOf(
  names: VariableNames,
  values: { readonly [name: string]: Value },
): Environment {
  const variables = new Variables(names, 1)
  for (const [name, value] of Object.entries(values)) variables.set(names.slot(name), value)
  return {
    id: 1,
    server: { host: 'h', port: 1 },
    variables,
    random: () => 0,
    nowMs: () => 0,
    functionFailed: (name) => assert.fail(name),
  }
}

function re(pattern: string, decodesHtml = false): Extractor {
  return { type: 're', pattern, decodesHtml }
}

describe('dyn_variable', () => {
  for (const [name, extractor, want] of [
    ['group 1 of a match', re('<title>(.*)</title>'), 'T &amp; t'],
    ['decoded', re('<title>(.*)</title>', true), 'T & t'],
    ['no match is empty', re('zzz(.*)'), ''],
    ['no group is empty', re('title'), ''],
    ['a list', { type: 'xpath', expression: '//p/text()' }, ['1', '2']],
    ['nothing found is an empty list', { type: 'xpath', expression: '//zz' }, []],
    ['a number', { type: 'xpath', expression: 'count(//p)' }, '2'],
    ['a header', { type: 'header', name: 'a', parameter: null }, 'one'],
    ['a parameter that is not there', { type: 'header', name: 'a', parameter: 'x' }, ''],
  ] as const) {
    it(`${name}: ${JSON.stringify(want)}`, () => {
      const { variables, counted } = ask({ extractors: [['v', extractor]] })
      assert.deepEqual(variables, { v: want })
      assert.deepEqual(counted, [])
    })
  }

  it('without an extractor it is the form field of that name', () => {
    const content = '<input name="v" value="1"><input name="w" value="2">'
    const { variables } = ask({ content, extractors: [['w', { type: 'form' }]] })
    assert.deepEqual(variables, { w: '2' })
  })

  it('the one declared first wins: they are made in reverse order', () => {
    const { variables, extracted } = ask({
      extractors: [
        ['v', re('<p>(1)')],
        ['v', re('<p>(2)')],
      ],
    })
    assert.deepEqual(variables, { v: '1' })
    assert.deepEqual(extracted, [
      ['v', '2'],
      ['v', '1'],
    ])
  })

  it('a parameter that is not there leaves what was there', () => {
    const { variables } = ask({
      extractors: [['v', { type: 'header', name: 'a', parameter: 'x' }]],
      variables: { v: 'old' },
    })
    assert.deepEqual(variables, { v: 'old' })
  })

  it('what cannot be parsed is counted once, and once a variable; variables stay', () => {
    const { variables, counted, extracted } = ask({
      content: 'HTTP/1.1 200 OK\r\n\r\nplain',
      extractors: [
        ['a', { type: 'xpath', expression: '//a' }],
        ['b', { type: 'xpath', expression: '//b' }],
        ['c', { type: 'jsonpath', expression: 'c' }],
        ['d', { type: 'jsonpath', expression: 'd' }],
      ],
      variables: { a: 'old', c: 'old' },
    })
    assert.deepEqual(variables, { a: 'old', c: 'old' })
    assert.deepEqual(counted, [
      'error_json_unparsable',
      'error_json_not_parsed',
      'error_json_not_parsed',
      'error_xml_unparsable',
      'error_xml_not_parsed',
      'error_xml_not_parsed',
    ])
    assert.deepEqual(
      extracted.map(([, value]) => value),
      [undefined, undefined, undefined, undefined],
    )
  })

  it('JSON and HTML of one answer', () => {
    const { variables, counted } = ask({
      content: '{"a":"<p>1</p>"}',
      extractors: [
        ['a', { type: 'jsonpath', expression: 'a' }],
        ['b', { type: 'xpath', expression: '//p/text()' }],
      ],
    })
    assert.deepEqual(variables, { a: '<p>1</p>', b: ['1'] })
    assert.deepEqual(counted, [])
  })

  it('markers in a path count when those of the request do', () => {
    const asked: Asked = {
      content: '{"a":1,"b":2}',
      extractors: [['v', { type: 'jsonpath', expression: '%%_key%%' }]],
      variables: { key: 'b' },
    }
    assert.deepEqual(ask({ ...asked, subst: true }).variables, { key: 'b', v: '2' })
    assert.deepEqual(ask(asked).variables, { key: 'b', v: '' })
  })

  it('a path that markers make wrong is counted', () => {
    const { variables, counted } = ask({
      extractors: [['v', { type: 'xpath', expression: '//p[%%_n%%]' }]],
      variables: { n: '(' },
      subst: true,
    })
    assert.deepEqual(variables, { n: '(' })
    assert.deepEqual(counted, ['error_xml_not_parsed'])
  })

  it('pgsql_expr is left to its protocol', () => {
    const names = new VariableNames()
    const extractor: Extractor = { type: 'pgsql_expr', expression: 'data_row[1][1]' }
    const extractions = [{ variable: 'v', extractor, line: 1 }]
    assert.equal(compileChecks(extractions, [], false, { names, findFunction }), null)
  })
})

describe('match', () => {
  const on = (match: Partial<Match>, counts?: MatchCounts): Told =>
    ask({ matches: [match], ...(counts && { counts }) })

  const goOn: Outcome = { type: 'continue' }
  const loop: Outcome = { type: 'loop', ms: 5000, back: 1 }
  for (const [action, outcome, counted, logged, dumps] of [
    ['continue', goOn, [], [], 0],
    ['log', goOn, [], ['match n'], 0],
    ['dump', goOn, [], ['match n'], 1],
    ['abort', { type: 'abort' }, ['match_stop'], ['match_stop n'], 0],
    ['abort_test', { type: 'abort_test' }, ['match_stop_test'], ['match_stop_test n'], 0],
    ['restart', { type: 'restart' }, ['match_restart'], ['match_restart n'], 0],
    ['loop', loop, ['match_loop'], [], 0],
  ] as const) {
    it(`a hit with do="${action}"`, () => {
      const told = on({ do: action, pattern: '200', name: 'n' })
      assert.deepEqual(told.outcome, outcome)
      assert.deepEqual(told.counted, ['match', 'match.n', ...counted])
      assert.deepEqual(told.logged, logged)
      assert.deepEqual(told.dumped, dumps === 0 ? [] : [answer])
      assert.deepEqual(told.matched, [`200 true ${action}`])
    })

    it(`no hit with do="${action}"`, () => {
      const told = on({ do: action, pattern: '404', name: 'n' })
      assert.deepEqual(told.outcome, goOn)
      assert.deepEqual(told.counted, ['nomatch'])
      assert.deepEqual([...told.logged, ...told.dumped], [])
      assert.deepEqual(told.matched, ['404 false '])
    })
  }

  it('when="nomatch" hits when nothing matches, and is logged as such', () => {
    const told = on({ do: 'log', when: 'nomatch', pattern: '404', name: 'n' })
    assert.deepEqual(told.counted, ['nomatch', 'match.n'])
    assert.deepEqual(told.logged, ['nomatch n'])
    assert.deepEqual(on({ do: 'abort', when: 'nomatch', pattern: '200' }).outcome, goOn)
  })

  it('each test counts once, and what decides ends them', () => {
    const told = ask({
      matches: [
        { pattern: '404' },
        { pattern: '200', do: 'log' },
        { pattern: '500', do: 'abort' },
        { pattern: 'OK', do: 'abort' },
        { pattern: 'never asked' },
      ],
    })
    assert.deepEqual(told.counted, ['nomatch', 'match', 'nomatch', 'match', 'match_stop'])
    assert.deepEqual(told.outcome, { type: 'abort' })
  })

  it('loops max_loop times, then goes on and begins anew', () => {
    const counts = { loops: 0, restarts: 0 }
    const outcomes = Array.from({ length: 6 }, () => on({ do: 'loop' }, counts).outcome.type)
    assert.deepEqual(outcomes, ['loop', 'loop', 'continue', 'loop', 'loop', 'continue'])
    assert.deepEqual(on({ do: 'loop' }, { loops: 2, restarts: 0 }).counted, ['match', 'match_loop'])
  })

  it('restarts max_restart times, then ends the user', () => {
    const counts = { loops: 0, restarts: 0 }
    assert.deepEqual(on({ do: 'restart' }, counts).outcome, { type: 'restart' })
    const told = on({ do: 'restart' }, counts)
    assert.deepEqual(told.outcome, { type: 'abort' })
    assert.deepEqual(told.counted, ['match', 'match_restart_abort'])
    assert.deepEqual(told.logged, ['match_restart_abort -'])
  })

  it('a test that does not hit sets its own counter back', () => {
    const counts = { loops: 1, restarts: 1 }
    on({ do: 'loop', pattern: '404' }, counts)
    assert.deepEqual(counts, { loops: 0, restarts: 1 })
    on({ do: 'restart', pattern: '404' }, counts)
    assert.deepEqual(counts, { loops: 0, restarts: 0 })
  })

  it('skip_headers looks behind the first blank line, or at everything when there is none', () => {
    assert.deepEqual(on({ pattern: 'HTTP', skipHeaders: true }).counted, ['nomatch'])
    assert.deepEqual(on({ pattern: '^<html>', skipHeaders: true }).counted, ['match'])
    const told = ask({ content: 'HTTP', matches: [{ pattern: 'HTTP', skipHeaders: true }] })
    assert.deepEqual(told.counted, ['match'])
  })

  it('apply_to_content is asked first', () => {
    const applyToContent = { module: 'm', name: 'length' }
    assert.deepEqual(on({ pattern: `^${answer.length}$`, applyToContent }).counted, ['match'])
    const body = answer.slice(answer.indexOf('<html>'))
    const pattern = `^${body.length}$`
    assert.deepEqual(on({ pattern, applyToContent, skipHeaders: true }).counted, ['match'])
    const nothing = { module: 'm', name: 'nothing' }
    assert.deepEqual(on({ pattern: '^$', applyToContent: nothing }).counted, ['match'])
  })

  it('subst="true" replaces markers, and what is inserted is an expression', () => {
    const extractors = [['code', re('HTTP/1.1 (\\d+)')]] as const
    const match = { pattern: '%%_code%% OK', subst: true }
    assert.deepEqual(ask({ extractors, matches: [match] }).counted, ['match'])
    const variables = { code: '2.*' }
    assert.deepEqual(ask({ matches: [match], variables }).counted, ['match'])
    assert.deepEqual(ask({ matches: [{ ...match, subst: false }], variables }).counted, ['nomatch'])
  })

  it('an expression that is none is counted and matches nothing', () => {
    const told = ask({
      matches: [{ pattern: '(%%_x%%', subst: true }, { pattern: '[' }],
      variables: { x: 'a' },
    })
    assert.deepEqual(told.counted, [
      'error_match_regexp',
      'nomatch',
      'error_match_regexp',
      'nomatch',
    ])
  })

  it('characters outside of ISO-8859-1 are their UTF-8', () => {
    assert.deepEqual(ask({ content: 'a\xe2\x82\xacb', matches: [{ pattern: 'a€b' }] }).counted, [
      'match',
    ])
    assert.deepEqual(ask({ content: 'a\xe9b', matches: [{ pattern: 'aéb' }] }).counted, ['match'])
  })
})

describe('checks', () => {
  it('there are none when nothing is looked for', () => {
    const names = new VariableNames()
    assert.equal(compileChecks([], [], false, { names, findFunction }), null)
  })

  it('any answer is looked at', () => {
    const pieces = [
      'HTTP/1.1 200 OK',
      '\r\n',
      '\r\n\r\n',
      'a: b; c=d',
      '<p>',
      '</p>',
      '{"a":',
      '1}',
      '[',
      'é',
      '&lt;',
    ]
    const extractors = [
      ['a', { type: 'xpath', expression: '//p' }],
      ['b', { type: 'jsonpath', expression: 'a' }],
      ['c', { type: 'header', name: 'a', parameter: 'c' }],
      ['d', re('(.*)p', true)],
      ['e', { type: 'form' }],
    ] as const
    const matches = [
      { pattern: '200', do: 'loop' },
      { pattern: '%%_d%%', subst: true },
    ] as const
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
        const { outcome } = ask({ content: parts.join(''), extractors, matches })
        assert.ok(outcome.type === 'loop' || outcome.type === 'continue')
      }),
      { seed: 1 },
    )
  })
})
