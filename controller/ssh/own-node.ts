/** This machine's Node, for hosts that have none (`--send-node`). */
import { createHash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir, machine, type } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { HostFile } from './host-file.ts'

/** What a Node needs to start. */
export interface Platform {
  /** As `uname -sm` prints it. */
  readonly system: string
  /** Version of the GNU C library; null: another library, or it is not known. */
  readonly glibc: string | null
}

export interface OwnNode {
  readonly file: HostFile
  readonly version: string
  readonly platform: Platform
}

let made: Promise<OwnNode> | null = null

/**
 * Hashed and packed once: packing takes some seconds, and stays in `~/.cache/tsts` for the next time.
 *
 * @throws the system's error when it cannot be read
 */
export function ownNode(): Promise<OwnNode> {
  made ??= readOwnNode()
  return made
}

/** Folder of what tsts keeps on this machine. */
export function ownCache(): string {
  return join(homedir(), '.cache/tsts')
}

async function readOwnNode(): Promise<OwnNode> {
  const path = process.execPath
  const version = process.versions.node
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
  const sha256 = hash.digest('hex')
  const name = `node-${version}-${sha256.slice(0, 16)}`
  const { header } = process.report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string }
  }
  let packed: Promise<Buffer> | null = null
  return {
    version,
    platform: { system: `${type()} ${machine()}`, glibc: header.glibcVersionRuntime ?? null },
    file: {
      what: `Node ${version}`,
      path: name,
      sha256,
      bytes: statSync(path).size,
      plain: () => readFile(path),
      gzipped: () => {
        packed ??= packedFile(path, join(ownCache(), `${name}.gz`))
        return packed
      },
      isProgram: true,
    },
  }
}

/** Once whole it has its name: a half one is never read. */
async function packedFile(path: string, kept: string): Promise<Buffer> {
  try {
    return await readFile(kept)
  } catch {
    mkdirSync(ownCache(), { recursive: true, mode: 0o700 })
  }
  const partial = `${kept}.${process.pid}`
  try {
    await pipeline(
      createReadStream(path),
      createGzip(),
      createWriteStream(partial, { mode: 0o600 }),
    )
    renameSync(partial, kept)
  } finally {
    rmSync(partial, { force: true })
  }
  return readFile(kept)
}

/**
 * Why a Node of `own` cannot start on a host of `other`, as far as that is known beforehand; null: it may.
 *
 * Source: Node's BUILDING.md: its programs need the library that they were built for, or a newer one.
 */
export function platformObstacle(own: Platform, other: Platform): string | null {
  if (own.system !== other.system) {
    return `the Node of this machine is for ${own.system}, the host is ${other.system}`
  }
  if (own.glibc !== null && other.glibc === null) {
    return 'the Node of this machine needs the GNU C library, the host has none (musl?)'
  }
  return null
}
