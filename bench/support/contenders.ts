/** The same HTTP load by tsts and by each peer that can make it: one request again and again, as fast as answers come. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, type PeerName } from './peers.ts'
import { type Finished, run } from './processes.ts'
import { assertAllAnswered, launchersCpuMs, runTsts } from './run-tsts.ts'
import { closedLoad, forever, scenario } from './scenario.ts'

export interface Round {
  /** Answers per second. */
  readonly rate: number
  readonly answers: number
  /** CPU of the client for them: of the launcher for tsts, of the whole program for peers. */
  readonly cpuMs: number
}

export interface Contender {
  readonly name: string
  run(): Promise<Round>
}

export interface HttpLoad {
  readonly users: number
  readonly seconds: number
  readonly port: number
  readonly path: string
  readonly tls: boolean
  /** One request a connection, from 60 source addresses where the client knows them (tsts and Tsung). */
  readonly close: boolean
  /** Bytes of a POST; 0: GET. */
  readonly bodyBytes: number
}

const clientCore = 1
const sourceAddresses = 60
/** Sessions that h2load is to play, for each second that the others take. */
const countedSessions = 10_000
/** Users of locust take up to 100 ms each to make their TLS contexts. */
const locustStartSeconds = 8
/** Names their Erlang nodes. */
let tsungRuns = 0
type Play = (load: HttpLoad, folder: string) => Promise<Round>

/**
 * @param names peers that are wanted; absent ones are left out
 * @returns tsts first
 */
export function contenders(
  load: HttpLoad,
  folder: string,
  names: readonly PeerName[],
): readonly Contender[] {
  const plays: readonly (readonly ['tsts' | PeerName, Play])[] = [
    ['tsts', playTsts],
    ...names.filter(isInstalled).map((name) => [name, peers[name]] as const),
  ]
  return plays.map(([name, play]) => ({ name, run: () => play(load, folder) }))
}

const peers: { readonly [Name in PeerName]: Play } = {
  wrk: async (load, folder) => {
    const post = join(folder, 'post.lua')
    writeFileSync(post, `wrk.method = "POST"\nwrk.body = "${body(load)}"\n`)
    const { output, cpuMs } = await runPeer(load, [
      'wrk',
      '-t1',
      `-c${load.users}`,
      `-d${load.seconds}s`,
      ...(load.bodyBytes > 0 ? ['-s', post] : []),
      ...closing(load),
      url(load),
    ])
    refuse(output, /Non-2xx.*: (\d+)/, 'wrk')
    return roundOf(rateIn(output, /Requests\/sec:\s+([\d.]+)/), cpuMs, load)
  },
  h2load: async (load, folder) => {
    const { output, cpuMs } = await runPeer(load, [
      'h2load',
      '--h1',
      '-t1',
      `-c${load.users}`,
      // By time it stops for ever when connections are closed.
      load.close ? `-n${load.seconds * countedSessions}` : `-D${load.seconds}`,
      ...(load.bodyBytes > 0 ? ['-d', bodyFile(load, folder)] : []),
      ...closing(load),
      url(load),
    ])
    refuse(output, /(\d+) failed/, 'h2load')
    refuse(output, /(\d+) 4xx/, 'h2load')
    const rate = rateIn(output, /finished in [^,]+, ([\d.]+) req\/s/)
    const answers = rateIn(output, /(\d+) 2xx/)
    return { rate, answers, cpuMs }
  },
  hey: async (load, folder) => {
    const { output, cpuMs } = await runPeer(load, [
      'hey',
      '-cpus',
      '1',
      '-c',
      String(load.users),
      '-z',
      `${load.seconds}s`,
      ...(load.bodyBytes > 0 ? ['-m', 'POST', '-D', bodyFile(load, folder)] : []),
      ...(load.close ? ['-disable-keepalive'] : []),
      url(load),
    ])
    return roundOf(rateIn(output, /Requests\/sec:\s+([\d.]+)/), cpuMs, load)
  },
  autocannon: async (load, folder) => {
    const { output, cpuMs } = await runPeer(load, [
      'autocannon',
      '-c',
      String(load.users),
      '-d',
      String(load.seconds),
      ...(load.bodyBytes > 0 ? ['-m', 'POST', '-i', bodyFile(load, folder)] : []),
      ...closing(load),
      '-j',
      url(load),
    ])
    const told = JSON.parse(/^\{.*\}$/ms.exec(output)![0]) as {
      readonly requests: { readonly total: number }
      readonly non2xx: number
      readonly duration: number
    }
    if (told.non2xx > 0) throw new Error(`autocannon had ${told.non2xx} other answers than 2xx`)
    return roundOf(told.requests.total / told.duration, cpuMs, load)
  },
  locust: async (load, folder) => {
    const file = join(folder, 'locustfile.py')
    writeFileSync(file, locustFile(load))
    return runLocust(file, load)
  },
  tsung: async (load, folder) => {
    const file = join(folder, 'tsung.xml')
    writeFileSync(file, scenarioOf(load))
    return runTsung(file, folder, load.seconds)
  },
}

async function playTsts(load: HttpLoad, folder: string): Promise<Round> {
  const file = join(folder, 'tsts.xml')
  writeFileSync(file, scenarioOf(load))
  return playFile(file, folder, load.seconds)
}

