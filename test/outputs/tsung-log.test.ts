import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { tsungLog } from '../../controller/outputs/tsung-log.ts'
import { requirePath, requirePeer } from '../support/peers.ts'
import { matchesGolden } from './golden-file.ts'
import { newFolder, playRun, type RunOptions, startedAt } from './synthetic-run.ts'
import { tsungScript } from './tsung-script.ts'

async function logOf(options: RunOptions): Promise<string> {
  const { folder, remove } = await newFolder()
  try {
    const stdout = new PassThrough()
    await playRun([tsungLog({ onTrouble: assert.fail, stdout })], folder, options)
    assert.equal(stdout.readableLength, 0)
    return await readFile(join(folder, options.logName ?? 'tsung.log'), 'utf8')
  } finally {
    await remove()
  }
}

/** The records of a log: lines by name, each split at blanks. */
function recordsOf(log: string): Map<string, string[]>[] {
  return log
    .split('# stats: dump at ')
    .slice(1)
    .map((text) => {
      const lines = text.split('\n').filter((line) => line.startsWith('stats: '))
      return new Map(lines.map((line) => [line.split(' ')[1]!, line.split(' ').slice(2)]))
    })
}

describe('tsung.log', () => {
  it('is as Tsung writes it, to the byte', async () => {
    matchesGolden('tsung.log', await logOf({ seconds: 34 }))
  })

  it('keeps to the grammar of its readers', async () => {
    const float = String.raw`-?\d+\.\d+(?:e-?\d+)?`
    const sample = `\\d+ (?:0|${float}) (?:0|${float}) ${float} ${float} (?:0|${float}) \\d+`
    const grammar = new RegExp(
      `^(# stats: dump at \\d+|stats: \\S+ -?\\d+ \\d+|stats: \\S+ ${sample}|EndMonitor:\\{\\d+,\\d+,\\d+\\})$`,
    )
    for (const line of (await logOf({ seconds: 25 })).trimEnd().split('\n'))
      assert.match(line, grammar)
  })

  it('has none of our own names', async () => {
    const names = new Set(recordsOf(await logOf({})).flatMap((record) => [...record.keys()]))
    for (const name of ['response', 'late', 'ttfb', 'tcp_connect', 'tls'])
      assert.ok(!names.has(name), name)
    assert.deepEqual(
      [...names].filter((name) => name.startsWith('tsts_')),
      [],
    )
    for (const name of ['request', 'tr_login', '200', 'error_connect_econnrefused'])
      assert.ok(names.has(name), name)
  })

  it('adds the differences up to the totals', async () => {
    const records = recordsOf(await logOf({ seconds: 37 }))
    assert.equal(records.length, 4)
    for (const name of ['users_count', 'finish_users_count', '200', 'size_rcv', 'connected']) {
      const rows = records.map((record) => record.get(name)!.map(Number))
      const total = rows.reduce((sum, [delta]) => sum + delta!, 0)
      assert.equal(total, rows.at(-1)![1], name)
    }
  })

  it('gives all previous records as the global values, and extremes since the start', async () => {
    const records = recordsOf(await logOf({ seconds: 30 }))
    const rows = records.map((record) => record.get('request')!.map(Number))
    let count = 0
    let sum = 0
    let max = 0
    for (const [n, mean, , rowMax, rowMin, globalMean, globalCount] of rows) {
      assert.equal(globalCount, count)
      if (count > 0) assert.ok(Math.abs(globalMean! - sum / count) < 1e-9 * globalMean!)
      assert.ok(rowMax! >= max && rowMin! <= rowMax!)
      count += n!
      sum += n! * mean!
      max = rowMax!
    }
    assert.deepEqual(records.at(-1)!.get('request')!.slice(0, 3), ['0', '0', '0'])
  })

  it('goes to standard output for `-m -`', async () => {
    const { folder, remove } = await newFolder()
    try {
      const stdout = new PassThrough()
      await playRun([tsungLog({ onTrouble: assert.fail, stdout })], folder, {
        logName: '-',
        seconds: 12,
      })
      const text = String(stdout.read())
      assert.equal(recordsOf(text).length, 2)
      await assert.rejects(readFile(join(folder, '-')))
    } finally {
      await remove()
    }
  })
})

