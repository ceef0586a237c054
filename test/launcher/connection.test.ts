/** Connections whose sockets were used before, against real servers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type ConnectionOwner, SocketConnection } from '../../launcher/connection.ts'
import { TlsClient } from '../../launcher/tls-client.ts'

const tlsOptions = {
  ciphers: null,
  version: null,
  verify: false,
  disableSni: false,
  reuseSessions: false,
}
const tlsClient = new TlsClient(
  tlsOptions as unknown as ConstructorParameters<typeof TlsClient>[0],
  '/',
)

/** Writes what is told, and lets a test wait until something was told. */
class Listener implements ConnectionOwner {
  readonly told: string[] = []
  #wanted = ''
  #over: () => void = () => undefined
  #failed: (error: Error) => void = () => undefined

  /** Fails when something else went wrong meanwhile. */
  until(text: string): Promise<void> {
    this.#wanted = text
    return new Promise((resolve, reject) => {
      this.#over = resolve
      this.#failed = reject
      this.#look()
    })
  }

  #tell(text: string): void {
    this.told.push(text)
    this.#look()
  }

  #look(): void {
    if (this.told.some((each) => each.startsWith(this.#wanted))) this.#over()
    else if (/^(failed|broke|send failed)/.test(this.told.at(-1) ?? '')) {
      this.#failed(new Error(`wanted ${this.#wanted}: ${this.told.join(', ')}`))
    }
  }

  connected = (): void => this.#tell('connected')
  connectFailed = (reason: string): void => this.#tell(`failed ${reason}`)
  tlsSession = (): void => this.#tell('session')
  received = (_connection: unknown, bytes: Uint8Array): void =>
    this.#tell(`received ${Buffer.from(bytes).toString('latin1')}`)
  drained = (): void => this.#tell('drained')
  peerClosed = (): void => this.#tell('closed')
  broke = (reason: string): void => this.#tell(`broke ${reason}`)
  sendFailed = (): void => this.#tell('send failed')
  answerFailed = (code: string): void => this.#tell(`broke ${code}`)
  upgraded = (): void => this.#tell('upgraded')
  upgradeFailed = (reason: string): void => this.#tell(`failed ${reason}`)
  protocolBroken = (code: string): void => this.#tell(`broke ${code}`)
}

describe('connections', () => {
  let server: Server
  let port = 0
  /** What the server saw of each connection, in order. */
  const seen: string[][] = []
  let accepted: (socket: Socket) => void = () => undefined

  before(async () => {
    server = createServer((socket) => {
      const events: string[] = []
      seen.push(events)
      socket.on('data', (bytes) => {
        events.push(`data ${bytes.toString('latin1')}`)
        socket.write(`answer to ${bytes.toString('latin1')}`)
      })
      socket.on('end', () => events.push('end'))
      socket.on('error', (error: NodeJS.ErrnoException) => events.push(`error ${error.code}`))
      accepted(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })

  after(async () => {
    server.close()
    await once(server, 'close')
  })

  beforeEach(() => {
    seen.length = 0
    accepted = () => undefined
  })

  function open(listener: Listener, to: number = port): SocketConnection {
    const endpoint = { host: '127.0.0.1', port: to, transport: 'tcp' } as const
    const options = { address: endpoint.host, endpoint, source: null, tls: null, tlsClient }
    return new SocketConnection(listener, null, options)
  }

  async function ask(text: string): Promise<{ listener: Listener; connection: SocketConnection }> {
    const listener = new Listener()
    const connection = open(listener)
    await listener.until('connected')
    connection.write(text)
    await listener.until('received')
    return { listener, connection }
  }

  /** The server saw the end of all connections so far. */
  async function ended(): Promise<void> {
    while (seen.some((events) => !/^(end|error)/.test(events.at(-1) ?? ''))) await turn()
    await turn()
  }

  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

  it('one after the other, each have their own bytes and end with a FIN', async () => {
    for (let at = 0; at < 20; at++) {
      const { listener, connection } = await ask(`q${at}`)
      connection.close()
      await ended()
      assert.deepEqual(listener.told, ['connected', `received answer to q${at}`])
      assert.deepEqual(seen[at], [`data q${at}`, 'end'])
    }
  })

  it('in numbers, opened while others close, tell nobody else', async () => {
    const listeners: Listener[] = []
    for (let round = 0; round < 5; round++) {
      const asked = await Promise.all(Array.from({ length: 30 }, (_, at) => ask(`${round}.${at}`)))
      for (const { listener, connection } of asked) {
        listeners.push(listener)
        connection.close()
      }
    }
    await ended()
    const told = listeners.map((each) => each.told.join())
    const want = listeners.map(
      (_, at) => `connected,received answer to ${Math.floor(at / 30)}.${at % 30}`,
    )
    assert.deepEqual(told, want)
  })

  it('hear of a close by the peer, again and again', async () => {
    for (let at = 0; at < 5; at++) {
      const { listener } = await ask('a')
      accepted = () => undefined
      for (const socket of await sockets()) socket.end()
      await listener.until('closed')
      assert.deepEqual(listener.told, ['connected', 'received answer to a', 'closed'])
      await ended()
    }
  })

  it('hear of a reset, and the next one is whole', async () => {
    const listener = new Listener()
    accepted = (socket) => void socket.once('data', () => socket.resetAndDestroy())
    const connection = open(listener)
    await listener.until('connected')
    connection.write('x')
    await listener.until('closed')
    accepted = () => undefined
    seen.length = 0
    const next = await ask('y')
    assert.deepEqual(next.listener.told, ['connected', 'received answer to y'])
    next.connection.close()
    await ended()
  })

  it('that were paused do not leave the next one paused', async () => {
    const paused = await ask('a')
    paused.connection.pause()
    paused.connection.close()
    await ended()
    const { listener, connection } = await ask('b')
    assert.deepEqual(listener.told, ['connected', 'received answer to b'])
    connection.close()
    await ended()
  })

  it('refused leave nothing to the next one', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port: closedPort } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const first = await ask('a')
    first.connection.close()
    await ended()
    const refused = new Listener()
    open(refused, closedPort)
    await refused.until('failed')
    assert.deepEqual(refused.told, ['failed econnrefused'])
    const { listener, connection } = await ask('b')
    assert.deepEqual(listener.told, ['connected', 'received answer to b'])
    connection.close()
    await ended()
  })

  it('closed with bytes under way send them all first', async () => {
    const megabyte = 'x'.repeat(4 * 1024 * 1024)
    let got = 0
    accepted = (socket) => {
      socket.removeAllListeners('data')
      socket.on('data', (bytes) => {
        got += bytes.length
      })
    }
    const listener = new Listener()
    const connection = open(listener)
    await listener.until('connected')
    connection.write(megabyte)
    connection.close()
    await ended()
    assert.equal(got, megabyte.length)
    accepted = () => undefined
    const next = await ask('b')
    next.connection.close()
    await ended()
  })

  /** Connections of the server that are open. */
  async function sockets(): Promise<readonly Socket[]> {
    return liveSockets.filter((socket) => !socket.destroyed)
  }

  const liveSockets: Socket[] = []
  before(() => void server.on('connection', (socket: Socket) => liveSockets.push(socket)))
})
