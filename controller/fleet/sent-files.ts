/** Data files on their way to other hosts: in parts, as fast as the link takes them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { AgentCommand } from '../../core/wire/messages.ts'

/** Bytes of a part: base64 and the rest of its line stay below what a line may have. */
const partBytes = 512 * 1024
/** Parts that may wait, and how long is waited for them, in ms. */
const maxWaiting = 8
const waitMs = 5

/** A link that files are sent over. */
export interface FileLink {
  send(command: AgentCommand): void
  readonly backlog: number
}

/** The name under which an agent keeps a file. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
  return hash.digest('hex')
}

/** @throws the system's error when the file cannot be read */
export async function sendFile(path: string, sha256: string, link: FileLink): Promise<void> {
  const bytes = await readFile(path)
  const parts = Math.max(1, Math.ceil(bytes.length / partBytes))
  for (let part = 0; part < parts; part++) {
    while (link.backlog > maxWaiting) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const slice = bytes.subarray(part * partBytes, (part + 1) * partBytes)
    link.send({ type: 'file', name: path, sha256, part, parts, base64: slice.toString('base64') })
  }
}
