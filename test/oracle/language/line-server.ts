/** Targets of raw sessions: what ends with `;` is answered, over TCP, TLS or UDP. */
import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { KeyPair } from '../../../controller/echo/certificate.ts'

/** Called with each part that came: a connection's bytes may come in several. */
export type OnBytes = (connection: number, bytes: string) => void

export interface LineServer {
  readonly port: number
  close(): Promise<void>
}

/** Bytes of zeros that are answered as if they were a line. */
const zerosPerLine = 16

/**
 * What a connection is told for the bytes that it sent.
 *
 * | line           | answer                                        |
 * | -------------- | --------------------------------------------- |
 * | `…close;`      | `bye`, then the connection is closed          |
 * | `…silence;`    | none                                          |
 * | `…twice;`      | `got …twice`, and 150 ms later `later`        |
 * | any other      | `got …`                                       |
 * | 16 zero bytes  | `zeros`                                       |
 */
class Lines {
  #pending = ''

  /** @returns the lines that these bytes complete */
  take(bytes: string): string[] {
    const lines: string[] = []
    this.#pending += bytes
    for (;;) {
      const end = this.#pending.startsWith('\0') ? zerosPerLine : this.#pending.indexOf(';') + 1
      if (end === 0 || this.#pending.length < end) return lines
      lines.push(this.#pending.slice(0, end))
      this.#pending = this.#pending.slice(end)
    }
  }
}

export async function startLines(onBytes: OnBytes, tls: KeyPair | null): Promise<LineServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const onSocket = (socket: Socket): void => {
    const connection = connections++
    const lines = new Lines()
    sockets.add(socket)
    socket.setEncoding('latin1')
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes: string) => {
      onBytes(connection, bytes)
      for (const line of lines.take(bytes)) answerLine(socket, line)
    })
  }
  const server: Server = tls === null ? createServer(onSocket) : createTlsServer(tls, onSocket)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Each datagram is a line; a connection is an address of the peer. */
export async function startDatagrams(onBytes: OnBytes): Promise<LineServer> {
  const socket = createSocket('udp4')
  const peers = new Map<number, number>()
  socket.on('message', (datagram, { port, address }) => {
    const connection = peers.get(port) ?? peers.size
    peers.set(port, connection)
    const bytes = datagram.toString('latin1')
    onBytes(connection, bytes)
    if (!bytes.endsWith('silence;')) socket.send(answerText(bytes), port, address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', resolve)
  })
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function answerLine(socket: Socket, line: string): void {
  if (line.endsWith('silence;')) return
  if (line.endsWith('close;')) {
    socket.end('bye')
    return
  }
  socket.write(answerText(line), 'latin1')
  if (line.endsWith('twice;')) setTimeout(() => socket.write('later'), 150)
}

function answerText(line: string): string {
  return line.startsWith('\0') ? 'zeros' : `got ${line.slice(0, -1)}`
}
