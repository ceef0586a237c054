/**
 * How many connected users one machine holds: N HTTP users that each send a request every few minutes, over as many
 * launchers, source addresses and nginx workers as 20,000 descriptors a process and 28,000 ports an address ask for.
 * Prints connections held, memory by kind of process (PSS) and of the kernel, connect rate and errors.
 *
 * `npm run bench:million -- N [--rate 1500] [--hold 60] [--json]`: users that arrive a second, seconds that all are held.
 * Stops by itself when less than 1 GiB of memory is left. It uses all cores.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './support/figures.ts'
import { type KernelMemory, kernelMemory, memoryOf, mib } from './support/memory.ts'
import { paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { finished, marked, start, withFolder } from './support/processes.ts'
import { print, type Row } from './support/results.ts'
import { type BenchSummary, okCodes, readSummary, tstsCommand } from './support/run-tsts.ts'

const usersALauncher = 14_000
/** A successor would be started at 80 % of it. */
const maxusers = 18_000
const connectionsAWorker = 18_000
const usersASource = 20_000
const leastLeftBytes = 1024 ** 3
const sampleMs = 2000

const kinds = ['launchers', 'agent', 'controller', 'target'] as const
type Kind = (typeof kinds)[number]

interface Sample {
  readonly atMs: number
  readonly pssBytes: { readonly [K in Kind]: number }
  readonly kernel: KernelMemory
}

const { users, rate, hold, json } = options({ users: 20_000, rate: 1500, hold: 60 }, 'users')
const rampSeconds = Math.ceil(users / rate)
const launchers = Math.ceil(users / usersALauncher)
const workers = Math.max(2, Math.ceil(users / connectionsAWorker))

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: null, workers })
  const before = kernelMemory()
  const file = join(folder, 'million.xml')
  writeFileSync(file, scenarioText(nginx.port))
  const logs = mkdtempSync(join(folder, 'million-'))
  const command = tstsCommand(file, logs)
  const child = start(null, command)
  const ended = finished(child, command, okCodes)
  const samples: Sample[] = []
  let isShort = false
  const sampling = setInterval(() => {
    const sample = take()
    samples.push(sample)
    const held = (sample.kernel.tcpSockets - before.tcpSockets) / 2
    console.error(
      `${Math.round(held).toLocaleString('en')} connections, ` +
        `${mib(sample.kernel.availableBytes)} MiB of memory left`,
    )
    if (sample.kernel.availableBytes < leastLeftBytes && !isShort) {
      isShort = true
      child.kill('SIGINT')
      // The second one ends without waiting for users that think.
      setTimeout(() => child.kill('SIGINT'), 1000)
    }
  }, sampleMs)
  try {
    await ended
  } catch (error) {
    if (isShort) throw new Error('stopped: less than 1 GiB of memory was left', { cause: error })
    throw error
  } finally {
    clearInterval(sampling)
  }
  const summary = readSummary(logs)
  print({ script: 'million.ts', rows: rowsOf(summary, samples, before), missing: [] }, json)
})

/** Shared pages are divided among those who share them. */
function take(): Sample {
  const pssBytes = { launchers: 0, agent: 0, controller: 0, target: 0 }
  for (const { pid, command } of marked()) {
    pssBytes[kindOf(command)] += memoryOf(pid)?.pssBytes ?? 0
  }
  return { atMs: performance.now(), pssBytes, kernel: kernelMemory() }
}

function kindOf(command: string): Kind {
  if (command.includes('launcher.mjs launcher')) return 'launchers'
  if (command.includes('launcher.mjs')) return 'agent'
  return command.includes('nginx') ? 'target' : 'controller'
}

