import assert from 'node:assert/strict'
import { otlp } from '../../controller/exports/otlp.ts'
import { newFolder, playRun, startedAt } from '../outputs/synthetic-run.ts'
import {
  type OtlpMetric,
  type OtlpPush,
  type OtlpReceiver,
  partialSuccess,
  startOtlpReceiver,
} from '../support/otlp-receiver.ts'
import { playExported } from './run.ts'

function metricOf({ metrics }: OtlpPush, name: string): OtlpMetric {
  const found = metrics.find((each) => each.name === name)
  assert.ok(found, name)
  return found
}

function numberOf(push: OtlpPush, name: string, attributes: object = {}): number {
  const want = JSON.stringify(attributes)
  const points = metricOf(push, name).points
  const found = points.find((each) => JSON.stringify(each.attributes) === want)
  assert.ok(found, `${name} ${want}`)
  return found.value
}

/** Plays a made-up run into a receiver. */
async function pushed(
  receiver: OtlpReceiver,
  url: string = `${receiver.url}/v1/metrics`,
): Promise<{ readonly troubles: readonly string[]; readonly all: Played['all'] }> {
  const { folder, remove } = await newFolder()
  const troubles: string[] = []
  const output = otlp({ url, everyMs: 60_000, onTrouble: (text) => troubles.push(text) })
  try {
    const { all } = await playRun([output], folder)
    return { troubles, all }
  } finally {
    await remove()
  }
}
type Played = Awaited<ReturnType<typeof playRun>>

