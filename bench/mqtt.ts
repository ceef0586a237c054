/**
 * MQTT: connects (CONNECT, DISCONNECT, close) and publishes of 64 bytes at QoS 0 and 1 per second of one core, beside
 * npm's mqtt, mosquitto_pub and Tsung: Mosquitto on core 0, the client on core 1. Where the broker is the bottleneck,
 * which the note says, the CPU of the client for each message is what can be compared. Of QoS 0 the broker is asked how
 * many have come: clients may hold back what they say they have sent.
 *
 * `npm run bench:mqtt -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contender, type Round, tsungCounts } from './support/contenders.ts'
import { type Mosquitto, startMosquitto } from './support/mosquitto.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { isInstalled } from './support/peers.ts'
import { run, withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { launchersCpuMs, runTsts } from './support/run-tsts.ts'
import { closedLoad, forever, scenario } from './support/scenario.ts'

const { pairs, seconds, users, json } = options({ pairs: 5, seconds: 5, users: 50 })
const clientCore = 1
/** Connections that were closed keep their ports for a minute. */
const sourceAddresses = 60
/** Messages that mosquitto_pub reads, for each second that the others take. */
const linesASecond = 60_000
const peerScript = fileURLToPath(new URL('support/mqtt-peer.mjs', import.meta.url))
const budget: Budget = { of: 'ratio', better: 'higher', must: 2, wish: null }

interface Claim {
  readonly what: string
  /** Elements of the session. */
  readonly session: (port: number) => string
  /** What is counted. */
  readonly counter: string
  readonly sources: number
  /** Arguments of the script that plays npm's mqtt. */
  readonly peer: readonly [what: string, qos: string]
}

const connect = '<request><mqtt type="connect" keepalive="600"/></request>'
const payload = 'x'.repeat(64)
const publish = (qos: number): string =>
  connect +
  forever(`<request><mqtt type="publish" topic="bench" qos="${qos}">${payload}</mqtt></request>`)
/** `change_type` closes the connection in both programs. */
const reconnect = (port: number): string =>
  forever(`${connect}<request><mqtt type="disconnect"/></request>
    <change_type new_type="ts_mqtt" host="127.0.0.1" port="${port}" server_type="tcp" bidi="true"/>`)

const claims: readonly Claim[] = [
  {
    what: `PUBLISH of 64 bytes, QoS 0, ${users} users`,
    session: () => publish(0),
    counter: 'mqtt_published',
    sources: 0,
    peer: ['publish', '0'],
  },
  {
    what: `PUBLISH of 64 bytes, QoS 1, ${users} users`,
    session: () => publish(1),
    counter: 'mqtt_server_pubacked',
    sources: 0,
    peer: ['publish', '1'],
  },
  {
    what: `CONNECT, DISCONNECT, ${users} users`,
    session: reconnect,
    counter: 'mqtt_connected',
    sources: sourceAddresses,
    peer: ['connect', '0'],
  },
]

await withFolder(async (folder) => {
  const broker = await startMosquitto(folder, 0)
  const rows: Row[] = []
  const missing: string[] = isInstalled('tsung') ? [] : ['tsung is absent: apt-get install tsung']
  for (const claim of claims) {
    const compared = await compare({
      claim: 'mqtt',
      what: claim.what,
      unit: 'a second',
      contenders: contendersOf(claim, broker, folder),
      nginx: broker,
      pairs,
      budgets: { tsung: budget },
    })
    rows.push(...compared.rows)
    missing.push(...compared.failed)
  }
  print({ script: 'mqtt.ts', rows, missing }, json)
})

function contendersOf(claim: Claim, broker: Mosquitto, folder: string): readonly Contender[] {
  const file = join(mkdtempSync(join(folder, 'mqtt-')), 'mqtt.xml')
  writeFileSync(
    file,
    scenario({
      port: broker.port,
      sources: claim.sources,
      ...closedLoad(users, seconds),
      type: 'ts_mqtt',
      session: claim.session(broker.port),
    }),
  )
  const list: Contender[] = [
    { name: 'tsts', run: () => playTsts(claim, file, folder) },
    { name: 'npm mqtt', run: () => playNpm(claim, broker) },
  ]
  if (claim.peer[0] === 'publish' && isInstalled('mosquitto_pub')) {
    list.push({ name: 'mosquitto_pub', run: () => playPub(claim, broker) })
  }
  if (isInstalled('tsung')) {
    list.push({ name: 'tsung', run: () => playTsung(claim, file, folder) })
  }
  if (claim.peer[0] !== 'publish' || claim.peer[1] !== '0') return list
  return list.map(({ name, run: play }) => ({ name, run: () => asReceived(play, broker) }))
}

/** With what has come instead of what the client says it has sent. */
async function asReceived(play: () => Promise<Round>, broker: Mosquitto): Promise<Round> {
  const before = await broker.received()
  const { rate, answers: sent, cpuMs } = await play()
  const answers = (await broker.received()) - before
  return { rate: (rate * answers) / sent, answers, cpuMs }
}

async function playTsts({ counter }: Claim, file: string, folder: string): Promise<Round> {
  const summary = await runTsts(clientCore, file, folder)
  const errors = Object.keys(summary.counters).filter((name) => name.startsWith('error_'))
  if (errors.length > 0) throw new Error(`tsts had ${errors.join(', ')}`)
  const answers = summary.counters[counter] ?? 0
  return { rate: answers / seconds, answers, cpuMs: launchersCpuMs(summary) }
}

async function playTsung({ counter }: Claim, file: string, folder: string): Promise<Round> {
  const { counts, cpuMs } = await tsungCounts(file, folder)
  const answers = counts[counter] ?? 0
  return { rate: answers / seconds, answers, cpuMs }
}

async function playNpm({ peer: [what, qos] }: Claim, { port }: Mosquitto): Promise<Round> {
  const args = [what, String(port), String(users), String(seconds), qos]
  const { output, cpuMs } = await run(clientCore, [process.execPath, peerScript, ...args])
  const [, count, took] = /count=(\d+) seconds=([\d.]+)/.exec(output)!
  return { rate: Number(count) / Number(took), answers: Number(count), cpuMs }
}

/** One connection on which messages follow each other without waiting, as far as it allows; it starts on its own time. */
async function playPub({ peer: [, qos] }: Claim, { port }: Mosquitto): Promise<Round> {
  const lines = linesASecond * seconds
  const pipe = `yes ${payload} | head -n ${lines} | mosquitto_pub -p ${port} -t bench -q ${qos} -l`
  const startedMs = performance.now()
  const { cpuMs } = await run(clientCore, ['sh', '-c', pipe])
  return { rate: lines / ((performance.now() - startedMs) / 1000), answers: lines, cpuMs }
}
