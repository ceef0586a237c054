/** A server that acknowledges everything and delivers nothing, for what real ones do not do. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { ack, connack, pingresp, suback, unsuback } from './packets.ts'

export interface Came {
  /** From 1. */
  readonly connection: number
  /** First four bits. */
  readonly type: number
  /** The whole packet, a byte string. */
  readonly bytes: string
  /** Where the id stands, if it has one. */
  readonly id: number
}

/** What is sent back: a byte string; null: as usual. */
export type Answer = (came: Came, socket: Socket) => string | null

export class TinyBroker {
  readonly came: Came[] = []
  readonly port: number
  readonly #server: Server
  readonly #sockets: ReadonlySet<Socket>

  static async open(answer: Answer = () => null): Promise<TinyBroker> {
    const sockets = new Set<Socket>()
    let broker: TinyBroker | null = null
    let connections = 0
    const server = createServer((socket) => {
      const connection = ++connections
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      let rest = ''
      socket.on('data', (bytes) => {
        rest += bytes.toString('latin1')
        for (let size = sizeOf(rest); size > 0; size = sizeOf(rest)) {
          const came = readPacket(connection, rest.slice(0, size))
          rest = rest.slice(size)
          broker!.came.push(came)
          socket.write(answer(came, socket) ?? usual(came, socket), 'latin1')
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    broker = new TinyBroker(server, sockets)
    return broker
  }

  private constructor(server: Server, sockets: ReadonlySet<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  /** Types of the packets that came, by name. */
  get types(): readonly string[] {
    return this.came.map(({ type }) => names[type] ?? `${type}`)
  }

  /** What clients that have closed their connections still sent is waited for. */
  async close(): Promise<void> {
    this.#server.close()
    const untilMs = Date.now() + lingerMs
    while (this.#sockets.size > 0 && Date.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await once(this.#server, 'close')
  }
}

/** For clients that keep their connections. */
const lingerMs = 2000

const names: { readonly [type: number]: string } = {
  ...{ 1: 'connect', 3: 'publish', 4: 'puback', 5: 'pubrec', 6: 'pubrel', 7: 'pubcomp' },
  ...{ 8: 'subscribe', 10: 'unsubscribe', 12: 'pingreq', 14: 'disconnect' },
}

/** Bytes of the first packet; 0: it is not whole. */
function sizeOf(bytes: string): number {
  let remaining = 0
  for (let at = 1, factor = 1; at < bytes.length; at++, factor *= 128) {
    const byte = bytes.charCodeAt(at)
    remaining += (byte & 127) * factor
    if (byte < 128) return bytes.length > at + remaining ? at + 1 + remaining : 0
  }
  return 0
}

function readPacket(connection: number, bytes: string): Came {
  const type = bytes.charCodeAt(0) >> 4
  let at = 1
  while (bytes.charCodeAt(at++) > 127);
  const int16 = (where: number): number =>
    (bytes.charCodeAt(where) << 8) | bytes.charCodeAt(where + 1)
  const isMessage = type === 3
  const hasId = isMessage ? (bytes.charCodeAt(0) & 6) !== 0 : type > 3 && type < 12
  const id = hasId ? int16(isMessage ? at + 2 + int16(at) : at) : 0
  return { connection, type, bytes, id }
}

function usual({ type, bytes, id }: Came, socket: Socket): string {
  const qos = (bytes.charCodeAt(0) >> 1) & 3
  switch (type) {
    case 1:
      return connack()
    case 3:
      return qos === 0 ? '' : ack(qos === 1 ? 'puback' : 'pubrec', id)
    case 5:
      return ack('pubrel', id)
    case 6:
      return ack('pubcomp', id)
    case 8:
      return suback(id, [1])
    case 10:
      return unsuback(id)
    case 12:
      return pingresp
    case 14:
      socket.end()
      return ''
    default:
      return ''
  }
}
