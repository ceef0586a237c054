import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { influx } from '../../controller/exports/influx.ts'
import { lineOf } from '../../controller/exports/line-protocol.ts'
import { newFolder, playRun, startedAt } from '../outputs/synthetic-run.ts'
import { type MetricServer, startInflux } from '../support/metric-servers.ts'
import { requirePeer } from '../support/peers.ts'
import { playExported } from './run.ts'

type Row = { readonly [column: string]: unknown }

const database = 'tsts'

/** What InfluxDB answers, times in epoch ms. */
async function query(server: MetricServer, text: string): Promise<readonly Row[]> {
  const body = new URLSearchParams({ db: database, epoch: 'ms', q: text })
  const response = await fetch(`${server.url}/query`, { method: 'POST', body })
  const { results, error } = (await response.json()) as {
    readonly error?: string
    readonly results: readonly {
      readonly error?: string
      readonly series?: readonly {
        readonly columns: readonly string[]
        readonly values: readonly (readonly unknown[])[]
      }[]
    }[]
  }
  assert.equal(error ?? results[0]?.error, undefined, text)
  return (results[0]?.series ?? []).flatMap(({ columns, values }) =>
    values.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at]!, cell]))),
  )
}

async function write(server: MetricServer, lines: string): Promise<void> {
  const response = await fetch(`${server.url}/write?db=${database}`, {
    method: 'POST',
    body: lines,
  })
  assert.equal(response.status, 204, await response.text())
}

describe('lines for InfluxDB', function () {
  this.timeout(120_000)
  let server: MetricServer
  before(async function () {
    server = await startInflux(requirePeer(this, 'influxd', 'influxdb'))
    await query(server, `CREATE DATABASE ${database}`)
  })
  after(() => server?.stop())

  it('are taken whole by InfluxDB, which then has the numbers of the run', async () => {
    const flags = (folder: string): readonly string[] => ['--influx', join(folder, 'run.line')]
    await playExported(flags, async ({ folder, summary }) => {
      await write(server, readFileSync(join(folder, 'run.line'), 'utf8'))
      const [last] = await query(server, 'SELECT last("started"), "finished", "users" FROM "tsts"')
      assert.deepEqual([last!['last'], last!['finished'], last!['users']], [100, 100, 0])
      const [ok] = await query(server, `SELECT sum(value) FROM tsts_counter WHERE "name" = '200'`)
      assert.equal(ok!['sum'], 200)
      const counts = await query(
        server,
        'SELECT sum("count") FROM tsts_time GROUP BY "metric", "transaction", "tag"',
      )
      assert.equal(counts.length, Object.keys(summary.metrics).length)
      const bought = `SELECT sum("count") FROM tsts_time WHERE metric = 'request' AND "transaction" = 'buy'`
      assert.equal((await query(server, bought))[0]!['sum'], 100)
      const max = `SELECT max("max") FROM tsts_time WHERE metric = 'request' AND "tag" = '' AND "transaction" = ''`
      assert.equal((await query(server, max))[0]!['max'], summary.metrics['request']!.max)
      const events = await query(server, 'SELECT text FROM tsts_event')
      assert.ok(events.some(({ text }) => text === 'phase 1 has begun'))
      const [end] = await query(server, 'SELECT verdict, exit_code FROM tsts_end')
      assert.deepEqual(
        [end!['verdict'], end!['exit_code']],
        [summary.verdict.status, summary.exitCode],
      )
      const [health] = await query(server, `SELECT * FROM tsts_launcher WHERE launcher = '2'`)
      assert.ok((health!['memory_bytes'] as number) > 1e6)
    })
  })

  it('keep any text', async () => {
    let epochMs = startedAt
    const texts = fc.string({ unit: 'binary', maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(texts, texts, async (tag, field) => {
        epochMs++
        const fields = { text: field, value: 0.5 }
        await write(server, lineOf({ measurement: 'text', tags: { tag }, fields, epochMs }))
        const [row] = await query(server, `SELECT * FROM "text" WHERE time = ${epochMs}ms`)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these become blanks
        const onOneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, ' ')
        assert.equal(row!['text'], onOneLine(field))
        assert.equal(row!['value'], 0.5)
        assert.equal(row!['tag'] ?? '', onOneLine(tag).replace(/\\+$/, ''))
      }),
      { seed: 1, numRuns: 60 },
    )
  })
})

describe('a file for InfluxDB', () => {
  it('tells of a folder that is not there, once, and of nothing else', async () => {
    const { folder, remove } = await newFolder()
    const troubles: string[] = []
    const path = join(folder, 'none', 'run.line')
    await playRun([influx(path, (text) => troubles.push(text))], folder, { seconds: 3 })
    assert.equal(troubles.length, 1)
    assert.match(troubles[0]!, /cannot write .*none.*ENOENT/)
    await remove()
  })

  it('sets events of one moment apart', async () => {
    const { folder, remove } = await newFolder()
    const output = influx(join(folder, 'run.line'), assert.fail)
    await playRun([output], folder, { seconds: 3 })
    const lines = readFileSync(join(folder, 'run.line'), 'utf8').trimEnd().split('\n')
    const times = lines
      .filter((line) => line.startsWith('tsts_event'))
      .map((line) => line.slice(-19))
    assert.ok(times.length > 2)
    assert.equal(new Set(times).size, times.length)
    await remove()
  })
})
