import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { tsts } from '../support/dist.ts'
import { tenTimesAsFast } from '../support/examples.ts'
import { pick } from '../support/play.ts'
import { type Mosquitto, startMosquitto } from './mosquitto.ts'

const panels = 5
const devices = 20
const alarms = devices
const messages = 5 * devices + alarms

describe('examples/mqtt.xml', function () {
  this.timeout(60_000)
  let broker: Mosquitto

  before(async function () {
    broker = await startMosquitto(this)
  })
  after(() => broker?.close())

  it('runs, ten times as fast: every message comes to every panel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsts-example-'))
    try {
      const { counters, metrics, requests } = await run(folder)
      assert.deepEqual(pick(counters, ...Object.keys(want)), want)
      assert.equal(counters['mqtt_forward_latency'], undefined)
      assert.equal(metrics['mqtt_forward_latency']!.count, panels * messages)
      assert.equal(requests.failed, 0)
      const errors = Object.keys(counters).filter((name) => name.startsWith('error_'))
      assert.deepEqual(errors, [])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  const want = {
    users_count: panels + devices,
    mqtt_connected: panels + devices,
    mqtt_disconnected: panels + devices,
    mqtt_published: messages,
    mqtt_server_pubacked: messages,
    mqtt_server_published: panels * messages,
    tsts_messages_delivered: panels * messages,
  }

  async function run(folder: string): Promise<Summary> {
    const file = join(folder, 'mqtt.xml')
    const text = tenTimesAsFast('mqtt.xml', broker.port)
    writeFileSync(file, text.replace('port="1883"', `port="${broker.port}"`))
    const logs = join(folder, 'logs')
    const { code, stdout, stderr } = await tsts(['run', file, '-l', logs, '--no-live'], folder)
    // A busy machine may make a launcher late, which the verdict has to say.
    assert.ok(code === 0 || code === 4, `exit code ${code}\n${stdout}${stderr}`)
    const summary = join(logs, readdirSync(logs)[0]!, 'summary.json')
    return JSON.parse(readFileSync(summary, 'utf8')) as Summary
  }
})
