/**
 * MQTT: memory of an idle subscriber in a launcher: a process with many users that have subscribed and wait, against
 * one with few; npm's mqtt and Tsung's VM with as many beside it. mosquitto_sub, a process each, is weighed one by one.
 *
 * `npm run bench:mqtt-idle -- [--pairs 3] [--users 15000] [--json]`
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTsungLog } from './support/contenders.ts'
import { median } from './support/figures.ts'
import { type Memory, memoryOf } from './support/memory.ts'
import { startMosquitto } from './support/mosquitto.ts'
import { options } from './support/options.ts'
import { absent, isInstalled } from './support/peers.ts'
import { finished, marked, start, withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { okCodes, readSummary, tstsCommand } from './support/run-tsts.ts'
import { scenario } from './support/scenario.ts'

const few = 10
const arrivalsASecond = 1500
/** Time for the last answers, and for what the young generation still holds. */
const settleSeconds = 6
const holdSeconds = 12
/** Processes of mosquitto_sub that are weighed. */
const subscribers = 20
const budget: Budget = { of: 'ours', better: 'lower', must: 8, wish: 5 }
const peerScript = fileURLToPath(new URL('support/mqtt-peer.mjs', import.meta.url))

const { pairs, users: many, json } = options({ pairs: 3, users: 15_000 })

type Program = 'tsts' | 'npm mqtt' | 'tsung'

await withFolder(async (folder) => {
  const { port } = await startMosquitto(folder, 0)
  const figures = new Map<string, number[]>()
  const missing: string[] = [...absent(['tsung'])]
  const leftOut = new Set<Program>(isInstalled('tsung') ? [] : ['tsung'])
  for (let pair = 0; pair < pairs; pair++) {
    for (const program of ['tsts', 'npm mqtt', 'tsung'] as const) {
      if (leftOut.has(program)) continue
      try {
        const each = await perUser(program, folder, port)
        figures.set(program, [...(figures.get(program) ?? []), each])
        console.error(`${program.padEnd(8)} ${each.toFixed(2)} KiB RSS`)
      } catch (error) {
        if (program === 'tsts') throw error
        leftOut.add(program)
        figures.delete(program)
        missing.push(`${program} is left out: ${(error as Error).message}`)
      }
    }
  }
  if (isInstalled('mosquitto_sub')) figures.set('mosquitto_sub', [await weighSubscribers(port)])
  const ours = figures.get('tsts')!
  const rows = [...figures].slice(1).map(([name, values], at): Row => {
    const isFirst = at === 0
    return {
      claim: 'mqtt',
      what: `idle subscriber, ${many} in one process`,
      unit: 'KiB RSS a user',
      ours,
      peer: { name, values },
      budget: isFirst ? budget : null,
      note: name === 'mosquitto_sub' ? 'a process each, KiB PSS' : '',
    }
  })
  print({ script: 'mqtt-idle.ts', rows, missing }, json)
})

async function perUser(program: Program, folder: string, port: number): Promise<number> {
  const base = await held(program, few, folder, port)
  const full = await held(program, many, folder, port)
  return (full - base) / (many - few) / 1024
}

/** Resident bytes of the process that holds the users, while all of them are connected. */
async function held(
  program: Program,
  users: number,
  folder: string,
  port: number,
): Promise<number> {
  const arrivalSeconds = Math.ceil(users / arrivalsASecond)
  const logs = mkdtempSync(join(folder, 'logs-'))
  const command = commandOf(program, users, arrivalSeconds, folder, logs, port)
  const ended = finished(start(1, command), command, okCodes)
  const samples: { readonly atMs: number; readonly memory: Memory }[] = []
  const sampling = setInterval(() => {
    const memory = memoryOf(holder(program))
    if (memory !== null) samples.push({ atMs: performance.now(), memory })
  }, 500)
  let output = ''
  try {
    output = await ended
  } finally {
    clearInterval(sampling)
  }
  const connected = connectedOf(program, logs, output, users)
  if (connected < users) throw new Error(`only ${connected} of ${users} users were connected`)
  return settled(samples)
}

function commandOf(
  program: Program,
  users: number,
  arrivalSeconds: number,
  folder: string,
  logs: string,
  port: number,
): readonly string[] {
  if (program === 'npm mqtt') {
    const args = ['hold', String(port), String(users), String(holdSeconds)]
    return [process.execPath, peerScript, ...args]
  }
  const file = join(folder, `idle-${users}.xml`)
  writeFileSync(file, scenarioText(users, arrivalSeconds, port))
  return program === 'tsts'
    ? tstsCommand(file, logs)
    : ['tsung', '-f', file, '-l', logs, '-i', `idle${process.pid}`, '-n', '-w', '0', 'start']
}

function connectedOf(program: Program, logs: string, output: string, users: number): number {
  if (program === 'npm mqtt') return output.includes('held') ? users : 0
  if (program === 'tsung') return readTsungLog(logs)['mqtt_connected'] ?? 0
  return readSummary(logs).gauges['connected']!.max
}

/** The last seconds, before the end takes users away. */
function settled(samples: readonly { readonly atMs: number; readonly memory: Memory }[]): number {
  const lastMs = samples.at(-1)?.atMs ?? 0
  const from = lastMs - (holdSeconds - settleSeconds) * 1000
  const kept = samples.filter(({ atMs }) => atMs >= from && atMs <= lastMs - 2000)
  if (kept.length === 0) throw new Error('the process ended before its users were idle')
  return median(kept.map(({ memory }) => memory.rssBytes))
}

/** The launcher, npm's client, or Tsung's VM; 0: not there yet. */
function holder(program: Program): number {
  const parts = { tsts: 'launcher.mjs launcher', 'npm mqtt': 'mqtt-peer.mjs', tsung: 'beam.smp' }
  return marked().find(({ command }) => command.includes(parts[program]))?.pid ?? 0
}

function scenarioText(users: number, arrivalSeconds: number, port: number): string {
  return scenario({
    port,
    loadAttributes: `duration="${2 * arrivalSeconds + holdSeconds}" unit="second"`,
    // Tsung's users come later than planned: their number ends the phase, not its time.
    load: `<arrivalphase phase="1" duration="${3 * arrivalSeconds + 10}" unit="second">
      <users arrivalrate="${users / arrivalSeconds}" unit="second" maxnumber="${users}"/>
    </arrivalphase>`,
    type: 'ts_mqtt',
    // The connections of earlier runs keep the ports of 127.0.0.1 for a minute.
    sources: 4,
    session: `<request><mqtt type="connect" keepalive="600"/></request>
      <request><mqtt type="subscribe" topic="bench/idle" qos="1"/></request>
      <request><mqtt type="waitForMessages" timeout="600"/></request>`,
  })
}

/** KiB PSS of one: what they share counts divided by all of them. */
async function weighSubscribers(port: number): Promise<number> {
  const command = ['mosquitto_sub', '-p', String(port), '-t', 'bench/idle', '-q', '1']
  const children = Array.from({ length: subscribers }, () => start(1, command))
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const bytes = children.map(({ pid }) => memoryOf(pid!)?.pssBytes ?? 0)
  for (const child of children) child.kill()
  return median(bytes) / 1024
}
