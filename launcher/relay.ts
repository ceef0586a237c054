/**
 * Joins a controller's standard streams with the agent of its run, which it starts when there is none.
 *
 * It holds nothing: when it dies, or the connection it stands for is cut, another one takes its place.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { socketPath } from './agent.ts'
import { standardStreams } from './channel.ts'

/** Exit code when an agent should be there and is not. */
export const noAgent = 3
/** For an agent to listen after it was started. */
const startMs = 10_000
const retryMs = 20
/** Of a dead agent's output, in characters. */
const keptWords = 1000

/**
 * @param folder of the run on this host
 * @param agent how the agent is started; null: it has to be there
 */
export async function runRelay(folder: string, agent: readonly string[] | null): Promise<void> {
  const there = await reach(folder)
  if (typeof there !== 'string') {
    joinStreams(there)
    return
  }
  if (agent === null) {
    process.stderr.write(`the agent of this run is gone${lastWords(folder)}\n`)
    // Nobody listens on its socket: it was killed, and could not tidy up.
    if (there === 'ECONNREFUSED') rmSync(folder, { recursive: true, force: true })
    process.exit(noAgent)
  }
  start(folder, agent)
  const deadlineMs = performance.now() + startMs
  while (performance.now() < deadlineMs) {
    const socket = await reach(folder)
    if (typeof socket !== 'string') {
      joinStreams(socket)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
  process.stderr.write('the agent does not listen\n')
  process.exit(1)
}

function start(folder: string, agent: readonly string[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = statSync(folder)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`others may enter ${folder}`)
  }
  const log = openSync(logPath(folder), 'a', 0o600)
  const [command, ...args] = agent
  const child = spawn(command!, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: folder,
  })
  child.unref()
}

/** @returns the system's code when the agent cannot be reached */
function reach(folder: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(folder))
    socket.once('connect', () => resolve(socket))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''))
  })
}

/** Where the agent's own output goes. */
function logPath(folder: string): string {
  return join(folder, 'log')
}

/** What an agent said before it died, in one line; empty when it said nothing. */
function lastWords(folder: string): string {
  try {
    const text = readFileSync(logPath(folder), 'utf8').trim().slice(-keptWords)
    return text === '' ? '' : `: ${text.replace(/\s+/g, ' ')}`
  } catch {
    return '' // it has tidied up
  }
}

/** Bytes in both directions until either side ends. */
function joinStreams(socket: Socket): void {
  const { input, output } = standardStreams()
  input.pipe(socket)
  socket.pipe(output)
  const end = (): never => process.exit(0)
  input.on('close', end)
  socket.on('error', end)
  socket.on('close', () => setImmediate(end))
  output.on('error', end)
}
