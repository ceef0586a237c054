/** The files of a run that its agent was sent, or has fetched from another host: each under its hash. */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentCommand, AgentMessage, FileChunk } from '../core/wire/messages.ts'
import { FileGiver, fetchOffered, reachedAddress } from './spread.ts'

type Command<Type> = AgentCommand & { readonly type: Type }

export class SentFiles {
  readonly #folder: string
  readonly #send: (message: AgentMessage) => void
  #giver: FileGiver | null = null

  /** @param folder of the run */
  constructor(folder: string, send: (message: AgentMessage) => void) {
    this.#folder = join(folder, 'files')
    this.#send = send
  }

  /** Parts come in order; the last one shows whether the file is whole. */
  keep({ name, sha256, part, parts, base64 }: FileChunk): void {
    const path = this.#path(sha256)
    if (part === 0) rmSync(path, { force: true })
    appendFileSync(path, Buffer.from(base64, 'base64'), { mode: 0o600 })
    if (part < parts - 1) return
    const got = createHash('sha256').update(readFileSync(path)).digest('hex')
    if (got === sha256) return
    rmSync(path, { force: true })
    this.#send({ type: 'stray', launcher: 0, text: `${name} arrived broken` })
  }

  async offer({ sha256, token }: Command<'offer'>): Promise<void> {
    const address = reachedAddress()
    if (address !== null) this.#giver ??= new FileGiver(address)
    const offer = (await this.#giver?.offer(this.#path(sha256), token).catch(() => null)) ?? null
    this.#send({ type: 'offered', token, offer })
  }

  async fetch({ sha256, offer }: Command<'fetch'>): Promise<void> {
    const why = await fetchOffered(offer, sha256, this.#path(sha256))
    this.#send({ type: 'fetched', sha256, why })
  }

  /** Nobody is given anything any more. */
  close(): void {
    this.#giver?.close()
    this.#giver = null
  }

  #path(sha256: string): string {
    // A hash and nothing else: no path leads out of the folder.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`"${sha256}" is no hash`)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    return join(this.#folder, sha256)
  }
}
