/** `tsts echo`: the bundled target server, until it is interrupted. */
import { selfSigned } from '../echo/certificate.ts'
import { type Delay, delayForms, noDelay, parseDelay } from '../echo/delay.ts'
import { type Echo, startEcho } from '../echo/server.ts'
import { Interrupts } from '../interrupts.ts'
import type { RunIo } from '../run-options.ts'
import { UsageError } from '../usage-error.ts'

/** As written on the command line; null: not given. */
export interface EchoFlags {
  readonly port: string | null
  readonly host: string | null
  readonly delay: string | null
  readonly capacity: string | null
  readonly errorRate: string | null
  readonly status: string | null
  readonly size: string | null
  readonly seed: string | null
  readonly tls: boolean
}

export const defaultEchoPort = 8080

/**
 * Serves until the first SIGINT, SIGTERM or SIGHUP, then prints what it did.
 *
 * @returns the exit code
 * @throws {UsageError} when a flag or the address cannot be used
 */
export async function echo(
  flags: EchoFlags,
  io: Pick<RunIo, 'stdout' | 'signals'>,
): Promise<number> {
  const server = await start(flags)
  const interrupted = new Promise<void>((resolve) => {
    const interrupts = new Interrupts(io.signals, () => {
      interrupts.close()
      resolve()
    })
  })
  io.stdout.write(`${server.url} answers; Ctrl-C ends it\n`)
  try {
    await interrupted
  } finally {
    await server.close()
  }
  const errors = server.errors === 0 ? '' : `, ${server.errors} errors as asked for`
  io.stdout.write(`${server.requests} requests on ${server.connections} connections${errors}\n`)
  return 0
}

async function start(flags: EchoFlags): Promise<Echo> {
  const port = number('--port', flags.port, defaultEchoPort, 0, 65_535)
  const host = flags.host ?? '127.0.0.1'
  const options = {
    port,
    host,
    delay: flags.delay === null ? noDelay : delayOf(flags.delay),
    ...capacityOf(flags.capacity),
    errorRate: number('--error-rate', flags.errorRate, 0, 0, 1),
    status: number('--status', flags.status, 200, 200, 599),
    sizeBytes: flags.size === null ? 3 : bytesOf(flags.size),
    ...(flags.seed === null ? {} : { seed: flags.seed }),
  }
  try {
    return await startEcho(flags.tls ? { ...options, tls: selfSigned() } : options)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new UsageError(`nothing can be served on ${host} port ${port}: ${text}`, { cause: error })
  }
}

function number(
  flag: string,
  text: string | null,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (text === null) return otherwise
  const value = Number(text)
  const isWhole = max === 1 || Number.isInteger(value)
  if (text.trim() === '' || !isWhole || !(value >= min && value <= max)) {
    throw new UsageError(`${flag} wants a number from ${min} to ${max}, not "${text}"`)
  }
  return value
}

function capacityOf(text: string | null): { readonly capacityPerSecond?: number } {
  if (text === null) return {}
  return { capacityPerSecond: number('--capacity', text, 0, 1, 1_000_000) }
}

function delayOf(text: string): Delay {
  const delay = parseDelay(text)
  if (delay === null) throw new UsageError(`--delay wants ${delayForms}, not "${text}"`)
  return delay
}

const unitBytes: { readonly [unit: string]: number } = { '': 1, k: 1024, m: 1024 * 1024 }
const maxSizeBytes = 256 * 1024 * 1024

/** `100`, `1k`, `2M`. */
function bytesOf(text: string): number {
  const match = /^(\d+)([km]?)b?$/i.exec(text.trim())
  const bytes = match === null ? Number.NaN : Number(match[1]) * unitBytes[match[2]!.toLowerCase()]!
  if (!(bytes <= maxSizeBytes)) {
    throw new UsageError(`--size wants bytes up to 256M, e.g. 100, 1k or 2M, not "${text}"`)
  }
  return bytes
}
