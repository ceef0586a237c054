import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, type MetricServer, startPrometheus } from '../support/metric-servers.ts'
import { requirePeer } from '../support/peers.ts'
import { eventually } from '../support/tsts-process.ts'
import { playExported } from './run.ts'

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly [label: string]: string }
      readonly value: readonly [number, string]
    }[]
  }
}

/** What Prometheus has of an expression now, by the labels that matter. */
async function ask(server: MetricServer, query: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await response.json()) as Answer
  return new Map(
    data.result.map(({ metric: { __name__: _, instance, job, ...labels }, value }) => {
      return [JSON.stringify(labels), Number(value[1])] as const
    }),
  )
}

/** @param expression of one value */
async function numberOf(server: MetricServer, expression: string): Promise<number> {
  const values = [...(await ask(server, expression)).values()]
  assert.equal(values.length, 1, expression)
  return values[0]!
}

describe('a run, scraped by Prometheus', function () {
  this.timeout(180_000)

  it('is there as summary.json tells it', async function () {
    // A server that starts slowly sees too little of a short run.
    this.retries(2)
    const program = requirePeer(this, 'prometheus', 'prometheus')
    const port = await freePort()
    const server = await startPrometheus(program, `127.0.0.1:${port}`)
    try {
      const flags = [`--prometheus=:${port}`, '--no-live']
      await playExported(
        () => flags,
        async ({ summary }) => {
          const { counters, metrics, verdict, exitCode } = summary
          // The last scrape is older than an instant query looks at first.
          const last = (name: string): string => `last_over_time(${name}[2m])`
          for (const [name, want] of [
            ['tsts_run_over', 1],
            ['tsts_run_exit_code', exitCode],
            [`tsts_verdict{status="${verdict.status}"}`, 1],
            ['tsts_users_planned', 100],
            ['tsts_users_started_total', 100],
            ['tsts_users_finished_total', counters['finish_users_count']],
            ['tsts_requests_acknowledged_total', 200],
            ['tsts_responses_total{status="200"}', 200],
            ['tsts_received_bytes_total', counters['size_rcv']],
            ['tsts_duration_seconds_count{metric="request",transaction="",tag=""}', 200],
            ['tsts_duration_seconds_count{metric="request",transaction="buy"}', 100],
            ['tsts_duration_seconds_count{metric="response",tag="cart"}', 100],
            ['tsts_duration_seconds_count{metric="transaction",transaction="buy"}', 100],
          ] as const) {
            assert.equal(await numberOf(server, last(name)), want, name)
          }
          const sum = last('tsts_duration_seconds_sum{metric="page"}')
          const page = metrics['page']!
          assert.ok(
            Math.abs((await numberOf(server, sum)) - (page.mean * page.count) / 1000) < 1e-3,
          )
          const buckets = 'tsts_duration_seconds_bucket{metric="request",transaction="",tag=""}'
          const p95 = `histogram_quantile(0.95, ${last(buckets)}) * 1000`
          const [told, exact] = [await numberOf(server, p95), metrics['request']!.p95]
          // Bounds are at most twice as large as the one before.
          assert.ok(told > exact / 2 - 0.5 && told < exact * 2 + 0.5, `${told} for ${exact} ms`)
          const info = await ask(server, last('tsts_run_info'))
          assert.match([...info.keys()][0]!, /"scenario":"shop\.xml"/)
          const launchers = await ask(server, 'max_over_time(tsts_launcher_memory_bytes[2m])')
          assert.deepEqual([...launchers.keys()].map((each) => JSON.parse(each).launcher).sort(), [
            '1',
            '2',
          ])
          for (const bytes of launchers.values()) assert.ok(bytes > 1e6)
          const scrapes = await numberOf(server, 'count_over_time(tsts_users_started_total[2m])')
          assert.ok(scrapes >= 1, `${scrapes} scrapes`)
        },
      )
    } finally {
      await server.stop()
    }
  })

  it('is whole when somebody does not wait for the last scrape', async () => {
    await playExported(
      () => ['--prometheus=:0', '--prometheus-linger=600'],
      async ({ summary }) => assert.equal(summary.load.finishedUsers, 100),
      async (tsts, logs) => {
        const [, url] = await tsts.said(/metrics for Prometheus are at (\S+)/)
        const run = join(logs, readdirSync(logs)[0]!)
        const isThere = (name: string): boolean => existsSync(join(run, name))
        await eventually(() => isThere('summary.json') && !isThere('run.json'), 60_000)
        assert.match(await (await fetch(url!)).text(), /^tsts_run_over 1$/m)
        tsts.kill('SIGINT')
      },
    )
  })

  it('has names and types as Prometheus wants them', async function () {
    const promtool = requirePeer(this, 'promtool', 'prometheus')
    let page = ''
    const flags = ['--prometheus=:0', '--prometheus-linger=0']
    await playExported(
      () => flags,
      async () => undefined,
      async (tsts) => {
        const [, url] = await tsts.said(/metrics for Prometheus are at (\S+)/)
        await tsts.said(/phase 1 has begun/)
        page = await (await fetch(url!)).text()
      },
    )
    assert.match(page, /^tsts_users_started_total [1-9]/m)
    execFileSync(promtool, ['check', 'metrics'], { input: page })
  })
})
