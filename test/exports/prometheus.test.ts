import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  type PrometheusOptions,
  prometheus,
  prometheusBoundsMs,
} from '../../controller/exports/prometheus.ts'
import type { Output } from '../../controller/model.ts'
import { newFolder, playRun } from '../outputs/synthetic-run.ts'
import { freePort } from '../support/metric-servers.ts'

/** Lines of a page by what stands before their value. */
function valuesOf(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const cut = line.lastIndexOf(' ')
      return [line.slice(0, cut), Number(line.slice(cut + 1))] as const
    }),
  )
}

/** An output that has listened when it resolves. */
async function opened(options: Partial<PrometheusOptions> = {}): Promise<{
  readonly output: Output
  readonly url: Promise<string>
  readonly troubles: readonly string[]
}> {
  const troubles: string[] = []
  let onListening: (url: string) => void = () => undefined
  const url = new Promise<string>((resolve) => {
    onListening = resolve
  })
  const output = prometheus({
    address: { host: '127.0.0.1', port: 0 },
    lingerMs: null,
    onTrouble: (text) => troubles.push(text),
    onListening,
    ...options,
  })
  return { output, url, troubles }
}

describe('the page for Prometheus', () => {
  it('tells a run as it was, and goes when its end was read', async () => {
    const { folder, remove } = await newFolder()
    try {
      const { output, url, troubles } = await opened()
      const { result, all } = await playRun([output], folder)
      const lingering = output.linger!()
      const response = await fetch(await url)
      assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
      const values = valuesOf(await response.text())
      const counters = all.counters
      for (const [name, want] of [
        ['tsts_users_started_total', counters.get('users_count')],
        ['tsts_requests_acknowledged_total', counters.get('tsts_acknowledged')],
        ['tsts_requests_failed_total', counters.get('tsts_failed')],
        ['tsts_sent_bytes_total', counters.get('size_sent')],
        ['tsts_responses_total{status="200"}', counters.get('200')],
        [
          'tsts_errors_total{error="error_connect_econnrefused"}',
          counters.get('error_connect_econnrefused'),
        ],
        ['tsts_events_total{name="newphase"}', counters.get('newphase')],
        ['tsts_run_over', 1],
        ['tsts_run_exit_code', 0],
        [`tsts_verdict{status="${result.verdict.status}"}`, 1],
        ['tsts_users', result.last!.users],
        ['tsts_users_planned', 452],
        ['tsts_duration_seconds_count{metric="request"}', all.samples.get('request')!.count],
        [
          'tsts_duration_seconds_bucket{metric="request",le="+Inf"}',
          all.samples.get('request')!.count,
        ],
      ] as const) {
        assert.equal(values.get(name), want, name)
      }
      const request = all.samples.get('request')!
      const sum = values.get('tsts_duration_seconds_sum{metric="request"}')!
      assert.ok(Math.abs(sum - (request.mean * request.count) / 1000) < 1e-6)
      assert.deepEqual(troubles, [])
      await lingering
      await assert.rejects(fetch(await url))
    } finally {
      await remove()
    }
  })

  it('has buckets that only rise, at its bounds', async () => {
    const { folder, remove } = await newFolder()
    const { output, url } = await opened()
    await playRun([output], folder, { seconds: 4 })
    const lingering = output.linger!()
    const values = valuesOf(await (await fetch(await url)).text())
    const buckets = [...values].filter(([name]) => /_bucket\{metric="request",le=/.test(name))
    const bounds = buckets.map(([name]) => /le="([^"]+)"/.exec(name)![1])
    assert.deepEqual(bounds, [...prometheusBoundsMs.map((ms) => String(ms / 1000)), '+Inf'])
    const counts = buckets.map(([, count]) => count)
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    )
    await lingering
    await remove()
  })

  it('says nothing that Prometheus would not read, whatever a target answers', async () => {
    const { folder, remove } = await newFolder()
    const { output, url } = await opened()
    const hostile = '"\\\n} 7\nevil 1'
    await playRun([output], folder, { seconds: 8, hostile })
    const lingering = output.linger!()
    const page = await (await fetch(await url)).text()
    assert.doesNotMatch(page, /^evil/m)
    assert.ok(page.includes('\\"\\\\\\n} 7\\nevil 1'))
    await lingering
    await remove()
  })

  it('stays as long as it is told, however often it is read', async () => {
    const { folder, remove } = await newFolder()
    const { output, url } = await opened({ lingerMs: 600 })
    await playRun([output], folder, { seconds: 2 })
    const startMs = performance.now()
    const lingering = output.linger!()
    for (let time = 0; time < 2; time++) assert.equal((await fetch(await url)).status, 200)
    await lingering
    assert.ok(performance.now() - startMs > 590)
    await remove()
  })

  it('answers nothing but what it is asked for', async () => {
    const { folder, remove } = await newFolder()
    const { output, url } = await opened({ lingerMs: 0 })
    await playRun([output], folder, { seconds: 2 })
    const { origin } = new URL(await url)
    const statusOf = async (path: string, method: string): Promise<number> =>
      (await fetch(`${origin}${path}`, { method })).status
    assert.equal(await statusOf('/', 'GET'), 200)
    assert.equal(await statusOf('/metrics?x=1', 'HEAD'), 200)
    assert.equal(await statusOf('/other', 'GET'), 404)
    assert.equal(await statusOf('/metrics', 'POST'), 405)
    await output.linger!()
    await remove()
  })

  it('is tried again while somebody else has its port, and that is told once', async () => {
    const port = await freePort()
    const other = createServer()
    await once(other.listen(port, '127.0.0.1'), 'listening')
    const { folder, remove } = await newFolder()
    const { output, url, troubles } = await opened({ address: { host: '127.0.0.1', port } })
    await playRun([output], folder, { seconds: 2 })
    other.close()
    assert.equal(await url, `http://127.0.0.1:${port}/metrics`)
    assert.equal(troubles.length, 1)
    assert.match(troubles[0]!, /EADDRINUSE/)
    const lingering = output.linger!()
    assert.equal((await fetch(await url)).status, 200)
    await lingering
    await remove()
  })
})