function rowsOf(
  { counters, gauges, metrics, load }: BenchSummary,
  samples: readonly Sample[],
  before: KernelMemory,
): readonly Row[] {
  const connected = gauges['connected']?.max ?? 0
  const sockets = (sample: Sample): number => (sample.kernel.tcpSockets - before.tcpSockets) / 2
  const most = Math.max(...samples.map(sockets))
  const full = held(samples)
  const middle = (of: (sample: Sample) => number): number => median(full.map(of))
  const row = (what: string, unit: string, value: number, note = ''): Row => ({
    ...{ claim: 'million', what: `${users.toLocaleString('en')} users: ${what}`, unit },
    ...{ ours: [value], peer: null, budget: null, note },
  })
  const memory = (what: string, bytes: number): Row =>
    row(what, 'MiB', bytes / 1024 ** 2, `${(bytes / 1024 / connected).toFixed(2)} KiB a user`)
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('error_'))
  const named = errors.map(([name, count]) => `${name} ${count}`).join(', ')
  const connect = metrics['connect']
  return [
    row(
      'connected at once',
      'users',
      connected,
      `${load.startedUsers} started, ${most} by the kernel, which counts all of the machine`,
    ),
    row(
      'errors',
      'errors',
      errors.reduce((sum, [, count]) => sum + count, 0),
      named,
    ),
    row(
      'connect rate',
      'users/s',
      connectRate(samples, sockets),
      `asked for ${rate}/s; connect p99 ${connect?.p99} ms`,
    ),
    row('requests answered', 'requests', metrics['request']?.count ?? 0),
    ...kinds.map((kind) =>
      memory(
        kind === 'launchers' ? `${launchers} launchers` : kind,
        middle(({ pssBytes }) => pssBytes[kind]),
      ),
    ),
    memory(
      'kernel slab, both ends',
      middle(({ kernel }) => kernel.slabBytes - before.slabBytes),
    ),
    memory(
      'TCP buffers',
      middle(({ kernel }) => kernel.tcpBytes - before.tcpBytes),
    ),
    memory(
      'all that the whole machine took',
      middle(({ kernel }) => before.availableBytes - kernel.availableBytes),
    ),
  ]
}

/** Samples after the ramp and before the cut: by time, for sockets are counted on the whole machine. */
function held(samples: readonly Sample[]): readonly Sample[] {
  const startMs = samples.find(({ pssBytes }) => pssBytes.launchers > 0)?.atMs ?? 0
  const [from, to] = [startMs + (rampSeconds + 4) * 1000, startMs + (rampSeconds + hold - 2) * 1000]
  const found = samples.filter(({ atMs }) => atMs >= from && atMs <= to)
  if (found.length === 0) throw new Error('--hold is too short: no sample while all were held')
  return found
}

/** Median over the samples between 5 % and 95 % of all connections. */
function connectRate(samples: readonly Sample[], sockets: (sample: Sample) => number): number {
  const rates = samples.slice(1).flatMap((sample, at) => {
    const [from, to] = [sockets(samples[at]!), sockets(sample)]
    const isRamp = from > 0.05 * users && to < 0.95 * users && to > from
    return isRamp ? [((to - from) / (sample.atMs - samples[at]!.atMs)) * 1000] : []
  })
  return rates.length === 0 ? Number.NaN : median(rates)
}

function scenarioText(port: number): string {
  // Other benches leave closed connections behind on 127.0.1.x.
  const sources = Math.ceil(users / usersASource)
  const addresses = Array.from({ length: sources }, (_, at) => `<ip value="127.0.2.${at + 1}"/>`)
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" cpu="${launchers}" maxusers="${maxusers}">${addresses.join('')}</client></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="${rampSeconds + hold}" unit="second">
    <arrivalphase phase="1" duration="${rampSeconds}" unit="second">
      <users arrivalrate="${users / rampSeconds}" unit="second" maxnumber="${users}"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="chat" probability="100" type="ts_http">
      <for var="i" from="1" to="1000000">
        <request><http url="${paths.hello}" method="GET"/></request>
        <thinktime min="240" max="480" random="true"/>
      </for>
    </session>
  </sessions>
</tsung>
`
}
