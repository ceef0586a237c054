/** Answers what the controller wants to know of this host (`tsts doctor`). */
import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { loadavg, networkInterfaces, userInfo } from 'node:os'
import { unreachable } from '../core/json.ts'
import {
  type Answer,
  type ClockAnswer,
  maxSpinMs,
  maxTransfer,
  type NetworkInterface,
  type OtherRun,
  type PortsAnswer,
  type Question,
  type SystemAnswer,
} from '../core/wire/probe.ts'
import { epochMs, hostClockOffsetMs } from './clock.ts'
import { probeCpu } from './probe-cpu.ts'
import { bindAddresses, reachTargets } from './probe-network.ts'
import { readText } from './read-text.ts'

/** Listening ports that are named. */
const maxListening = 20

/**
 * Never rejects: what cannot be found out is told as `refused`.
 *
 * @param folder of this agent's run
 */
export async function answerTo(question: Question, folder: string): Promise<Answer> {
  try {
    return await answer(question, folder)
  } catch (error) {
    return { type: 'refused', text: (error as Error).message }
  }
}

async function answer(question: Question, folder: string): Promise<Answer> {
  switch (question.type) {
    case 'clock':
      return clock()
    case 'system':
      return system()
    case 'cpu':
      return probeCpu(Math.min(question.spinMs, maxSpinMs))
    case 'addresses':
      return { type: 'addresses', addresses: await bindAddresses(question.addresses) }
    case 'targets':
      return { type: 'targets', targets: await reachTargets(question) }
    case 'ports':
      return portsIn(question.min, question.max)
    case 'runs':
      return { type: 'runs', runs: otherRuns(folder) }
    case 'take':
      return { type: 'take', characters: question.text.length }
    case 'give':
      return { type: 'give', text: randomText(Math.min(question.characters, maxTransfer)) }
    default:
      return unreachable(question)
  }
}

/** What nothing on its way can compress. */
function randomText(characters: number): string {
  return randomBytes(Math.ceil((characters * 3) / 4))
    .toString('base64')
    .slice(0, characters)
}

function clock(): ClockAnswer {
  // `epochMs` begins with the process and never jumps: the host's date is what its logs have.
  const told = Date.now()
  return {
    type: 'clock',
    epochMs: Math.abs(told - epochMs()) < 2 ? epochMs() : told,
    monotonicMs: performance.now() + hostClockOffsetMs,
  }
}

function system(): SystemAnswer {
  const { username, uid } = userInfo()
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo') ?? '')
  const [soft, hard] = loginDescriptors()
  return {
    type: 'system',
    user: username,
    isRoot: uid === 0,
    softDescriptors: soft,
    hardDescriptors: hard,
    fileMax: numberIn('/proc/sys/fs/file-max'),
    nrOpen: numberIn('/proc/sys/fs/nr_open'),
    memoryAvailableBytes: Number(available?.[1] ?? 0) * 1024,
    load1: loadavg()[0] ?? 0,
    somaxconn: numberIn('/proc/sys/net/core/somaxconn'),
    interfaces: interfaces(),
  }
}

/** Limits of what started the relay that started us: Node has raised its own. */
function loginDescriptors(): readonly [soft: number, hard: number] {
  const relay = parentOf(process.pid)
  const login = relay <= 1 ? 0 : parentOf(relay)
  const text = readText(`/proc/${login}/limits`) ?? readText('/proc/self/limits') ?? ''
  const match = /^Max open files\s+(\d+)\s+(\d+)/m.exec(text)
  const own = /^Max open files\s+\d+\s+(\d+)/m.exec(readText('/proc/self/limits') ?? '')
  return [Number(match?.[1] ?? 0), Number(own?.[1] ?? match?.[2] ?? 0)]
}

/** 0: unknown. Source: proc(5), /proc/pid/stat. */
function parentOf(pid: number): number {
  const text = readText(`/proc/${pid}/stat`) ?? ''
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

function interfaces(): readonly NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, each]) =>
    (each ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr, internal }) => ({
        name,
        address,
        prefix: Number(cidr?.split('/')[1] ?? 32),
        isLoopback: internal,
      })),
  )
}

/** Source: proc(5), /proc/net/tcp; state 0A is LISTEN. */
function portsIn(min: number, max: number): PortsAnswer {
  const taken = new Set<number>()
  const listening = new Set<number>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = readText(file) ?? ''
    for (const [, hex, state] of text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ (\S\S)/gm)) {
      const port = Number.parseInt(hex!, 16)
      if (port < min || port > max) continue
      taken.add(port)
      if (state === '0A') listening.add(port)
    }
  }
  const first = [...listening].sort((a, b) => a - b).slice(0, maxListening)
  return { type: 'ports', taken: taken.size, listening: first }
}

/** Agents of other runs in the same network: those of other containers take no port of ours. */
function otherRuns(folder: string): readonly OtherRun[] {
  const network = networkOf('self')
  const runs: OtherRun[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [program, role, run] = (readText(`/proc/${name}/cmdline`) ?? '').split('\0').slice(-4, -1)
    if (role !== 'agent' || run === undefined || run === folder) continue
    if (!program!.endsWith('launcher.mjs') || networkOf(name) !== network) continue
    runs.push({ pid: Number(name), folder: run })
  }
  return runs
}

/** Empty where it cannot be seen: another user's process. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return '' // it has ended, or is not ours
  }
}

function numberIn(path: string): number {
  // file-max may be 2^63 - 1.
  return Number(readText(path)?.trim() ?? 0)
}
