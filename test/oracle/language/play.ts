/** Plays a language scenario through Tsung or through tsts and tells what its target and its logs saw. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, type Outcome, tsts } from '../../support/dist.ts'
import { withShapes } from './shapes.ts'
import { type Conversations, Stage } from './stage.ts'

/** What golden files hold; texts are byte strings in which names stand for ports. */
export interface Observed {
  readonly conversations: Conversations
  /** Totals of counters, counts of samples, by name. */
  readonly totals: { readonly [name: string]: number }
  /** match.log, sorted: `session request event transaction name`. */
  readonly matches: readonly string[]
  /** tsung.dump without times and users; sorted unless its lines are packets. */
  readonly dump: readonly string[]
  /** What `do="dump"` kept: contents by `session-action`. */
  readonly kept: { readonly [name: string]: readonly string[] }
}

export interface Played extends Observed {
  /** Moments at which requests came, in ms, by session. */
  readonly moments: { readonly [session: string]: readonly number[] }
}

/** @param args more arguments, e.g. `-x TAG` */
export type Player = (
  scenario: string,
  logDir: string,
  folder: string,
  args: readonly string[],
) => Promise<Outcome>

/** @throws when the player ends with an error or leaves no log */
export async function observe(
  name: string,
  player: Player,
  args: readonly string[] = [],
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-language-'))
  const stage = await Stage.open()
  try {
    const template = readFileSync(new URL(`${name}.xml`, import.meta.url), 'utf8')
    const scenario = join(folder, `${name}.xml`)
    const logDir = join(folder, 'log')
    writeFileSync(scenario, stage.withPorts(template).replaceAll('FOLDER', folder))
    cpSync(new URL('files/', import.meta.url), folder, { recursive: true })
    const { code, stdout, stderr } = await player(scenario, logDir, folder, args)
    if (!soundCodes.includes(code))
      throw new Error(`${name} ended with ${code}:\n${stdout}${stderr}`)
    const run = readdirSync(logDir)[0]
    if (run === undefined)
      throw new Error(`${name} left nothing in its log folder:\n${stdout}${stderr}`)
    const observed = observedIn(join(logDir, run), stage)
    const kept = process.env['KEEP_ORACLE']
    if (kept !== undefined) cpSync(join(logDir, run), join(kept, name), { recursive: true })
    return { ...observed, moments: stage.moments }
  } finally {
    await stage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Debian's Tsung 1.7; `timeout` ends one that waits for ever. @param tsung path of the program */
export function tsungPlayer(tsung: string): Player {
  return (scenario, logDir, folder, args) => {
    const id = `tsts${process.pid}x${Date.now()}`
    const command = ['-f', scenario, '-l', logDir, '-n', '-w', '0', '-i', id, ...args, 'start']
    return execute('timeout', ['60', tsung, ...command], folder)
  }
}

/** 4, a suspect verdict, is no failure here: a machine that is busy otherwise makes launchers late. */
const soundCodes: readonly (number | null)[] = [0, 4]

export const tstsPlayer: Player = (scenario, logDir, folder, args) =>
  tsts(['run', scenario, '-l', logDir, '--no-live', ...args], folder)

function observedIn(run: string, stage: Stage): Observed {
  const text = (file: string): string =>
    existsSync(join(run, file)) ? readFileSync(join(run, file), 'latin1') : ''
  const named = (line: string): string => withShapes(stage.withNames(line))
  const conversations = Object.entries(stage.conversations).sort(([a], [b]) => compare(a, b))
  return {
    conversations: Object.fromEntries(
      conversations.map(([session, list]) => [
        session,
        list.map(({ server, requests }) => ({ server, requests: requests.map(withShapes) })),
      ]),
    ),
    totals: totalsOf(text('tsung.log')),
    matches: linesOf(text('match.log'))
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split(' ').slice(2).join(' '))
      .sort(compare),
    dump: dumpLines(text('tsung.dump') || localDumps(run)).map(named),
    kept: keptIn(run),
  }
}

/** Not compared: moments in time, and what Tsung says of its own machine (`{cpu,…}`). */
const unsteady = ['users', 'connected', 'newphase']

/**
 * Of the last record. A sample's line gives the count of its interval and, last, that of the intervals before;
 * Tsung may write `match` and `nomatch` on two lines, each with a part of the whole.
 */
function totalsOf(log: string): Observed['totals'] {
  const totals: { [name: string]: number } = {}
  const lastRecord = log.slice(log.lastIndexOf('# stats: dump at'))
  for (const [, name, rest] of lastRecord.matchAll(/^stats: (\S+) (.*)$/gm)) {
    if (unsteady.includes(name!) || name!.startsWith('{')) continue
    const numbers = rest!.split(' ').map(Number)
    const total = numbers.length === 7 ? numbers[0]! + numbers[6]! : numbers.at(-1)!
    totals[name!] = (totals[name!] ?? 0) + total
  }
  return Object.fromEntries(Object.entries(totals).sort(([a], [b]) => compare(a, b)))
}

/** Of the protocol forms all columns but date, pid, id and duration; of the others what kind of line and its bytes. */
function dumpLines(text: string): string[] {
  if (text === '') return []
  if (/^(#date|[\d.]+;)/.test(text)) {
    const rows = linesOf(text).map((line) => line.split(';'))
    return rows.map((row) => [...row.slice(3, 8), ...row.slice(9)].join(';')).sort(compare)
  }
  const packets = text.split(/^(?=(?:Send|Recv|NewClient|EndClient|load):)/m)
  return packets.map((packet) => {
    const [kind = ''] = packet.split(':', 1)
    const isBytes = kind === 'Send' || kind === 'Recv'
    return isBytes ? `${kind}:${packet.replace(/^\w+:[\d.]+:<[\d.]+>:/, '').slice(0, -1)}` : kind
  })
}

/** `protocol_local`: each launcher has its own. */
function localDumps(run: string): string {
  const files = readdirSync(run).filter((file) => /^tsung-\d+\.dump$/.test(file))
  return files.map((file) => readFileSync(join(run, file), 'latin1')).join('')
}

/** `match-USER-SESSION-ACTION-N.dump` */
function keptIn(run: string): Observed['kept'] {
  const kept: { [name: string]: string[] } = {}
  for (const file of readdirSync(run).sort(compare)) {
    const match = /^match-\d+-(\d+-\d+)-\d+\.dump$/.exec(file)
    if (match === null) continue
    kept[match[1]!] ??= []
    kept[match[1]!]!.push(readFileSync(join(run, file), 'latin1'))
  }
  return kept
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
