import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvColumns, csvSummaryColumns } from '../../controller/exports/csv.ts'
import { durations, instruments } from '../../controller/exports/instruments.ts'
import { defaultPrometheus, prometheusBoundsMs } from '../../controller/exports/prometheus.ts'
import { root } from '../support/sources.ts'

describe('docs/exports.md', () => {
  const page = readFileSync(join(root, 'docs/exports.md'), 'utf8')
  const metrics = page.slice(page.indexOf('\n## Metrics'), page.indexOf('\n## Prometheus'))
  const rows = [...metrics.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, prometheus, rest]) => {
    const [otlp, labels] = rest!.split('|').map((cell) => cell.trim())
    return { prometheus, otlp, labels }
  })
  const wanted = instruments.map(({ name, type, unit, labels }) => ({
    prometheus: ['tsts', name.replaceAll('.', '_'), unit, type === 'counter' ? 'total' : null]
      .filter((word) => word !== null)
      .join('_'),
    otlp: name === 'run.info' ? 'in the resource' : `\`tsts.${name}\``,
    labels,
  }))

  it('tells every metric and none that is not there', () => {
    const told = rows.filter(({ prometheus }) => prometheus !== `tsts_${durations.name}_seconds`)
    assert.equal(told.length, rows.length - 1)
    assert.deepEqual(
      told.map(({ prometheus, otlp }) => ({ prometheus, otlp })),
      wanted.map(({ prometheus, otlp }) => ({ prometheus, otlp })),
    )
  })

  for (const { prometheus, labels } of wanted) {
    it(`${prometheus} has the labels that it tells`, () => {
      const row = rows.find((each) => each.prometheus === prometheus)!
      const told = [...row.labels!.matchAll(/`(\w+)`/g)].map((match) => match[1])
      assert.deepEqual(told, labels)
    })
  }

  it('tells the bounds of the histograms, and where the page is', () => {
    const text = page.replaceAll('\n', ' ')
    assert.ok(text.includes(`in ms: ${prometheusBoundsMs.join(', ')}.`))
    assert.ok(text.includes(`${defaultPrometheus.host}:${defaultPrometheus.port}`))
  })

  it('tells every column', () => {
    for (const name of [...csvColumns.slice(0, 22), ...csvSummaryColumns]) {
      assert.ok(page.includes(`\`${name}\``), name)
    }
  })
})
