/**
 * Claim f: memory of an idle connected user in a launcher, HTTP, HTTP/2 and raw, TCP and TLS: a process with many users that
 * asked once and think, against one with few; over TCP Tsung's VM with the same file beside it. Resident memory (RSS) is what is
 * judged; the proportional one (PSS) is noted.
 *
 * `npm run bench:idle -- [--pairs 5] [--users 15000] [--json]`
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTsungLog } from './support/contenders.ts'
import { median } from './support/figures.ts'
import { few, holders, idleScenario, memoryWhileIdle } from './support/held.ts'
import type { Memory } from './support/memory.ts'
import { type Nginx, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { absent, isInstalled } from './support/peers.ts'
import { withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { readSummary, tstsCommand } from './support/run-tsts.ts'

/** A second; a TLS handshake costs a core some ms on both sides. */
const arrivalRate = { tcp: 1500, ssl: 400 } as const
const budget: Budget = { of: 'ours', better: 'lower', must: 8, wish: 5 }

const { pairs, users: many, json } = options({ pairs: 5, users: 15_000 })

type Program = 'tsts' | 'tsung'
interface Kind {
  readonly type: 'ts_http' | 'ts_raw'
  readonly tls: boolean
  /** Tsung does not speak it. */
  readonly http2?: true
}
const kinds: readonly Kind[] = [
  { type: 'ts_http', tls: false },
  { type: 'ts_http', tls: true },
  { type: 'ts_http', tls: false, http2: true },
  { type: 'ts_raw', tls: false },
  { type: 'ts_raw', tls: true },
]

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0, workers: 2, tls: true, http2: true })
  const rows: Row[] = []
  const missing = [...absent(['tsung'])]
  const bases = new Map<string, Memory>()
  for (const kind of kinds) {
    const name = `${kind.type.slice(3)} by ${kind.http2 ? 'HTTP/2, ' : ''}${kind.tls ? 'TLS' : 'TCP'}`
    const ours: Memory[] = []
    const theirs: Memory[] = []
    // By TLS its handshakes would take most of the time of the bench.
    let tsung = isInstalled('tsung') && !kind.http2 && !kind.tls
    for (let pair = 0; pair < pairs; pair++) {
      ours.push(await perUser('tsts', kind, bases, folder, nginx))
      if (!tsung) continue
      try {
        theirs.push(await perUser('tsung', kind, bases, folder, nginx))
      } catch (error) {
        tsung = false
        missing.push(`${name}: tsung is left out: ${(error as Error).message}`)
      }
    }
    rows.push(rowOf(name, kind, ours, tsung ? theirs : []))
  }
  print({ script: 'idle.ts', rows, missing }, json)
})

function rowOf(name: string, kind: Kind, ours: readonly Memory[], theirs: readonly Memory[]): Row {
  const kib = (list: readonly Memory[], of: keyof Memory): readonly number[] =>
    list.map((memory) => memory[of] / 1024)
  return {
    claim: 'f',
    what: `idle user, ${name}, ${many} in one process`,
    unit: 'KiB RSS a user',
    ours: kib(ours, 'rssBytes'),
    peer: theirs.length === 0 ? null : { name: 'tsung', values: kib(theirs, 'rssBytes') },
    budget: kind.type === 'ts_http' && !kind.tls && !kind.http2 ? budget : null,
    note: `tsts: ${median(kib(ours, 'pssBytes')).toFixed(2)} KiB PSS a user`,
  }
}

/** @param bases what a process with few users takes, by program and kind: measured once */
async function perUser(
  program: Program,
  kind: Kind,
  bases: Map<string, Memory>,
  folder: string,
  nginx: Nginx,
): Promise<Memory> {
  const key = `${program} ${kind.type} ${kind.tls} ${kind.http2 === true}`
  const base = bases.get(key) ?? (await held(program, kind, few, folder, nginx))
  bases.set(key, base)
  const full = await held(program, kind, many, folder, nginx)
  const each = (of: keyof Memory): number => (full[of] - base[of]) / (many - few)
  const memory = { rssBytes: each('rssBytes'), pssBytes: each('pssBytes') }
  console.error(`${program.padEnd(6)} ${kind.type} ${(memory.rssBytes / 1024).toFixed(2)} KiB RSS`)
  return memory
}

/** Memory of the process that holds the users, while all of them are connected. */
async function held(
  program: Program,
  kind: Kind,
  users: number,
  folder: string,
  nginx: Nginx,
): Promise<Memory> {
  const arrivalSeconds = Math.ceil(users / arrivalRate[kind.tls ? 'ssl' : 'tcp'])
  const file = join(folder, `idle-${users}.xml`)
  writeFileSync(file, scenarioText(kind, users, arrivalSeconds, nginx))
  const logs = mkdtempSync(join(folder, `${program}-`))
  const command =
    program === 'tsts'
      ? tstsCommand(file, logs)
      : ['tsung', '-f', file, '-l', logs, '-i', `idle${process.pid}`, '-n', '-w', '0', 'start']
  const memory = await memoryWhileIdle(command, holders[program])
  if (program === 'tsts') {
    const connected = readSummary(logs).gauges['connected']!.max
    if (connected < users) throw new Error(`only ${connected} of ${users} users were connected`)
  } else {
    const started = readTsungLog(logs)['users_count'] ?? 0
    if (started < users) throw new Error(`Tsung started only ${started} of ${users} users`)
  }
  return memory
}

/** Both ask nginx once; the raw one writes the request itself. */
function scenarioText(
  { type, tls, http2 }: Kind,
  users: number,
  arrivalSeconds: number,
  nginx: Nginx,
): string {
  const bytes = 'GET / HTTP/1.1&#13;&#10;Host: 127.0.0.1&#13;&#10;&#13;&#10;'
  const request =
    type === 'ts_http' ? '<http url="/" method="GET"/>' : `<raw data="${bytes}" ack="local"/>`
  return idleScenario(users, arrivalSeconds, {
    port: tls ? nginx.tlsPort : http2 ? nginx.http2Port : nginx.port,
    tls,
    options: http2 ? '<option type="ts_http" name="http_version" value="2"/>' : '',
    type,
    session: `<request>${request}</request><thinktime value="600"/>`,
  })
}
