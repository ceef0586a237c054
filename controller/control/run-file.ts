/** run.json: there as long as a run goes on, in its folder. It says where the run is reached. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../usage-error.ts'

export interface RunFile {
  readonly version: 1
  /** Of the controller. */
  readonly pid: number
  /** Of its control socket. */
  readonly socket: string
  /** Where the dashboard is open, and its token: for a controller that takes over. */
  readonly dashboard?: {
    readonly host: string
    readonly port: number
    readonly token: string | null
  }
}

const name = 'run.json'
/** How a folder that was made for a control socket is called, at its beginning. */
export const socketFolder = 'tsts-control-'

/** @throws the system's error */
export function writeRunFile(folder: string, file: RunFile): void {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, `${JSON.stringify(file)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function removeRunFile(folder: string): void {
  rmSync(join(folder, name), { force: true })
  releaseRun(folder)
}

/** A control socket, with the folder that was made for it. */
export function removeSocket(path: string): void {
  const folder = dirname(path)
  const isOwn = basename(folder).startsWith(socketFolder)
  rmSync(isOwn ? folder : path, { recursive: true, force: true })
}

/** Whether this process may lead the run; false: another one does so already, or is about to. */
export function claimRun(folder: string): boolean {
  const path = join(folder, 'run.claim')
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isAlive(Number(readFileSync(path, 'utf8')))) return false
    rmSync(path, { force: true })
    return claimRun(folder)
  }
}

export function releaseRun(folder: string): void {
  rmSync(join(folder, 'run.claim'), { force: true })
}

/** One that has ended, and that nobody has waited for, is not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    // Another system has no /proc.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc')
  }
}

/** Null: no run goes on in that folder. */
export function readRunFile(folder: string): RunFile | null {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as RunFile
  } catch {
    return null
  }
}

/**
 * The run that is meant.
 *
 * @param given the folder of a run, or one with runs in it
 * @returns the run's folder, absolute
 * @throws {UsageError} when there is none, or more than one
 */
export function findRun(given: string): string {
  const folder = resolve(given)
  if (readRunFile(folder) !== null) return folder
  const running = namesIn(folder)
    .map((each) => join(folder, each))
    .filter((each) => readRunFile(each) !== null)
  if (running.length === 1) return running[0]!
  if (running.length === 0)
    throw new UsageError(
      `no run goes on in ${folder}; which is meant? give its folder, or -l FOLDER`,
    )
  throw new UsageError(
    `more than one run goes on, which is meant?\n${running.map((each) => `  ${each}`).join('\n')}`,
  )
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
