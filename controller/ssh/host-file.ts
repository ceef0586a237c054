/** A file of ours that belongs on a host: the bundle, or Node. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface HostFile {
  /** For people. */
  readonly what: string
  /** Below `~/.cache/tsts` on the host. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  /** As it is. */
  plain(): Promise<Buffer>
  /** In gzip, which the smallest Debian can read (`gzip` is essential there; xz, brotli and zstd are not). */
  gzipped(): Promise<Buffer>
  readonly isProgram: boolean
}

/** The bundle that runs on hosts. */
export function bundleFile(bundle: Buffer): HostFile {
  const sha256 = createHash('sha256').update(bundle).digest('hex')
  let packed: Promise<Buffer> | null = null
  return {
    what: 'the bundle',
    path: `${sha256}/launcher.mjs`,
    sha256,
    bytes: bundle.length,
    plain: async () => bundle,
    gzipped: () => {
      packed ??= promisify(gzip)(bundle)
      return packed
    },
    isProgram: false,
  }
}
