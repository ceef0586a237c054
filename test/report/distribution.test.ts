import assert from 'node:assert/strict'
import fc from 'fast-check'
import { percentileText } from '../../controller/report/chart-table.ts'
import { definition } from '../../controller/report/definitions.ts'
import { curveGrid, DistributionBuilder } from '../../controller/report/distribution.ts'
import { html } from '../../controller/report/html.ts'
import { xmlMarkup } from '../../controller/report/xml-markup.ts'
import { MutableSample } from '../../core/stats/sample.ts'

/** Lines of a series with these times, so many a line. */
function built(times: readonly number[], perLine: number): DistributionBuilder {
  const builder = new DistributionBuilder('response')
  for (let at = 0; at < times.length; at += perLine) {
    const sample = new MutableSample('response')
    for (const ms of times.slice(at, at + perLine)) sample.record(ms)
    const fromMs = (at / perLine) * 10_000
    builder.histograms({
      type: 'histograms',
      fromMs,
      toMs: fromMs + 10_000,
      samples: { response: sample.encode() },
    })
  }
  return builder
}

const times = fc.array(fc.double({ min: 0.01, max: 60_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
})

describe('the distribution of a run', () => {
  it('has the percentiles of all values, and none beyond them', () => {
    fc.assert(
      fc.property(times, (list) => {
        const { list: found } = built(list, 7).distributions(['response', 'page'])
        assert.deepEqual(
          found.map(({ name, count }) => [name, count]),
          [['response', list.length]],
        )
        const whole = new MutableSample('response')
        for (const ms of list) whole.record(ms)
        const { curve } = found[0]!
        curveGrid.forEach((nines, at) => {
          if (list.length * 10 ** -nines < 1) assert.equal(curve[at], null)
        })
        for (const [nines, p] of [
          [1, 90],
          [2, 99],
        ] as const) {
          const told = curve[curveGrid.indexOf(nines)]
          if (told == null) continue
          const want = whole.percentile(p)
          assert.ok(Math.abs(told - want) <= 0.002 * want + 0.002, `p${p}: ${told}, ${want}`)
        }
      }),
      { seed: 1 },
    )
  })

  it('rises from the least to all values', () => {
    fc.assert(
      fc.property(times, (list) => {
        const { list: found } = built(list, 11).distributions(['response'])
        const { below } = found[0]!
        assert.equal(below.at(-1), 1)
        assert.ok(below.every((share, at) => at === 0 || share >= below[at - 1]!))
      }),
      { seed: 1 },
    )
  })

  it('keeps every value in its heat map, also when columns are joined', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 9 }), (list, perLine) => {
        const many = [...list, ...list, ...list]
        const heat = built(many, perLine).heatMap()
        if (heat === null) return
        const counts = heat.columns.flatMap((column) => column.filter((_, at) => at % 2 === 1))
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          many.length,
        )
        assert.ok(heat.seconds.length <= 360)
        assert.equal(heat.most, Math.max(...counts))
        const rows = heat.columns.flatMap((column) => column.filter((_, at) => at % 2 === 0))
        assert.ok(rows.every((at) => at >= 0 && at < heat.borders.length - 1))
      }),
      { seed: 1 },
    )
  })

  for (const [nines, text] of [
    [0, 'least'],
    [0.3, 'p50'],
    [1, 'p90'],
    [2, 'p99'],
    [3, 'p99.9'],
    [5, 'p99.999'],
  ] as const) {
    it(`calls ${nines} nines ${text}`, () => assert.equal(percentileText(nines), text))
  }
})

describe('definitions of a report', () => {
  for (const [name, want] of [
    ['error_foreach_list_undef', /<foreach> was never set/],
    ['error_repeat_x_undef', /<repeat> tests was never set/],
    ['error_connect_econnrefused', /could not be opened/],
    ['error_connect_timeout', /within connect_timeout/],
    ['request.tag_search', /with that tag/],
    ['tr_login', /a transaction/],
  ] as const) {
    it(`know ${name}`, () => assert.match(definition(name) ?? '', want))
  }

  it('know nothing of what they do not know', () => {
    assert.equal(definition('error_'), null)
    assert.equal(definition('made up'), null)
  })
})

describe('marked XML', () => {
  const textOf = (markup: string): string =>
    markup
      .replace(/<\/?span[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')

  it('keeps the text, whatever it is', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '<a b="',
      '"',
      "'",
      '<!--',
      '-->',
      '</a>',
      '&amp;',
      ' x ',
      '<?',
      '<![CDATA[',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (parts) => {
        const xml = parts.join('')
        assert.equal(textOf(html`${xmlMarkup(xml)}`.text), xml)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('marks names, values and comments', () => {
    const marked = html`${xmlMarkup('<a b="1"/><!-- <c> -->')}`.text
    assert.equal(
      marked,
      '<span class="x-name">&lt;a</span> b=<span class="x-value">&quot;1&quot;</span>/&gt;<span class="x-comment">&lt;!-- &lt;c&gt; --&gt;</span>',
    )
  })
})