describe('tsung.log as JSON', () => {
  it('is one object with the same numbers as the text', async () => {
    const log = await logOf({ seconds: 34, backend: 'json' })
    const { stats } = JSON.parse(log) as {
      stats: { timestamp: number; samples: { [field: string]: number | string }[] }[]
    }
    const text = await logOf({ seconds: 34 })
    assert.deepEqual(stats[0], { timestamp: startedAt / 1000, samples: [] })
    const names = [...recordsOf(text)[0]!.keys()].map((name) =>
      /^\d+$/.test(name) ? `http_${name}` : name,
    )
    assert.deepEqual(
      stats[1]!.samples.map(({ name }) => name),
      names,
    )
    for (const [at, record] of recordsOf(text).entries()) {
      for (const { name, ...fields } of stats[at + 1]!.samples) {
        const row = record.get(String(name).replace('http_', ''))!.map(Number)
        assert.deepEqual(Object.values(fields), row, String(name))
      }
    }
  })

  it('has Tsung’s own spacing and names', async () => {
    const lines = (await logOf({ seconds: 12, backend: 'json' })).split('\n')
    assert.deepEqual(lines.slice(0, 3), [
      '{',
      ' "stats": [',
      ' {"timestamp": 1795255200,  "samples": []},',
    ])
    const sample =
      /^ \{"timestamp": 1795255210, {2}"samples": \[ {3}\{"name": "users", "value": \d+, "max": \d+\}, \{"name": "session", "value": \d+, "mean": [\d.]+,"stddev": [\d.]+,"max": {2}[\d.]+,"min": [\d.]+ ,"global_mean": 0 ,"global_count": 0\}, .*"name": "http_200", "value": \d+, "total": \d+\}.*\]\},$/
    assert.match(lines[3]!, sample)
    assert.ok(lines[4]!.endsWith('}]}]}'))
    assert.deepEqual(lines.slice(5), [''])
  })

  it('goes to standard output for `-m -`', async () => {
    const { folder, remove } = await newFolder()
    const stdout = new PassThrough()
    await playRun([tsungLog({ onTrouble: assert.fail, stdout })], folder, {
      logName: '-',
      seconds: 12,
      backend: 'json',
    })
    assert.equal((JSON.parse(String(stdout.read())) as { stats: object[] }).stats.length, 3)
    await remove()
  })
})

describe('tsung_stats.pl', () => {
  const script = tsungScript('tsung_stats.pl')

  it('makes its full report from our log', async function () {
    this.timeout(120_000)
    requirePeer(this, 'tsung', 'tsung')
    requirePath(this, script, 'apt-get install tsung')
    requirePeer(this, 'gnuplot', 'gnuplot-nox')
    const { folder, remove } = await newFolder()
    try {
      const output = tsungLog({ onTrouble: assert.fail, stdout: new PassThrough() })
      const { all } = await playRun([output], folder, { seconds: 60, file: 'tsung.xml' })
      const { stderr } = await promisify(execFile)(script, [], { cwd: folder })
      assert.doesNotMatch(stderr, /error|uninitialized|Illegal/i)
      const text = (await readFile(join(folder, 'report.html'), 'utf8')).replace(
        /(?:<[^>]*>|\s)+/g,
        ' ',
      )
      for (const name of ['request', 'connect', 'page', 'session', 'tr_login', 'tr_basket']) {
        const { count } = all.samples.get(name)!
        assert.match(text, new RegExp(` ${name} (?:[\\d.]+ (?:msec|sec|/ sec) ){5}${count} `), name)
      }
      for (const name of ['200', '404', 'error_connect_econnrefused']) {
        const count = all.counters.get(name)
        assert.match(text, new RegExp(` ${name} (?:[\\d.]+ / sec ){1,2}${count} `), name)
      }
      const graph = await readFile(join(folder, 'images', 'graphes-Perfs-mean.png'))
      assert.ok(graph.length > 2000)
    } finally {
      await remove()
    }
  })
})
