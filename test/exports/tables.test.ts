import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csv, csvColumns, csvSummary, csvSummaryColumns } from '../../controller/exports/csv.ts'
import { metricSummary } from '../../controller/outputs/summary.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { MutableTotals } from '../../core/stats/totals.ts'
import { newFolder, playRun, startedAt } from '../outputs/synthetic-run.ts'

function rowsOf(folder: string, name: string): readonly (readonly string[])[] {
  const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.split(','))
}

describe('the table of seconds', () => {
  it('has a row for each, whose counts add up to those of the run', async () => {
    const { folder, remove } = await newFolder()
    const path = join(folder, 'seconds.csv')
    const { all } = await playRun([csv(path, assert.fail)], folder)
    const [header, ...rows] = rowsOf(folder, 'seconds.csv')
    assert.deepEqual(header, csvColumns)
    assert.equal(rows.length, 30)
    const sumOf = (column: string): number => {
      const at = csvColumns.indexOf(column)
      assert.ok(at >= 0, column)
      return rows.reduce((sum, row) => sum + Number(row[at]), 0)
    }
    assert.equal(sumOf('acknowledged'), all.counters.get('tsts_acknowledged'))
    assert.equal(sumOf('errors'), all.counters.get('error_connect_econnrefused'))
    assert.equal(sumOf('received_bytes'), all.counters.get('size_rcv'))
    assert.equal(sumOf('request_count'), all.samples.get('request')!.count)
    assert.equal(sumOf('ttfb_count'), all.samples.get('ttfb')?.count ?? 0)
    for (const [at, row] of rows.entries()) {
      assert.equal(row.length, csvColumns.length)
      assert.equal(row[0], new Date(startedAt + (at + 1) * 1000).toISOString())
      assert.equal(row[1], String(at + 1))
    }
    await remove()
  })

  it('has nothing for the times of a second without any', async () => {
    const { folder, remove } = await newFolder()
    const output = csv(join(folder, 'seconds.csv'), assert.fail)
    const { result } = await playRun([], folder, { seconds: 2 })
    const idle = { ...result.last!, totals: new MutableTotals() }
    const { head } = await playRun([], folder, { seconds: 2 })
    output.start(head)
    output.second(idle)
    await output.close()
    const [, row] = rowsOf(folder, 'seconds.csv')
    const at = csvColumns.indexOf('request_count')
    assert.deepEqual(row!.slice(at, at + 6), ['0', '', '', '', '', ''])
    await remove()
  })
})

describe('the table of metrics', () => {
  it('has a row for each, as summary.json has them', async () => {
    const { folder, remove } = await newFolder()
    const { all } = await playRun([csvSummary(join(folder, 'metrics.csv'), assert.fail)], folder)
    const [header, ...rows] = rowsOf(folder, 'metrics.csv')
    assert.deepEqual(header, csvSummaryColumns)
    const told = [...all.samples].filter(([, { count }]) => count > 0)
    assert.deepEqual(
      rows.map(([name]) => name),
      told.map(([name]) => name).sort(),
    )
    for (const [name, sample] of told) {
      const row = rows.find(([each]) => each === name)!
      const want = metricSummary(sample)
      for (const [at, column] of csvSummaryColumns.entries()) {
        if (at > 0) assert.equal(Number(row[at]), want[column as keyof typeof want], column)
      }
    }
    await remove()
  })

  it('quotes names', async () => {
    const { folder, remove } = await newFolder()
    const { head, result } = await playRun([], folder, { seconds: 2 })
    const totals = new MutableTotals()
    totals.samples.set('tr_a,"b"', new MutableSample('tr_x'))
    totals.samples.get('tr_a,"b"')!.record(1)
    const output = csvSummary(join(folder, 'metrics.csv'), assert.fail)
    output.start(head)
    output.end({ ...result, totals })
    await output.close()
    const text = readFileSync(join(folder, 'metrics.csv'), 'utf8')
    assert.match(text, /^"tr_a,""b""",1,1,0,1,1,/m)
    await remove()
  })
})
