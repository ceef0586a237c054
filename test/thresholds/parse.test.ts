import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Threshold } from '../../core/thresholds/model.ts'
import { parseThreshold } from '../../core/thresholds/parse.ts'
import { isThresholdError } from '../../core/thresholds/tokens.ts'
import { readScenarioOf } from './scenario.ts'

type Rest = Omit<Threshold, 'expression'>
const plain = { comparison: '>', phase: null, afterMs: 0, overMs: null } as const
const ms = (number: number): Threshold['limit'] => ({ number, of: 'ms' })

const read: readonly (readonly [string, Rest])[] = [
  [
    'p99(request) > 250ms',
    { ...plain, value: { type: 'percentile', p: 99, name: 'request' }, limit: ms(250) },
  ],
  [
    'p99.9(tr_buy)>=1.5 s',
    {
      ...plain,
      comparison: '>=',
      value: { type: 'percentile', p: 99.9, name: 'tr_buy' },
      limit: ms(1500),
    },
  ],
  [
    'p50("tr_a b") <= 1',
    {
      ...plain,
      comparison: '<=',
      value: { type: 'percentile', p: 50, name: 'tr_a b' },
      limit: ms(1),
    },
  ],
  [
    'mean(response) > 1min',
    { ...plain, value: { type: 'mean', name: 'response' }, limit: ms(60_000) },
  ],
  [
    'max(users) < 100',
    {
      ...plain,
      comparison: '<',
      value: { type: 'max', name: 'users' },
      limit: { number: 100, of: 'count' },
    },
  ],
  [
    'error_timeout > 5',
    {
      ...plain,
      value: { type: 'count', name: 'error_timeout' },
      limit: { number: 5, of: 'count' },
    },
  ],
  [
    '200 < 10',
    {
      ...plain,
      comparison: '<',
      value: { type: 'count', name: '200' },
      limit: { number: 10, of: 'count' },
    },
  ],
  [
    'rate(request) < 99.5',
    {
      ...plain,
      comparison: '<',
      value: { type: 'rate', name: 'request' },
      limit: { number: 99.5, of: 'rate' },
    },
  ],
  [
    'error_rate > 1%',
    {
      ...plain,
      value: { type: 'share', name: 'tsts_failed' },
      limit: { number: 0.01, of: 'share' },
    },
  ],
  [
    'share(5*) > 0.5',
    { ...plain, value: { type: 'share', name: '5*' }, limit: { number: 0.5, of: 'share' } },
  ],
  [
    'users < 0.99 planned',
    { ...plain, comparison: '<', value: { type: 'users' }, limit: { number: 0.99, of: 'planned' } },
  ],
  [
    'users < 99 % planned',
    { ...plain, comparison: '<', value: { type: 'users' }, limit: { number: 0.99, of: 'planned' } },
  ],
  [
    'users < 10',
    { ...plain, comparison: '<', value: { type: 'users' }, limit: { number: 10, of: 'count' } },
  ],
  [
    'p95(request.tag_home) > 2s in phase 2 after 30s over 10s',
    {
      ...plain,
      value: { type: 'percentile', p: 95, name: 'request.tag_home' },
      limit: ms(2000),
      phase: 2,
      afterMs: 30_000,
      overMs: 10_000,
    },
  ],
]

/** The caret stands under what is wrong. */
const wrong: readonly (readonly [string, string])[] = [
  ['', '^'],
  ['p99(request) >> 250ms', '              ^'],
  ['p99(request) 250ms', '             ^'],
  ['p99(request > 250ms', '            ^'],
  ['p99() > 250ms', '    ^'],
  ['p101(request) > 1', '^'],
  ['median(request) > 1', '^'],
  ['p99(request) > fast', '               ^'],
  ['p99(request) > 250 apples', '                   ^'],
  ['p99(request) > 250%', '                  ^'],
  ['p99(*) > 250', '^'],
  ['request > 250ms', '             ^'],
  ['connected > 5', '^'],
  ['p50(users) > 5', '^'],
  ['count(users) > 5', '^'],
  ['error_rate > 120%', '             ^'],
  ['error_rate > 1 planned', '               ^'],
  ['error_rate > 1% in phase two', '                         ^'],
  ['error_rate > 1% in 2', '                   ^'],
  ['error_rate > 1% after 30', '                        ^'],
  ['error_rate > 1% after 30s after 40s', '                          ^'],
  ['error_rate > 1% over 10ms', '                     ^'],
  ['error_rate > 1% over 2h', '                     ^'],
  ['error_rate > 1% & x', '                ^'],
]

