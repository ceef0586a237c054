/**
 * Claim w: WebSocket messages said back per second of one core, and memory of an idle user, beside npm's `ws` client and
 * Tsung. The server on core 0, the client on core 1, each user one message at a time; all in turn in the same run.
 *
 * `npm run bench:websocket -- [--pairs 5] [--seconds 5] [--users N] [--bytes 64] [--idle 15000] [--json]`;
 * `--idle 1` leaves memory out
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contender, type Round, readTsungLog } from './support/contenders.ts'
import { median } from './support/figures.ts'
import { few, holders, holdSeconds, idleScenario, memoryWhileIdle } from './support/held.ts'
import type { Memory } from './support/memory.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { absent, isInstalled } from './support/peers.ts'
import { run, withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import {
  type BenchSummary,
  launchersCpuMs,
  readSummary,
  runTsts,
  tstsCommand,
} from './support/run-tsts.ts'
import { closedLoad, forever, scenario } from './support/scenario.ts'
import { startWebSocketServer, type WebSocketServer } from './support/websocket-server.ts'

const wsClient = fileURLToPath(new URL('support/ws-client.mjs', import.meta.url))
/** Of idle users, a second. */
const arrivalRate = 1500
const rateBudgets: { readonly [peer: string]: Budget } = {
  tsung: { of: 'ratio', better: 'higher', must: 2, wish: 4 },
}
const memoryBudget: Budget = { of: 'ours', better: 'lower', must: 8, wish: 5 }
const connect = '<request><websocket type="connect" path="/"></websocket></request>'

const flags = options({ pairs: 5, seconds: 5, users: Infinity, bytes: 64, idle: 15_000 })
const { pairs, seconds, bytes, idle, json } = flags
const counts = Number.isFinite(flags.users) ? [flags.users] : [50, 1000]

await withFolder(async (folder) => {
  const server = await startWebSocketServer(0)
  const rows: Row[] = []
  const missing = [...absent(['tsung'])]
  for (const users of counts) {
    const compared = await compare({
      claim: 'w',
      what: `WebSocket echo of ${bytes} bytes, ${users} users`,
      contenders: contenders(users, server, folder),
      nginx: server,
      pairs,
      budgets: rateBudgets,
    })
    rows.push(...compared.rows)
    missing.push(...compared.failed)
  }
  const memory = await idleRows(server, folder)
  print(
    {
      script: 'websocket.ts',
      rows: [...rows, ...memory.rows],
      missing: [...missing, ...memory.failed],
    },
    json,
  )
  await server.stop()
})

function contenders(
  users: number,
  { port }: WebSocketServer,
  folder: string,
): readonly Contender[] {
  const file = join(folder, `echo-${users}.xml`)
  const message = `<request><websocket type="message" frame="text">${'x'.repeat(bytes)}</websocket></request>`
  const session = connect + forever(message)
  const load = closedLoad(users, seconds)
  writeFileSync(file, scenario({ port, ...load, type: 'ts_websocket', session }))
  const tsung: Contender = { name: 'tsung', run: () => tsungRound(file, folder, users) }
  return [
    { name: 'tsts', run: () => tstsRound(file, folder, users) },
    { name: 'ws', run: () => wsRound(port, users) },
    ...(isInstalled('tsung') ? [tsung] : []),
  ]
}

async function tstsRound(file: string, folder: string, users: number): Promise<Round> {
  const summary = await runTsts(1, file, folder)
  refuseErrors(summary)
  return roundOf(summary.metrics['request']!.count - users, launchersCpuMs(summary))
}

function refuseErrors({ counters }: BenchSummary): void {
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('error_'))
  if (errors.length > 0) throw new Error(`errors: ${JSON.stringify(errors)}`)
}

async function wsRound(port: number, users: number): Promise<Round> {
  const given = [port, users, seconds, bytes, 0].map(String)
  const { output, cpuMs } = await run(1, [process.execPath, wsClient, ...given])
  return roundOf(Number(/answers=(\d+)/.exec(output)![1]), cpuMs)
}

async function tsungRound(file: string, folder: string, users: number): Promise<Round> {
  const logs = mkdtempSync(join(folder, 'tsung-'))
  const command = [
    'tsung',
    '-f',
    file,
    '-l',
    logs,
    '-i',
    `ws${process.pid}`,
    '-n',
    '-w',
    '0',
    'start',
  ]
  const { cpuMs } = await run(1, command)
  return roundOf(tsungRequests(logs) - users, cpuMs)
}

