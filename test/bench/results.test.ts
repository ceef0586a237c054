import assert from 'node:assert/strict'
import { type Row, readResults, tell } from '../../bench/support/results.ts'
import { type Outcome, page } from '../../bench/support/results-page.ts'

const ratioBudget = { of: 'ratio', better: 'higher', must: 0.75, wish: 0.9 } as const
const row: Row = {
  claim: 'a',
  what: 'keep-alive GET',
  unit: 'answers/s',
  ours: [90, 91, 92],
  peer: { name: 'wrk', values: [100, 100, 100] },
  budget: ratioBudget,
  note: 'seen',
}
const machine = {
  date: '2026-01-02',
  processor: 'P',
  cores: 2,
  memoryGiB: 4,
  kernel: 'Linux 6',
  loadAverage: 0.1,
  versions: [['tsts', '1']],
} as const

describe('rows of a bench', () => {
  const ofOurs = { of: 'ours', better: 'lower', must: 8, wish: 5 } as const
  for (const [title, changed, want] of [
    ['a ratio that reaches the wish', {}, 'yes, wish too'],
    ['a ratio that reaches what must be', { ours: [80, 80, 80] }, 'yes'],
    ['a ratio that is short', { ours: [70, 70, 70] }, 'NO'],
    ['a ratio without its peer', { peer: null }, ''],
    ['our own figure, lower than the wish', { budget: ofOurs, ours: [4] }, 'yes, wish too'],
    ['our own figure, too high', { budget: ofOurs, ours: [9] }, 'NO'],
    ['no budget', { budget: null }, ''],
  ] as const) {
    it(`${title}: "${want}"`, () => assert.equal(tell({ ...row, ...changed }).met, want))
  }

  it('a close ratio has an interval, another has none', () => {
    assert.match(tell(row).ratio, /95 % .* of 3 pairs/)
    assert.doesNotMatch(tell({ ...row, ours: [300, 300, 300] }).ratio, /95 %/)
  })

  it('are read from the last line that holds them', () => {
    const results = { script: 'http.ts', rows: [row], missing: [] }
    assert.deepEqual(readResults(`noise\n${JSON.stringify(results)}\n`), results)
    assert.equal(readResults('noise\n'), null)
  })
})

describe('the page of results', () => {
  it('names rows, what is missing and what failed', () => {
    const outcomes: readonly Outcome[] = [
      { type: 'rows', results: { script: 'http.ts', rows: [row], missing: ['hey is absent: X'] } },
      { type: 'failed', script: 'tls.ts', why: 'it broke\nat line 7' },
      { type: 'text', script: 'merge.ts', text: 'some text' },
    ]
    const runs = outcomes.map((outcome) => ({ machine, outcome }))
    const text = page(runs, ['soak.ts'])
    assert.match(text, /\| a \| keep-alive GET \| answers\/s \| 91 .*wrk 100 .*yes, wish too \|/)
    for (const line of [
      '- hey is absent: X',
      '- soak.ts: not run yet',
      '- tls.ts FAILED: it broke\n',
      'some text',
      'P, 2 cores',
      '| merge.ts | 2026-01-02 | 1 | 0.1 |',
    ]) {
      assert.ok(text.includes(line), line)
    }
  })
})
