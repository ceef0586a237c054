/** A target that notes when each user asked, and how even that was. */

import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A request that came, `/turn/ID`. */
export interface Came {
  readonly user: number
  /** On `performance.now()`'s clock. */
  readonly atMs: number
}

export class PaceTarget {
  readonly came: Came[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Sockets whose answers wait until it is thawed; null: they are sent at once. */
  #frozen: Socket[] | null = null

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('data', (bytes: Buffer) => this.#onRequest(socket, bytes))
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
  }

  static async open(): Promise<PaceTarget> {
    const target = new PaceTarget()
    await new Promise<void>((resolve) => {
      target.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve)
    })
    return target
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Nobody is answered from now on. */
  freeze(): void {
    this.#frozen = []
  }

  /** Everybody who waits is answered now. */
  thaw(): void {
    const waiting = this.#frozen ?? []
    this.#frozen = null
    for (const socket of waiting) socket.write(answer)
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Users have one request at a time, which comes in one piece. */
  #onRequest(socket: Socket, bytes: Buffer): void {
    const atMs = performance.now()
    const line = bytes.toString('latin1', 0, 32)
    if (line.startsWith('GET /turn/'))
      this.came.push({ user: Number.parseInt(line.slice(10), 10), atMs })
    if (this.#frozen === null) socket.write(answer)
    else this.#frozen.push(socket)
  }
}

/** Coefficient of variation of the requests per `binMs` between two moments. */
export function variation(
  came: readonly Came[],
  fromMs: number,
  toMs: number,
  binMs: number,
): number {
  const bins = new Array<number>(Math.floor((toMs - fromMs) / binMs)).fill(0)
  for (const { atMs } of came) {
    const bin = Math.floor((atMs - fromMs) / binMs)
    if (bin >= 0 && bin < bins.length) bins[bin]!++
  }
  const mean = bins.reduce((sum, each) => sum + each, 0) / bins.length
  const variance = bins.reduce((sum, each) => sum + (each - mean) ** 2, 0) / bins.length
  return Math.sqrt(variance) / mean
}

/** How far the time between two requests of a user is from `periodMs`, as a part of it; sorted. */
export function gapErrors(
  came: readonly Came[],
  fromMs: number,
  toMs: number,
  periodMs: number,
): number[] {
  const last = new Map<number, number>()
  const errors: number[] = []
  for (const { user, atMs } of came) {
    if (atMs < fromMs || atMs > toMs) continue
    const before = last.get(user)
    if (before !== undefined) errors.push(Math.abs(atMs - before - periodMs) / periodMs)
    last.set(user, atMs)
  }
  return errors.sort((a, b) => a - b)
}

/** Users that log in and then take turns for ever. */
export function paceScenario(
  port: number,
  load: {
    readonly users: number
    readonly arrivalRate: number
    readonly rate: number
    readonly seconds: number
    readonly client?: string
  },
): string {
  const { users, arrivalRate, rate, seconds, client = 'maxusers="18000"' } = load
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" ${client}/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users maxnumber="${users}" arrivalrate="${arrivalRate}" unit="second"/>
      <rate value="${rate}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="turns" probability="100" type="ts_http">
      <request><http url="/login" method="GET" version="1.1"/></request>
      <for var="turn" from="1" to="1000000000">
        <pace/>
        <request subst="true"><http url="/turn/%%_tsung_userid%%" method="GET" version="1.1"/></request>
      </for>
    </session>
  </sessions>
</tsung>
`
}
