/** A broker for `roomPlugin` that loses, doubles, delays and reorders what a test wants. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A message on its way to one receiver. */
export interface OnItsWay {
  /** Number of the receiver in its room, from 1, in the order in which they came. */
  readonly receiver: number
  /** Of its stamp. */
  readonly user: number
  readonly sequence: number
  readonly payload: string
}

/** After how many ms it is delivered; once, not at all, or several times. */
export type Fate = (message: OnItsWay) => readonly number[]

export class MessageBroker {
  readonly port: number
  published = 0
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  static async open(fate: Fate): Promise<MessageBroker> {
    const sockets = new Set<Socket>()
    const rooms = new Map<string, Socket[]>()
    const server = createServer((socket) => {
      sockets.add(socket)
      // An answer and a message that follow each other must not wait for one another.
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      let rest = ''
      socket.on('data', (bytes) => {
        const lines = (rest + bytes.toString('latin1')).split('\n')
        rest = lines.pop()!
        for (const line of lines) {
          const [verb, room = '', payload = ''] = line.split(' ')
          socket.write('ok\n')
          if (verb === 'sub') rooms.set(room, [...(rooms.get(room) ?? []), socket])
          else {
            broker.published++
            deliver(payload, rooms.get(room) ?? [], fate)
          }
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const broker = new MessageBroker(server, sockets)
    return broker
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

function deliver(payload: string, receivers: readonly Socket[], fate: Fate): void {
  const [, user = 0, sequence = 0] = /^@@@\w+,\d+;(\d+);\d+;(\d+)/.exec(payload)?.map(Number) ?? []
  for (const [at, socket] of receivers.entries()) {
    for (const ms of fate({ receiver: at + 1, user, sequence, payload })) {
      const tell = (): void => {
        if (!socket.destroyed) socket.write(`msg ${payload}\n`)
      }
      if (ms === 0) tell()
      else setTimeout(tell, ms)
    }
  }
}