/** A sample's last line gives the count of its interval and, last, that of the intervals before. */
function tsungRequests(logs: string): number {
  const log = readFileSync(join(logs, readdirSync(logs)[0]!, 'tsung.log'), 'utf8')
  const last = [...log.matchAll(/^stats: request (.*)$/gm)].at(-1)?.[1]?.split(' ').map(Number)
  return last === undefined ? 0 : last[0]! + last.at(-1)!
}

function roundOf(answers: number, cpuMs: number): Round {
  return { rate: answers / seconds, answers, cpuMs }
}

async function idleRows(
  server: WebSocketServer,
  folder: string,
): Promise<{ readonly rows: readonly Row[]; readonly failed: readonly string[] }> {
  if (idle <= few) return { rows: [], failed: [] }
  const programs = ['tsts', 'ws', ...(isInstalled('tsung') ? (['tsung'] as const) : [])] as const
  const measured = new Map<string, Memory[]>(programs.map((name) => [name, []]))
  const failed: string[] = []
  for (let pair = 0; pair < pairs; pair++) {
    for (const program of programs) {
      const list = measured.get(program)
      if (list === undefined) continue
      try {
        list.push(await perUser(program, server, folder))
      } catch (error) {
        if (program === 'tsts') throw error
        measured.delete(program)
        failed.push(`idle users: ${program} is left out: ${(error as Error).message}`)
      }
    }
  }
  const kib = (list: readonly Memory[], of: keyof Memory): readonly number[] =>
    list.map((memory) => memory[of] / 1024)
  const ours = measured.get('tsts')!
  const rows = ['ws', 'tsung'].flatMap((name): Row[] => {
    const theirs = measured.get(name)
    if (theirs === undefined) return []
    return [
      {
        claim: 'w',
        what: `idle WebSocket user, ${idle} in one process`,
        unit: 'KiB RSS a user',
        ours: kib(ours, 'rssBytes'),
        peer: { name, values: kib(theirs, 'rssBytes') },
        budget: memoryBudget,
        note: `tsts: ${median(kib(ours, 'pssBytes')).toFixed(2)} KiB PSS a user`,
      },
    ]
  })
  return { rows, failed }
}

type Program = 'tsts' | 'ws' | 'tsung'

async function perUser(program: Program, server: WebSocketServer, folder: string): Promise<Memory> {
  const base = await held(program, few, server, folder)
  const full = await held(program, idle, server, folder)
  const each = (of: keyof Memory): number => (full[of] - base[of]) / (idle - few)
  const memory = { rssBytes: each('rssBytes'), pssBytes: each('pssBytes') }
  console.error(`${program.padEnd(10)} ${(memory.rssBytes / 1024).toFixed(2)} KiB RSS an idle user`)
  return memory
}

async function held(
  program: Program,
  users: number,
  { port }: WebSocketServer,
  folder: string,
): Promise<Memory> {
  const arrivalSeconds = Math.ceil(users / arrivalRate)
  const logs = mkdtempSync(join(folder, `${program}-`))
  const file = join(folder, `idle-${users}.xml`)
  const steps =
    '<request><websocket type="message">hello</websocket></request><thinktime value="600"/>'
  const parts = { port, type: 'ts_websocket', session: `${connect}${steps}` }
  writeFileSync(file, idleScenario(users, arrivalSeconds, parts))
  const seconds = arrivalSeconds + holdSeconds
  if (program === 'ws') {
    const given = [port, users, seconds, 0, arrivalRate].map(String)
    const command = [process.execPath, wsClient, ...given]
    return memoryWhileIdle(command, 'ws-client.mjs')
  }
  const command =
    program === 'tsts'
      ? tstsCommand(file, logs)
      : ['tsung', '-f', file, '-l', logs, '-i', `wsidle${process.pid}`, '-n', '-w', '0', 'start']
  const memory = await memoryWhileIdle(command, holders[program])
  if (program === 'tsts') {
    const connected = readSummary(logs).gauges['connected']!.max
    if (connected < users) throw new Error(`only ${connected} of ${users} users were connected`)
  } else {
    const opened = readTsungLog(logs)['websocket_succ'] ?? 0
    if (opened < users) throw new Error(`Tsung opened only ${opened} of ${users} WebSockets`)
  }
  return memory
}
