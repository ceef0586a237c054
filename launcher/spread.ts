/**
 * Files that one host gives to others: over HTTP, each download against a token of its own.
 *
 * The listener is opened for the purpose, on the address by which the controller reached the host, and closed when
 * nobody needs it any more. It gives the one file that the controller named for a token, once; who has no token gets
 * nothing. The receiver checks the hash, which it has from the controller, so that nobody on the way can change a byte.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs'
import {
  createServer,
  get,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileOffer } from '../core/wire/messages.ts'

/** A token that nobody comes with is forgotten after so long, in ms. */
const unclaimedMs = 60_000
/** A download that stands still is given up after so long, in ms. */
const stalledMs = 20_000
/** Who gives nothing for so long ends, whatever became of its controller, in ms. */
const idleMs = 600_000
/** From the first packet to the connection, in ms. */
const connectMs = 5000

/** The address of this host by which the controller reached it; null: it is not known. Source: sshd(8), SSH_CONNECTION. */
export function reachedAddress(): string | null {
  return process.env['SSH_CONNECTION']?.split(' ')[2] ?? null
}

export class FileGiver {
  readonly #address: string
  readonly #paths = new Map<string, string>()
  #server: Server | null = null
  #listening: Promise<number> | null = null
  #giving = 0

  /** @param address to listen on */
  constructor(address: string) {
    this.#address = address
  }

  /**
   * The file may be fetched once with that token.
   *
   * @throws the system's error when the address cannot be listened on
   */
  async offer(path: string, token: string): Promise<FileOffer> {
    this.#listening ??= this.#listen()
    const port = await this.#listening
    this.#paths.set(token, path)
    setTimeout(() => this.#paths.delete(token), unclaimedMs).unref()
    return { address: this.#address, port, token }
  }

  /** Nobody is being given anything, nor has anything been promised. */
  get isIdle(): boolean {
    return this.#giving === 0 && this.#paths.size === 0
  }

  close(): void {
    this.#paths.clear()
    this.#server?.close()
    this.#server?.closeAllConnections()
    this.#server = null
    this.#listening = null
  }

  #listen(): Promise<number> {
    const server = createServer((request, response) => this.#answer(request, response))
    this.#server = server
    server.timeout = stalledMs
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, this.#address, () => resolve((server.address() as AddressInfo).port))
    })
  }

  #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const token = url.slice(1)
    const path = this.#paths.get(token)
    if (method !== 'GET' || path === undefined) {
      response.writeHead(404, { connection: 'close' }).end()
      return
    }
    this.#paths.delete(token)
    this.#giving++
    response.once('close', () => this.#giving--)
    try {
      const length = statSync(path).size
      response.writeHead(200, { 'content-length': length, connection: 'close' })
      createReadStream(path)
        .on('error', () => response.destroy())
        .pipe(response)
    } catch {
      response.writeHead(404, { connection: 'close' }).end()
    }
  }
}

/**
 * Fetches what another host offers.
 *
 * @param path where it belongs; it is there whole or not at all
 * @returns null, or why it was not fetched
 */
export async function fetchOffered(
  { address, port, token }: FileOffer,
  sha256: string,
  path: string,
): Promise<string | null> {
  const partial = `${path}.${process.pid}`
  try {
    const response = await answerOf({ host: address, port, path: `/${token}`, agent: false })
    const hash = createHash('sha256')
    const hashed = new Transform({
      transform: (bytes, _, next) => {
        hash.update(bytes as Buffer)
        next(null, bytes)
      },
    })
    await pipeline(response, hashed, createWriteStream(partial, { mode: 0o600 }))
    if (hash.digest('hex') !== sha256) throw new Error('it is not the file that it should be')
    renameSync(partial, path)
    return null
  } catch (error) {
    rmSync(partial, { force: true })
    return `${address} port ${port}: ${(error as Error).message}`
  }
}

function answerOf(options: {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly agent: false
}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(options)
    const giveUp = (): void => {
      request.destroy(new Error('no connection in time'))
    }
    const timer = setTimeout(giveUp, connectMs)
    request.setTimeout(stalledMs, () => request.destroy(new Error('it stands still')))
    request.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.once('response', (response) => {
      clearTimeout(timer)
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`the offer is not there (${response.statusCode})`))
    })
  })
}

/**
 * The role `give`: offers what standard input names, a line of JSON `{path, token}` each, and answers with a line for
 * each, `{address, port, token}` or `{error}`; ends with its input, or when nobody wants anything for long.
 */
export function runGiver(): void {
  const address = reachedAddress()
  const giver = address === null ? null : new FileGiver(address)
  let rest = ''
  const idle = setInterval(() => {
    if (giver === null || giver.isIdle) process.exit(0)
  }, idleMs)
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    idle.refresh()
    for (const line of lines) {
      const { path, token } = JSON.parse(line) as { readonly path: string; readonly token: string }
      const offered =
        giver?.offer(path, token) ?? Promise.reject(new Error('its address is not known'))
      offered.then(say, (error: Error) => say({ error: error.message }))
    }
  })
  process.stdin.on('close', () => {
    giver?.close()
    process.exit(0)
  })
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
