/** The way to this machine's agent: a relay as a child process. */
import { spawn } from 'node:child_process'
import type { RemoteProcess } from '../ssh/shell.ts'
import type { Way } from './transport.ts'

/**
 * @param program the launcher's bundle with its Node: command and arguments
 * @param folder of this run, for its agent alone
 */
export async function localWay(program: readonly string[], folder: string): Promise<Way> {
  const [command, ...args] = program
  const running: (() => void)[] = []
  return {
    run: (role) =>
      new Promise<RemoteProcess>((resolve, reject) => {
        // A group of its own: Ctrl-C in the terminal reaches the controller alone, which decides what it means.
        const child = spawn(command!, [...args, role, folder], {
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
        })
        running.push(() => child.kill('SIGKILL'))
        child.once('error', reject)
        const ended = new Promise<{ code: number | null; signal: string | null }>((end) =>
          child.once('close', (code, signal) => end({ code, signal })),
        )
        const { stdin, stdout, stderr } = child
        child.once('spawn', () => resolve({ stdin, stdout, stderr, ended }))
      }),
    lost: new Promise(() => undefined),
    close: () => {
      for (const kill of running) kill()
    },
  }
}
