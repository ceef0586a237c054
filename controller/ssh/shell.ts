/** A way to run commands on a host: one connection, each command over its own standard streams. */
import type { Readable, Writable } from 'node:stream'

export interface RemoteShell {
  /** The host, for people. */
  readonly host: string
  /** @throws {SshError} when the connection is gone or the host starts nothing more */
  run(command: string): Promise<RemoteProcess>
  /** Resolves with the reason when the connection is gone; empty after `close`. */
  readonly lost: Promise<string>
  close(): void
}

export interface RemoteProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ended: Promise<RemoteEnd>
}

export interface RemoteEnd {
  /** Null when a signal ended it, or the connection broke. */
  readonly code: number | null
  readonly signal: string | null
}

/** What may have to be asked, and what was decided. */
export interface SshOptions {
  /** Keys of hosts that nobody has seen yet are taken and kept. */
  readonly acceptNewHostKeys: boolean
  /** From the first packet to the login, in ms. */
  readonly loginMs: number
  /** Asks for a password or passphrase without showing it; null when there is nobody to ask. */
  readonly askSecret: (question: string) => Promise<string | null>
}

export interface Output {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs a command to its end. @param input given to it, then its standard input is closed */
export async function runToEnd(
  shell: RemoteShell,
  command: string,
  input: string | Buffer = '',
): Promise<Output> {
  const { stdin, stdout, stderr, ended } = await shell.run(command)
  const output = { stdout: '', stderr: '' }
  stdout.on('data', (bytes: Buffer) => {
    output.stdout += bytes.toString()
  })
  stderr.on('data', (bytes: Buffer) => {
    output.stderr += bytes.toString()
  })
  // A command that ends early breaks its input; its exit code tells.
  stdin.on('error', () => undefined)
  stdin.end(input)
  const { code } = await ended
  return { ...output, code }
}

/** A word that every shell takes as it is. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