describe('an expression of a threshold', () => {
  for (const [text, want] of read) {
    it(`${text} is read`, () => {
      assert.deepEqual(parseThreshold(` ${text} `), { expression: text, ...want })
    })
  }

  for (const [text, caret] of wrong) {
    it(`"${text}" is refused at its place`, () => {
      assert.equal(placeOf(text), caret.length - 1)
    })
  }

  it('is read, or refused at a place in it, whatever it is', () => {
    const words = [
      'p99',
      'p',
      '(',
      ')',
      'request',
      '>',
      '<=',
      '1',
      '250ms',
      '%',
      'in',
      'phase',
      'after',
      'over',
      '10s',
      'planned',
      'users',
      'error_rate',
      'share',
      '"a b"',
      "'",
      '5*',
      '…',
      ' ',
      '-',
    ]
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(text, (each) => {
        const place = placeOf(each)
        if (place !== null) assert.ok(place >= 0 && place <= each.length)
        else assert.equal(parseThreshold(each).expression, each.trim())
      }),
      { seed: 1, numRuns: 2000 },
    )
  })
})

/** Null: it can be read. */
function placeOf(text: string): number | null {
  try {
    parseThreshold(text)
    return null
  } catch (error) {
    assert.ok(isThresholdError(error), String(error))
    assert.ok(!error.message.includes('\n'))
    return error.at
  }
}

describe('<thresholds>', () => {
  it('is read in order', () => {
    const { scenario, diagnostics } = readScenarioOf(
      '<threshold fail_if="p99(request) > 250ms in phase 1"/><threshold abort_if="users &lt; 0.9 planned"/>',
    )
    assert.deepEqual(diagnostics, [])
    assert.deepEqual(
      scenario?.thresholds.map(({ kind, threshold }) => [kind, threshold.expression]),
      [
        ['fail-if', 'p99(request) > 250ms in phase 1'],
        ['abort-if', 'users < 0.9 planned'],
      ],
    )
  })

  for (const name of [
    'tr_buy',
    'request.tr_buy',
    'response.tag_home',
    'failed.tag_home',
    'match.ok',
    'count.orders',
    'sum.money',
    '200',
    'error_timeout',
    'error_connect_econnrefused',
    'error_*',
    '4*',
    'late',
  ]) {
    it(`takes ${name}, which this scenario can measure`, () => {
      assert.deepEqual(readScenarioOf(`<threshold fail_if="count(${name}) > 1"/>`).diagnostics, [])
    })
  }

  const faults: readonly (readonly [string, string, string])[] = [
    ['<threshold fail_if="users &lt; 5 x"/>', 'E_THRESHOLD', 'x'],
    ['<threshold fail_if="p99(tr_bye) > 1"/>', 'E_THRESHOLD', 'tr_bye'],
    ['<threshold fail_if="eror_timeout &gt; 1"/>', 'E_THRESHOLD', 'eror_timeout'],
    ['<threshold fail_if="count(response.tag_shop) > 1"/>', 'E_THRESHOLD', 'response.tag_shop'],
    ['<threshold fail_if="eror_* > 1"/>', 'E_THRESHOLD', 'eror_*'],
    ['<threshold abort_if="users &lt;= 5 in phase 7"/>', 'E_THRESHOLD', 'phase 7'],
    ['<threshold/>', 'E_THRESHOLD', '<threshold/>'],
    ['<threshold fail_if="late > 1" abort_if="late > 1"/>', 'E_THRESHOLD', '<threshold fail_if'],
  ]
  for (const [element, code, at] of faults) {
    it(`${element}: ${code} at ${at}`, () => {
      const { scenario, diagnostics, sources } = readScenarioOf(element)
      assert.equal(scenario, null)
      assert.deepEqual(
        diagnostics.map((each) => each.code),
        [code],
      )
      const { file, line, column } = diagnostics[0]!.position
      const text = sources
        .get(file)!
        .split('\n')
        [line - 1]!.slice(column - 1)
      assert.ok(text.startsWith(at), `${at} is not where "${text}" is`)
    })
  }
})
