/** Plays an oracle scenario through Tsung or through tsts and tells what the target and the log saw. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, type Outcome, tsts } from '../support/dist.ts'
import { OracleTarget, type Seen } from './target.ts'

/** What golden files hold. */
export interface Observed {
  /** Byte strings; each user's in order, the users sorted by what they sent. */
  readonly users: readonly (readonly Seen[])[]
  /** Totals of counters, counts of samples, by name. */
  readonly totals: { readonly [name: string]: number }
}

export type Player = (scenario: string, logDir: string, folder: string) => Promise<Outcome>

/** What the scenarios are played against. */
export interface Target {
  /** In the order of arrival. */
  readonly seen: readonly Seen[]
  /** Names of servers replaced by their ports. */
  withPorts(text: string): string
  close(): Promise<void>
}

/** @throws when the player ends with an error or leaves no log */
export async function observe(
  name: string,
  player: Player,
  open: () => Promise<Target> = () => OracleTarget.open(),
): Promise<Observed> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-oracle-'))
  const target = await open()
  try {
    const template = readFileSync(new URL(`${name}.xml`, import.meta.url), 'utf8')
    const scenario = join(folder, `${name}.xml`)
    const logDir = join(folder, 'log')
    writeFileSync(scenario, target.withPorts(template))
    cpSync(new URL('body.bin', import.meta.url), join(folder, 'body.bin'))
    const { code, stdout, stderr } = await player(scenario, logDir, folder)
    if (!soundCodes.includes(code))
      throw new Error(`${name} ended with ${code}:\n${stdout}${stderr}`)
    const run = readdirSync(logDir)[0]
    if (run === undefined) throw new Error(`${name} left nothing in its log folder`)
    const log = readFileSync(join(logDir, run, 'tsung.log'), 'utf8')
    return { users: usersOf(template, target.seen), totals: totalsOf(log) }
  } finally {
    await target.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Debian's Tsung 1.7, which may wait for ever: it has 60 s. @param tsung path of the program */
export function tsungPlayer(tsung: string): Player {
  return (scenario, logDir, folder) => {
    const id = `tsts${process.pid}x${Date.now()}`
    return execute(
      tsung,
      ['-f', scenario, '-l', logDir, '-n', '-w', '0', '-i', id, 'start'],
      folder,
    )
  }
}

/** 4, a suspect verdict, is no failure here: a machine that is busy otherwise makes launchers late. */
export const soundCodes: readonly (number | null)[] = [0, 4]

export const tstsPlayer: Player = (scenario, logDir, folder) =>
  tsts(['run', scenario, '-l', logDir, '--no-live', '--seed', '1'], folder)

/** One user may use many connections; of several users each has its own, made in an order that varies. */
function usersOf(scenario: string, seen: readonly Seen[]): Seen[][] {
  if (/maxnumber="1"/.test(scenario)) return [[...seen]]
  const byConnection = new Map<string, Seen[]>()
  for (const request of seen) {
    const key = `${request.server}/${request.connection}`
    const requests = byConnection.get(key)
    if (requests === undefined) byConnection.set(key, [request])
    else requests.push(request)
  }
  return [...byConnection.values()]
    .map((requests) => requests.map(({ server, bytes }) => ({ server, connection: 0, bytes })))
    .sort((a, b) => compare(textOf(a), textOf(b)))
}

function textOf(requests: readonly Seen[]): string {
  return requests.map(({ bytes }) => bytes).join('')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Not compared: moments in time, and what Tsung says of its own machine (`{cpu,…}`). */
const unsteady = ['users', 'connected', 'newphase']

/** A sample's last line gives the count of its interval and, last, that of the intervals before. */
export function totalsOf(log: string): Observed['totals'] {
  const totals: { [name: string]: number } = {}
  for (const [, name, rest] of log.matchAll(/^stats: (\S+) (.*)$/gm)) {
    if (unsteady.includes(name!) || name!.startsWith('{')) continue
    const numbers = rest!.split(' ').map(Number)
    totals[name!] = numbers.length === 7 ? numbers[0]! + numbers[6]! : numbers.at(-1)!
  }
  return Object.fromEntries(Object.entries(totals).sort(([a], [b]) => compare(a, b)))
}
