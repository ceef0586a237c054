/**
 * Requests per second of one core beside wrk, autocannon and Tsung: nginx on core 0, the client on core 1, all peers in
 * turn in the same run. Prints medians, spreads and the ratio pair by pair.
 *
 * With `--close` each request has a connection of its own (connect, one GET, close), from 60 source addresses where the
 * peer knows them (tsts and Tsung).
 *
 * `npx tsx bench/http.ts [--pairs 5] [--seconds 5] [--users 50] [--close]`. Installs nothing; says what is missing.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isInstalled, median, pinned, spread } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { runTsts } from './support/run-tsts.ts'

const serverCore = 0
const clientCore = 1

interface Contender {
  readonly name: string
  /** Requests per second. */
  run(): Promise<number>
}

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    users: { type: 'string', default: '50' },
    close: { type: 'boolean', default: false },
  },
})
const pairs = Number(values.pairs)
const seconds = Number(values.seconds)
const users = Number(values.users)
const closing = values.close ? ['-H', 'Connection: close'] : []

let tsungRuns = 0
const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const nginx = await startNginx(serverCore, 18_080)
try {
  const contenders = [...ours(nginx.port), ...peers(nginx.port)]
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let pair = 0; pair < pairs; pair++) {
    for (const { name, run } of contenders) rates.get(name)!.push(await run())
  }
  report(rates)
} finally {
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

function ours(port: number): Contender[] {
  const file = scenarioFile(port)
  let runs = 0
  const run = async (): Promise<number> => {
    const { metrics } = await runTsts(clientCore, file, join(folder, `tsts-${runs++}`))
    return metrics['request']!.count / seconds
  }
  return [{ name: 'tsts', run }]
}

function peers(port: number): Contender[] {
  const url = `http://127.0.0.1:${port}/`
  const found: Contender[] = []
  const add = (program: string, how: string, run: () => Promise<number>): void => {
    if (isInstalled(program)) found.push({ name: program, run })
    else console.log(`${program} is missing: ${how}`)
  }
  add('wrk', 'apt-get install wrk', async () => {
    const output = await pinned(clientCore, [
      'wrk',
      '-t1',
      `-c${users}`,
      `-d${seconds}s`,
      ...closing,
      url,
    ])
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)![1])
  })
  add('autocannon', 'npm install -g autocannon', async () => {
    const args = ['-c', String(users), '-d', String(seconds), ...closing, '-j', url]
    const output = await pinned(clientCore, ['autocannon', ...args])
    return (JSON.parse(/\{.*\}/s.exec(output)![0]) as { requests: { mean: number } }).requests.mean
  })
  add('tsung', 'apt-get install tsung', () => runTsung(scenarioFile(port)))
  return found
}

async function runTsung(file: string): Promise<number> {
  const logs = join(folder, `tsung-${tsungRuns++}`)
  mkdirSync(logs)
  const id = `bench${process.pid}x${tsungRuns}`
  await pinned(clientCore, ['tsung', '-f', file, '-l', logs, '-i', id, '-n', '-w', '0', 'start'])
  const log = readFileSync(join(logs, readdirSync(logs)[0]!, 'tsung.log'), 'utf8')
  const counts = [...log.matchAll(/^stats: 200 \d+ (\d+)/gm)]
  return Number(counts.at(-1)![1]) / seconds
}

/** `users` users that ask as fast as they are answered until the run is cut. */
function scenarioFile(port: number): string {
  const path = join(folder, 'scenario.xml')
  const static_ = `<user session="get" start_time="0" unit="second"/>`.repeat(users)
  const sources = values.close
    ? Array.from({ length: 60 }, (_, at) => `<ip value="127.0.1.${at + 1}"/>`).join('')
    : ''
  const header = values.close ? '<http_header name="Connection" value="close"/>' : ''
  writeFileSync(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="error">
  <clients><client host="localhost" use_controller_vm="true" maxusers="30000">${sources}</client></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="1" unit="hour"><users arrivalrate="1" unit="hour" maxnumber="1"/></arrivalphase>
    ${static_}
  </load>
  <sessions>
    <session name="get" probability="100" type="ts_http">
      <for var="i" from="1" to="1000000000"><request><http url="/" method="GET">${header}</http></request></for>
    </session>
  </sessions>
</tsung>
`,
  )
  return path
}

function report(rates: ReadonlyMap<string, readonly number[]>): void {
  const own = rates.get('tsts')!
  const what = values.close ? 'connect, GET, close' : 'keep-alive GET'
  console.log(`${what}: requests/s on one core, ${users} users, ${pairs} pairs of ${seconds} s`)
  for (const [name, list] of rates) {
    const ratio = median(own.map((rate, at) => rate / list[at]!))
    const beside = name === 'tsts' ? '' : `   tsts/${name} ${ratio.toFixed(2)}`
    console.log(`${name.padEnd(12)} ${spread(list).padStart(32)}${beside}`)
  }
  console.log(
    values.close
      ? 'budget: at least 1.8 times Tsung (wish 2.5)'
      : 'budget: at least 0.75 of wrk (wish 0.9), at least 2.5 times Tsung (wish 3.5)',
  )
}
