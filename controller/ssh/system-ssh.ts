/** A host over the system's own ssh (`--ssh-command`): for hardware keys, Kerberos and what else only it can do. */
import { spawn } from 'node:child_process'
import type { RemoteProcess, RemoteShell, SshOptions } from './shell.ts'
import { SshError } from './ssh-error.ts'

/** What of its standard error is kept to explain its end, in characters. */
const keptStderr = 2000

/** Each command is an ssh process of its own; it shares a connection where its configuration says so. */
export class SystemSshShell implements RemoteShell {
  readonly host: string
  /** The shell has no connection of its own that could be lost: each command tells its own end. */
  readonly lost: Promise<string>
  readonly #command: readonly string[]
  #lose: (reason: string) => void = () => undefined

  /** @param command the program and its arguments, e.g. `['ssh']` */
  constructor(command: readonly string[], host: string, options: SshOptions) {
    const [program = 'ssh', ...args] = command
    const seconds = Math.ceil(options.loginMs / 1000)
    const accept = options.acceptNewHostKeys ? ['-o', 'StrictHostKeyChecking=accept-new'] : []
    this.host = host
    this.#command = [program, ...args, '-T', '-o', `ConnectTimeout=${seconds}`, ...accept]
    this.lost = new Promise((resolve) => {
      this.#lose = resolve
    })
  }

  run(command: string): Promise<RemoteProcess> {
    const [program, ...args] = this.#command
    return new Promise((resolve, reject) => {
      // A group of its own: Ctrl-C in the terminal reaches the controller alone.
      const child = spawn(program!, [...args, '--', this.host, command], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      })
      child.once('error', (error) =>
        reject(new SshError('E_SSH_UNREACHABLE', `${program} cannot be started: ${error.message}`)),
      )
      child.once('spawn', () => {
        const { stdin, stdout, stderr } = child
        const ended = new Promise<{ code: number | null; signal: string | null }>((end) =>
          child.once('close', (code, signal) => end({ code, signal })),
        )
        resolve({ stdin, stdout, stderr, ended })
      })
    })
  }

  close(): void {
    this.#lose('')
  }
}

/** What ssh itself ends with when it could not do what it was told. */
export const sshFailed = 255

/** Why ssh ended with `sshFailed`. @param stderr what it said */
export function systemSshError(host: string, stderr: string): SshError {
  const text = stderr.trim().slice(-keptStderr)
  const said = text === '' ? 'it said nothing' : text
  if (/host key verification failed|REMOTE HOST IDENTIFICATION/i.test(text)) {
    return new SshError('E_SSH_HOST_KEY', `ssh refuses the key of ${host}: ${said}`)
  }
  if (/permission denied/i.test(text)) {
    return new SshError('E_SSH_LOGIN', `ssh is not let in to ${host}: ${said}`)
  }
  return new SshError('E_SSH_UNREACHABLE', `ssh does not reach ${host}: ${said}`)
}
