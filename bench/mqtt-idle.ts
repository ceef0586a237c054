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
import {
  few,
  holdSeconds,
  idleScenario,
  holders as launcherAndVm,
  memoryWhileIdle,
} from './support/held.ts'
import { memoryOf } from './support/memory.ts'
import { startMosquitto } from './support/mosquitto.ts'
import { options } from './support/options.ts'
import { absent, isInstalled } from './support/peers.ts'
import { start, withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { readSummary, tstsCommand } from './support/run-tsts.ts'

const arrivalsASecond = 1500
const holders = { ...launcherAndVm, 'npm mqtt': 'mqtt-peer.mjs' } as const
/** Processes of mosquitto_sub that are weighed. */
const subscribers = 20
const budget: Budget = { of: 'ours', better: 'lower', must: 8, wish: 5 }
const peerScript = fileURLToPath(new URL('support/mqtt-peer.mjs', import.meta.url))

const { pairs, users: many, json } = options({ pairs: 3, users: 15_000 })

type Program = 'tsts' | 'npm mqtt' | 'tsung'

await withFolder(async (folder) => {
  const { port } = await startMosquitto(folder, 0)
  const programs: readonly Program[] = [
    ...(['tsts', 'npm mqtt'] as const),
    ...(isInstalled('tsung') ? (['tsung'] as const) : []),
  ]
  const figures = new Map<string, number[]>(programs.map((name) => [name, []]))
  const missing: string[] = [...absent(['tsung'])]
  for (let pair = 0; pair < pairs; pair++) {
    for (const program of programs) {
      const list = figures.get(program)
      if (list === undefined) continue
      try {
        list.push(await perUser(program, folder, port))
        console.error(`${program.padEnd(8)} ${list.at(-1)!.toFixed(2)} KiB RSS`)
      } catch (error) {
        if (program === 'tsts') throw error
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
  const { rssBytes } = await memoryWhileIdle(command, holders[program])
  const connected = connectedOf(program, logs, users)
  if (connected < users) throw new Error(`only ${connected} of ${users} users were connected`)
  return rssBytes
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
  const session = `<request><mqtt type="connect" keepalive="600"/></request>
      <request><mqtt type="subscribe" topic="bench/idle" qos="1"/></request>
      <request><mqtt type="waitForMessages" timeout="600"/></request>`
  writeFileSync(file, idleScenario(users, arrivalSeconds, { port, type: 'ts_mqtt', session }))
  return program === 'tsts'
    ? tstsCommand(file, logs)
    : ['tsung', '-f', file, '-l', logs, '-i', `idle${process.pid}`, '-n', '-w', '0', 'start']
}

/** npm's client fails when one of its users is not connected to the end. */
function connectedOf(program: Program, logs: string, users: number): number {
  if (program === 'npm mqtt') return users
  if (program === 'tsung') return readTsungLog(logs)['mqtt_connected'] ?? 0
  return readSummary(logs).gauges['connected']!.max
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
