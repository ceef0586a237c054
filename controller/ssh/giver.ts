/** A host that gives its files to others: a process there that listens for as long as it is needed. */
import { randomBytes } from 'node:crypto'
import type { FileOffer } from '../../core/wire/messages.ts'
import type { Giver } from '../spread/tree.ts'
import { type RemoteProcess, type RemoteShell, shellWord } from './shell.ts'

/** For a host to open its listener, in ms. */
const offerMs = 15_000

export class RemoteGiver implements Giver {
  readonly host: string
  readonly #shell: RemoteShell
  readonly #command: string
  readonly #paths: ReadonlyMap<string, string>
  #process: Promise<RemoteProcess> | null = null
  /** Who waits for an answer, in order. */
  readonly #asked: ((answer: FileOffer | { readonly error: string }) => void)[] = []

  /**
   * @param node absolute path on the host
   * @param paths absolute, by hash
   */
  constructor(
    shell: RemoteShell,
    program: { readonly node: string; readonly bundle: string },
    paths: ReadonlyMap<string, string>,
  ) {
    this.host = shell.host
    this.#shell = shell
    this.#command = `exec ${[program.node, program.bundle, 'give'].map(shellWord).join(' ')}`
    this.#paths = paths
  }

  async give(sha256: string): Promise<FileOffer> {
    this.#process ??= this.#start()
    const { stdin } = await this.#process
    const path = this.#paths.get(sha256)
    const token = randomBytes(24).toString('hex')
    const answer = await new Promise<FileOffer | { readonly error: string }>((resolve) => {
      this.#asked.push(resolve)
      setTimeout(() => resolve({ error: 'it opened no listener in time' }), offerMs).unref()
      stdin.write(`${JSON.stringify({ path, token })}\n`)
    })
    if ('error' in answer) throw new Error(answer.error)
    return answer
  }

  /** Its listener is closed; it is opened again when it is asked again. */
  close(): void {
    this.#process?.then(
      ({ stdin }) => stdin.end(),
      () => undefined,
    )
    this.#process = null
  }

  async #start(): Promise<RemoteProcess> {
    const process = await this.#shell.run(this.#command)
    let rest = ''
    process.stdout.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#asked.shift()?.(answerFrom(line))
    })
    process.stderr.resume()
    process.stdin.on('error', () => undefined)
    void process.ended.then(({ code }) => {
      const error = `its listener ended with exit code ${code}`
      for (const resolve of this.#asked.splice(0)) resolve({ error })
    })
    return process
  }
}

function answerFrom(line: string): FileOffer | { readonly error: string } {
  try {
    return JSON.parse(line) as FileOffer
  } catch {
    return { error: `it said ${line.slice(0, 200)}` }
  }
}
