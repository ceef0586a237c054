/**
 * The processes and the folder of one bench. Whatever way it ends, Ctrl-C included, everything that it started is ended
 * and its folder removed. Processes are found by the group that each start makes, and, where one left its group as an
 * agent does, by a mark in its environment (nginx overwrites its own).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const markName = 'TSTS_BENCH'
const mark = `${process.pid}-${Date.now()}`
/** Groups that may have members. */
const groups = new Set<number>()

export interface Finished {
  /** Standard output and standard error. */
  readonly output: string
  /** User and system time of the command and of all it waited for. */
  readonly cpuMs: number
}

export interface MarkedProcess {
  readonly pid: number
  /** Its command line, with blanks between arguments. */
  readonly command: string
}

/** @param work its result is awaited, then everything is ended; an error goes on after that */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
  // What children leave behind when they are killed goes with the folder.
  process.env['TMPDIR'] = folder
  let isInterrupted = false
  const interrupted = (): void => {
    isInterrupted = true
    void clean(folder).finally(() => process.exit(130))
  }
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted).on('SIGHUP', interrupted)
  try {
    await work(folder)
  } finally {
    // What was killed makes `work` fail: that is no news.
    if (isInterrupted) await new Promise(() => undefined)
    await clean(folder)
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted).off('SIGHUP', interrupted)
  }
}

async function clean(folder: string): Promise<void> {
  await endMarked()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

/**
 * Starts a command on one core, or on any.
 *
 * @param core null: where the system puts it
 */
export function start(core: number | null, command: readonly string[]): ChildProcess {
  const [program, ...args] = core === null ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [markName]: mark },
    // Ctrl-C of the terminal is for the bench alone, which ends them in order.
    detached: true,
  })
  const group = child.pid
  if (group === undefined) return child // 'error' tells
  groups.add(group)
  child.on('exit', () => {
    if (!signal(-group, 0)) groups.delete(group)
  })
  return child
}

/**
 * Runs a command and waits for its end. Only one at a time has a meaningful `cpuMs`.
 *
 * @throws when it cannot be started, ends with an unexpected exit code or has not ended after `deadlineMs`
 */
export async function run(
  core: number | null,
  command: readonly string[],
  { okCodes = [0], deadlineMs = 600_000 }: RunOptions = {},
): Promise<Finished> {
  const beforeMs = childrenCpuMs()
  const child = start(core, command)
  const deadline = setTimeout(() => {
    if (child.pid !== undefined) signal(-child.pid, 'SIGKILL')
  }, deadlineMs)
  try {
    const output = await finished(child, command, okCodes)
    return { output, cpuMs: childrenCpuMs() - beforeMs }
  } finally {
    clearTimeout(deadline)
  }
}

export interface RunOptions {
  readonly okCodes?: readonly number[]
  readonly deadlineMs?: number
}

/** @returns its standard output and standard error, once it has ended */
export function finished(
  child: ChildProcess,
  command: readonly string[],
  okCodes: readonly number[] = [0],
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (bytes: Buffer): void => {
      output += bytes.toString()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code !== null && okCodes.includes(code)) resolve(output)
      else reject(new Error(`${command.join(' ')} ended with ${code ?? signal}:\n${output}`))
    })
  })
}

/** Every process of this bench that lives. */
export function marked(): readonly MarkedProcess[] {
  const found: MarkedProcess[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    try {
      if (!isOurs(name)) continue
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      if (command !== '') found.push({ pid: Number(name), command })
    } catch {
      // It ended while it was looked at, or it is another user's.
    }
  }
  return found
}

function isOurs(pid: string): boolean {
  return (
    groups.has(Number(statOf(pid)[2])) ||
    readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${markName}=${mark}`)
  )
}

/** User and system time of one process, its threads included, its children not; 0 when it is gone. */
export function cpuMsOf(pid: number): number {
  try {
    return cpuMsIn(pid, 11)
  } catch {
    return 0 // it ended
  }
}

/** Nobody that is still there may start another: looked for until none is left. */
async function endMarked(): Promise<void> {
  for (let round = 0; round < 250; round++) {
    const left = marked()
    if (left.length === 0) return
    for (const { pid } of left) signal(pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** @returns whether there was somebody to take it */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what)
  } catch {
    return false // it ended by itself
  }
}

/** Of children that have ended and were waited for. */
function childrenCpuMs(): number {
  return cpuMsIn('self', 13)
}

/** `USER_HZ`, which Linux has fixed for what it tells programs. */
const msPerTick = 10

/** Sum of two neighbouring fields of `statOf`. */
function cpuMsIn(pid: number | 'self', field: number): number {
  const fields = statOf(String(pid))
  return (Number(fields[field]) + Number(fields[field + 1])) * msPerTick
}

/** Fields of /proc/PID/stat from the state on. */
function statOf(pid: string): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