describe('metrics pushed to OpenTelemetry', function () {
  this.timeout(120_000)
  let receiver: OtlpReceiver
  afterEach(() => receiver.close())

  it('are those of the run, cumulative, with its resource', async () => {
    receiver = await startOtlpReceiver()
    const { troubles, all } = await pushed(receiver)
    assert.deepEqual(troubles, [])
    const push = receiver.pushes.at(-1)!
    assert.equal(push.path, '/v1/metrics')
    assert.equal(push.headers['content-type'], 'application/x-protobuf')
    assert.deepEqual(push.scope, { name: 'tsts', version: '0.1.0' })
    const { 'service.instance.id': id, 'tsts.run.id': run, ...resource } = push.resource
    assert.deepEqual(resource, {
      'service.name': 'tsts',
      'service.version': '0.1.0',
      'host.name': 'ctl1',
      'tsts.scenario': 'shop.xml',
    })
    assert.equal(id, `ctl1-${run}-${startedAt}`)
    const { counters } = all
    assert.equal(numberOf(push, 'tsts.users.started'), counters.get('users_count'))
    assert.equal(numberOf(push, 'tsts.responses', { status: '404' }), counters.get('404'))
    assert.equal(numberOf(push, 'tsts.sent'), counters.get('size_sent'))
    assert.equal(numberOf(push, 'tsts.run.over'), 1)
    assert.equal(metricOf(push, 'tsts.sent').unit, 'By')
    for (const { name, type, temporality, isMonotonic, points } of push.metrics) {
      if (type !== 'gauge') assert.equal(temporality, 2, name)
      assert.equal(isMonotonic, type === 'sum', name)
      for (const point of points) {
        assert.equal(point.startTimeUnixNano, BigInt(startedAt) * 1_000_000n)
        assert.ok(point.timeUnixNano >= point.startTimeUnixNano)
      }
    }
  })

  it('have every time in an exponential histogram', async () => {
    receiver = await startOtlpReceiver()
    const { all } = await pushed(receiver)
    const duration = metricOf(receiver.pushes.at(-1)!, 'tsts.duration')
    assert.deepEqual([duration.type, duration.unit], ['exponentialHistogram', 's'])
    const told = [...all.samples].filter(([, { count }]) => count > 0)
    assert.equal(duration.points.length, told.length)
    const point = duration.points.find(({ attributes }) => attributes['metric'] === 'request')!
    const sample = all.samples.get('request')!
    assert.equal(point.count, sample.count)
    assert.equal(point.min, sample.min / 1000)
    assert.equal(point.max, sample.max / 1000)
    assert.ok(Math.abs(point.sum - (sample.mean * sample.count) / 1000) < 1e-6)
    const inBuckets = point.bucketCounts.reduce((sum, each) => sum + each, point.zeroCount)
    assert.equal(inBuckets, sample.count)
    // Its median lies where its buckets say.
    let upTo = point.zeroCount
    const bucket = point.bucketCounts.findIndex((count) => {
      upTo += count
      return upTo >= sample.count / 2
    })
    const upper = 2 ** ((point.offset + bucket + 1) / 2 ** point.scale)
    const lower = 2 ** ((point.offset + bucket) / 2 ** point.scale)
    const median = sample.percentile(50) / 1000
    assert.ok(median > lower * 0.998 && median < upper * 1.002, `${median} in ${lower}..${upper}`)
  })

  it('come again after the other side was busy', async () => {
    receiver = await startOtlpReceiver((push, response) => {
      if (push > 0) return false
      response.writeHead(503, { 'retry-after': '1' }).end()
      return true
    })
    const { troubles } = await pushed(receiver)
    assert.deepEqual(troubles, [])
    assert.equal(receiver.pushes.length, 1)
  })

  for (const [what, status, want] of [
    ['are refused', 401, /v1\/metrics, which does not take them: .*OTEL_EXPORTER_OTLP_HEADERS/],
    ['cannot be read there', 400, /which does not take them/],
  ] as const) {
    it(`that ${what}: this is told once, and ends no run`, async () => {
      receiver = await startOtlpReceiver((_push, response) => {
        response.writeHead(status).end()
        return true
      })
      const { troubles } = await pushed(receiver)
      assert.equal(troubles.length, 1)
      assert.match(troubles[0]!, want)
    })
  }

  it('that are taken in part: this is told, with the reason', async () => {
    receiver = await startOtlpReceiver((_push, response) => {
      response.writeHead(200, { 'content-type': 'application/x-protobuf' })
      response.end(partialSuccess(3, 'too many labels'))
      return true
    })
    const { troubles } = await pushed(receiver)
    assert.equal(troubles.length, 1)
    assert.match(troubles[0]!, /refuses a part of them: .*too many labels/)
  })

  it('hold up the end of a run for seconds only when the other side is silent', async () => {
    receiver = await startOtlpReceiver(() => true)
    const { troubles } = await pushed(receiver)
    assert.equal(troubles.length, 1)
  })

  it('of a real run: again and again, with headers that nobody else sees', async () => {
    receiver = await startOtlpReceiver()
    const secret = 'k3y-of-nobody'
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secret}`,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    }
    await playExported(
      () => ['--otlp', receiver.url, '--no-live'],
      async ({ summary, stdout, stderr }) => {
        const { pushes } = receiver
        assert.ok(pushes.length >= 4, `${pushes.length} pushes`)
        for (const { headers, resource } of pushes) {
          assert.equal(headers.authorization, `Bearer ${secret}`)
          assert.equal(headers['content-encoding'], 'gzip')
          assert.equal(resource['deployment.environment'], 'test')
        }
        assert.ok(!`${stdout}${stderr}`.includes(secret))
        const started = pushes.map((push) => numberOf(push, 'tsts.users.started'))
        assert.deepEqual(
          started,
          started.toSorted((a, b) => a - b),
        )
        const last = pushes.at(-1)!
        assert.equal(started.at(-1), 100)
        assert.equal(numberOf(last, 'tsts.received'), summary.counters['size_rcv'])
        assert.equal(numberOf(last, 'tsts.verdict', { status: summary.verdict.status }), 1)
        const counts = metricOf(last, 'tsts.duration').points.map(({ attributes, count }) => {
          return [JSON.stringify(attributes), count] as const
        })
        const countOf = new Map(counts)
        assert.equal(countOf.get('{"metric":"request"}'), 200)
        assert.equal(countOf.get('{"metric":"response","tag":"cart"}'), 100)
        assert.equal(countOf.get('{"metric":"transaction","transaction":"buy"}'), 100)
        const cpu = pushes.find(({ metrics }) =>
          metrics.some(({ name }) => name === 'tsts.launcher.cpu_ratio'),
        )
        assert.ok(cpu)
      },
      undefined,
      env,
    )
  })
})
