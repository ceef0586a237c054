/** A target that stands still for 3 s: what `response` tells of it, and `request` does not. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeriesLine } from '../../controller/outputs/series.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { RunCase, scenarioText } from '../support/run-case.ts'
import { TstsProcess } from '../support/tsts-process.ts'

const usersPerSecond = 20
const phaseSeconds = 10
const frozenMs = 3000

/** It accepts one connection ahead of need: while it stands still, others are not accepted. */
const program = `
  const server = require('node:http').createServer((request, response) => response.end('hello'))
  const listening = () => console.log(server.address().port)
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, listening)
`

describe('a target that stands still for 3 s', function () {
  this.timeout(120_000)
  let run: RunCase
  let target: ChildProcess
  let port: number

  beforeEach(async () => {
    run = await RunCase.open()
    target = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [bytes] = (await once(target.stdout!, 'data')) as [Buffer]
    port = Number(bytes.toString())
  })
  afterEach(async () => {
    const gone = once(target, 'exit')
    target.kill('SIGKILL')
    await gone
    run.close()
  })

  it('shows in response for every request that was due meanwhile, hardly in request, not in late', async function () {
    // A machine that stops tsts itself for half a second shows in late, rightly.
    this.retries(3)
    // Users try again and again; `request` is the last attempt alone, as in Tsung.
    const options = [
      ['connect_timeout', 300],
      ['retry_timeout', 20],
      ['max_retries', 100],
    ].map(([name, value]) => `<option name="${name}" value="${value}"/>`)
    const text = { phaseSeconds, usersPerSecond, thinkSeconds: 0, options: options.join('') }
    const file = join(run.folder, 'frozen.xml')
    // Each user asks once.
    const xml = scenarioText(port, text).replace(/(<request>.*?<\/request>)\1/, '$1')
    writeFileSync(file, xml)
    const flags = ['--seed', '1', '--arrivals', 'uniform', '--no-live', '--no-report']
    const tsts = new TstsProcess(['run', file, '-l', run.logDir, ...flags])
    await tsts.said(/phase 1 has begun/)
    await sleep(3000)
    target.kill('SIGSTOP')
    await sleep(frozenMs)
    target.kill('SIGCONT')
    await tsts.ended
    const seen = tsts.stdout + tsts.stderr
    const { requests } = run.summary
    assert.equal(requests.issued, usersPerSecond * phaseSeconds, seen)
    assert.equal(requests.acknowledged, requests.issued, seen)

    const due = (overMs: number): number => ((frozenMs - overMs) / 1000) * usersPerSecond
    const { response, request, late } = wholeRun(run.read('series.ndjson'))
    for (const overMs of [500, 1000, 2000]) {
      const slow = countOver(response!, overMs)
      assert.ok(slow >= due(overMs) - 2, `${slow} responses over ${overMs} ms:\n${seen}`)
    }
    // Those that were accepted before it stood still, and its few places for connections.
    assert.ok(
      countOver(request!, 1000) <= 6,
      `${countOver(request!, 1000)} slow requests:\n${seen}`,
    )
    assert.ok(countOver(late!, 500) === 0, seen)
    assert.ok(!run.summary.verdict.reasons.some(({ code }) => code === 'V_STALLED'), seen)
  })
})

function wholeRun(series: string): { readonly [name: string]: MutableSample } {
  const samples: { [name: string]: MutableSample } = {}
  for (const text of series.trim().split('\n')) {
    const line = JSON.parse(text) as SeriesLine
    if (line.type !== 'histograms') continue
    for (const [name, wire] of Object.entries(line.samples)) {
      samples[name] ??= new MutableSample(name)
      samples[name].merge(wire)
    }
  }
  return samples
}

/** Values above a bound, from the histogram: right to its precision. */
function countOver(sample: MutableSample, ms: number): number {
  const { count } = sample
  const values = sample.percentiles(
    Array.from({ length: count }, (_, at) => (100 * (at + 0.5)) / count),
  )
  return values.filter((value) => value > ms).length
}
