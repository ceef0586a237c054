/**
 * Runs that outlive their terminal: a process of their own, in the background.
 *
 * The one who starts it hears what it says, and answers what it asks (passphrases), until the load has begun.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { SecretPrompt } from '../ask-secret.ts'
import { Interrupts, type SignalSource } from '../interrupts.ts'

/** Set for a process in the background. */
const mark = 'TSTS_BACKGROUND'

type FromBackground =
  | { readonly type: 'ask'; readonly id: number; readonly question: string }
  | { readonly type: 'begun'; readonly folder: string }

type ToBackground = { readonly type: 'answer'; readonly id: number; readonly text: string | null }

/** What a process in the background has of the one that started it. */
export interface Background {
  ask(question: string): Promise<string | null>
  /** The load has begun: nobody needs to wait any more. */
  begun(folder: string): void
}

/** Null: this process is not in the background. */
export function asBackground(): Background | null {
  if (process.env[mark] !== '1' || process.send === undefined) return null
  const waiting = new Map<number, (text: string | null) => void>()
  let last = 0
  const onAnswer = (message: unknown): void => {
    const { id, text } = message as ToBackground
    waiting.get(id)?.(text)
    waiting.delete(id)
    if (waiting.size === 0) process.channel?.unref()
  }
  process.on('message', onAnswer)
  // Only while an answer is awaited does it keep this process.
  process.channel?.unref()
  // Who started us may go at any time.
  process.on('disconnect', () => {
    for (const resolve of waiting.values()) resolve(null)
  })
  const tell = (message: FromBackground): void => {
    if (process.connected) process.send!(message, undefined, undefined, () => undefined)
  }
  return {
    ask: (question) =>
      new Promise((resolve) => {
        if (!process.connected) resolve(null)
        waiting.set(++last, resolve)
        process.channel?.ref()
        tell({ type: 'ask', id: last, question })
      }),
    begun: (folder) => {
      tell({ type: 'begun', folder })
      process.off('message', onAnswer)
    },
  }
}

/** Of the process that starts another one. */
interface StarterIo {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly stdout: Writable
  readonly stderr: Writable
  readonly signals: SignalSource
  readonly terminal?: ReadStream
}

/** How it went: the load has begun, or the process has ended before that. */
export type Started =
  | { readonly folder: string; readonly pid: number }
  | { readonly exitCode: number }

/**
 * Starts `tsts` with these arguments in the background.
 *
 * Interruptions while it starts are passed on to it.
 */
export async function startInBackground(argv: readonly string[], io: StarterIo): Promise<Started> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, [mark]: '1' },
  })
  const interrupts = new Interrupts(io.signals, (_count, signal) => child.kill(signal))
  try {
    await giveInput(child, io, argv)
    child.stdout!.on('data', (bytes: Buffer) => io.stdout.write(bytes))
    child.stderr!.on('data', (bytes: Buffer) => io.stderr.write(bytes))
    const started = await begun(child, io)
    if ('folder' in started) letGo(child)
    return started
  } finally {
    interrupts.close()
  }
}

function begun(child: ChildProcess, io: StarterIo): Promise<Started> {
  const prompt = new SecretPrompt(io.terminal ?? null, io.stderr)
  return new Promise((resolve, reject) => {
    child.on('message', async (message: FromBackground) => {
      if (message.type === 'begun') resolve({ folder: message.folder, pid: child.pid! })
      else {
        const text = await prompt.ask(message.question)
        const answer: ToBackground = { type: 'answer', id: message.id, text }
        if (child.connected) child.send(answer)
      }
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ exitCode: code ?? 1 }))
  })
}

/** A scenario on standard input is handed through. */
async function giveInput(
  child: ChildProcess,
  io: StarterIo,
  argv: readonly string[],
): Promise<void> {
  const stdin = child.stdin!
  stdin.on('error', () => undefined)
  if (argv.includes('-')) for await (const bytes of io.stdin) stdin.write(bytes)
  stdin.end()
}

function letGo(child: ChildProcess): void {
  child.disconnect()
  child.stdout!.destroy()
  child.stderr!.destroy()
  child.unref()
}
