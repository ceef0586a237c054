import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { builtMain } from './dist.ts'

/** A running `tsts`, from the build. */
export class TstsProcess {
  readonly pid: number
  stdout = ''
  stderr = ''
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #over = false
  #onChange: () => void = () => undefined

  constructor(
    args: readonly string[],
    options: {
      readonly stdin?: string
      readonly env?: { readonly [name: string]: string }
      /** Before its command: what makes it run elsewhere. */
      readonly under?: readonly string[]
      /** Instead of the build's. */
      readonly main?: string
    } = {},
  ) {
    const env = { ...process.env, TSTS_LOG_DIR: '', ...options.env }
    const whole = [...(options.under ?? []), process.execPath, options.main ?? builtMain(), ...args]
    this.#child = spawn(whole[0]!, whole.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.pid = this.#child.pid!
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#onChange()
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#onChange()
    })
    // A command that does not read its input may end first.
    this.#child.stdin.on('error', () => undefined)
    this.#child.stdin.end(options.stdin ?? '')
    this.ended = new Promise((resolve) =>
      this.#child.on('close', (code) => {
        this.#over = true
        this.#onChange()
        resolve(code)
      }),
    )
  }

  /** Reads what it says no more. */
  hangUp(): void {
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /**
   * Waits until its output matches.
   *
   * @throws when it ends before that
   */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
      if (match !== null) return match
      if (this.#over) throw new Error(`it never said ${pattern}:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
  }
}

/** Whether a process of that id runs (one that has ended and that nobody has waited for does not). */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until `holds`, looking again and again; rejects after `deadlineMs`. */
export async function eventually(holds: () => boolean, deadlineMs: number = 15_000): Promise<void> {
  const startMs = performance.now()
  while (!holds()) {
    if (performance.now() - startMs > deadlineMs) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