/** tsts plays a scenario that `load/@duration` cuts after `seconds`. */
export async function playFile(file: string, folder: string, seconds: number): Promise<Round> {
  const summary = await runTsts(clientCore, file, folder)
  assertAllAnswered(summary)
  const answers = summary.metrics['request']!.count
  return { rate: answers / seconds, answers, cpuMs: launchersCpuMs(summary) }
}

/** Debian's Tsung plays a scenario that `load/@duration` cuts after `seconds`. */
export async function runTsung(file: string, folder: string, seconds: number): Promise<Round> {
  const { counts, cpuMs } = await tsungCounts(file, folder)
  const answers = counts['200'] ?? 0
  return { rate: answers / seconds, answers, cpuMs }
}

export interface TsungCounts {
  /** What tsung.log says last of each counter. */
  readonly counts: { readonly [counter: string]: number }
  readonly cpuMs: number
}

export async function tsungCounts(file: string, folder: string): Promise<TsungCounts> {
  const logs = mkdtempSync(join(folder, 'tsung-'))
  const id = `bench${process.pid}x${tsungRuns++}`
  const command = ['tsung', '-f', file, '-l', logs, '-i', id, '-n', '-w', '0', 'start']
  const { cpuMs } = await run(clientCore, command)
  return { counts: readTsungLog(logs), cpuMs }
}

/** @param logs of one run: the folder that `-l` named */
export function readTsungLog(logs: string): TsungCounts['counts'] {
  const log = readFileSync(join(logs, readdirSync(logs)[0]!, 'tsung.log'), 'utf8')
  const counts: { [counter: string]: number } = {}
  for (const [, name, total] of log.matchAll(/^stats: (\w+) \d+ (\d+)$/gm)) {
    counts[name!] = Number(total)
  }
  return counts
}

/** @param file starts with `locustHead` */
export async function runLocust(
  file: string,
  load: Pick<HttpLoad, 'users' | 'seconds'>,
): Promise<Round> {
  const { users, seconds } = load
  const { output, cpuMs } = await runPeer(load, [
    'locust',
    '-f',
    file,
    '--headless',
    '--only-summary',
    '-u',
    String(users),
    '-r',
    String(users),
    '-t',
    `${seconds + locustStartSeconds}s`,
  ])
  refuse(output, /failures=(\d+)/, 'locust')
  const answers = rateIn(output, /answers=(\d+)/)
  return { rate: rateIn(output, /rate=([\d.]+)/), answers, cpuMs }
}

/** Around the class of a locustfile: the rate is that of the last whole seconds, after all users have started. */
export const locustHead = (
  seconds: number,
): string => `from locust import FastHttpUser, constant, events, task

@events.quitting.add_listener
def tell(environment, **_):
    total = environment.stats.total
    by_second = total.num_reqs_per_sec
    span = range(min(by_second, default=0), max(by_second, default=0) + 1)
    counts = [by_second.get(at, 0) for at in span]
    whole = (counts[1:-1] or counts)[-${seconds}:]
    rate = sum(whole) / max(1, len(whole))
    print(f"answers={total.num_requests} rate={rate} failures={total.num_failures}", flush=True)

`

function locustFile(load: HttpLoad): string {
  const headers = load.close ? ', headers={"Connection": "close"}' : ''
  const call =
    load.bodyBytes > 0
      ? `self.client.post("${load.path}", data="${body(load)}"${headers})`
      : `self.client.get("${load.path}"${headers})`
  return `${locustHead(load.seconds)}class Bench(FastHttpUser):
    host = "${url(load).slice(0, -load.path.length)}"
    insecure = True
    wait_time = constant(0)

    @task
    def ask(self):
        ${call}
`
}

/** `users` users that ask as fast as they are answered until the run is cut. */
function scenarioOf(load: HttpLoad): string {
  const { users, seconds, port, tls, close } = load
  const header = close ? '<http_header name="Connection" value="close"/>' : ''
  const what = load.bodyBytes > 0 ? `method="POST" contents="${body(load)}"` : 'method="GET"'
  return scenario({
    port,
    tls,
    sources: close ? sourceAddresses : 0,
    ...closedLoad(users, seconds),
    session: forever(`<request><http url="${load.path}" ${what}>${header}</http></request>`),
  })
}

/** A peer that hangs is named, not waited for. */
function runPeer(
  { seconds }: Pick<HttpLoad, 'seconds'>,
  command: readonly string[],
): Promise<Finished> {
  return run(clientCore, command, { deadlineMs: (4 * seconds + 30) * 1000 })
}

function url({ tls, port, path }: HttpLoad): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}${path}`
}

function body({ bodyBytes }: HttpLoad): string {
  return 'b'.repeat(bodyBytes)
}

function bodyFile(load: HttpLoad, folder: string): string {
  const file = join(folder, 'body')
  writeFileSync(file, body(load))
  return file
}

function closing({ close }: HttpLoad): readonly string[] {
  return close ? ['-H', 'Connection: close'] : []
}

function roundOf(rate: number, cpuMs: number, { seconds }: HttpLoad): Round {
  return { rate, answers: rate * seconds, cpuMs }
}

function rateIn(output: string, what: RegExp): number {
  const found = what.exec(output)
  if (found === null) throw new Error(`no figure in what a peer printed:\n${output}`)
  return Number(found[1])
}

/** @param count of answers that should not be there; not matched: none */
function refuse(output: string, count: RegExp, name: string): void {
  const found = Number(count.exec(output)?.[1] ?? 0)
  if (found > 0) throw new Error(`${name} had ${found} failures:\n${output}`)
}
