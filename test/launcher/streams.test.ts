/** Plugins over a stream adapter, against a real server that speaks it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { selfSigned } from '../../controller/echo/certificate.ts'
import type { Action, Scenario, Session, Transport } from '../../core/scenario/model.ts'
import { type Answering, FramedPeer, frame, framed } from '../support/framed-stream.ts'
import { ask } from '../support/line-plugin.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})

describe('stream adapters', () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  let peers: FramedPeer[] = []

  beforeEach(() => {
    peers = []
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(server: Server): Promise<number> {
    servers.push(server)
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  const serve = (answer: Answering, greeting?: string): Promise<number> =>
    listen(createServer((socket) => void peers.push(new FramedPeer(socket, answer, greeting))))

  interface Play {
    readonly session?: Partial<Session>
    readonly options?: Partial<Scenario['options']>
    readonly transport?: Transport
    readonly users?: number
  }

  function play(actions: readonly Action[], port: number, rest: Play = {}): Promise<Played> {
    const { session, options, transport = 'websocket', users = 1 } = rest
    const plain = scenarioOf([{ ...session, actions }], { port }, { retryTimeoutMs: 1, ...options })
    const servers = [{ host: '127.0.0.1', port, transport, weight: 1 }]
    return playUsers({ ...plain, servers }, { streams: [framed], users })
  }

  const ok: Answering = (_text, peer) => peer.say('ok\n')

  it('carry requests and answers, say goodbye and count what passes the wire', async () => {
    const port = await serve(ok)
    const { counters, taken, gauges } = await play([ask('a'), ask('b')], port)
    await once(peers[0]!.socket, 'end')
    assert.deepEqual(peers[0]!.seen, ['HELLO /chat', 'a\n', 'b\n', 'bye', 'end'])
    assert.deepEqual(
      pick(counters, 'tsts_acknowledged', 'framed_opened', 'size_sent', 'size_rcv'),
      {
        tsts_acknowledged: 2,
        framed_opened: 1,
        size_sent: 'HELLO /chat\n'.length + 3 + 3 + 1,
        size_rcv: 'OK\n'.length + 4 + 4,
      },
    )
    assert.deepEqual([taken['connect'], taken['tcp_connect'], taken['tls']], [1, 1, undefined])
    assert.equal(gauges.connected, 0)
    assert.equal(gauges.connectedMax, 1)
  })

  it('keep their handshake out of connect and in the request', async () => {
    const port = await listen(
      createServer((socket) =>
        socket.once('data', () => {
          setTimeout(() => {
            peers.push(new FramedPeer(socket, ok, ''))
            peers[0]!.seen.push('HELLO')
            socket.write('OK\n')
          }, 80)
        }),
      ),
    )
    const { samples } = await play([ask('a')], port)
    assert.ok(samples['connect']!.max < 60, `connect ${samples['connect']!.max}`)
    assert.ok(samples['request']!.min >= 75, `request ${samples['request']!.min}`)
  })

  for (const [what, size] of [
    ['byte by byte', 1],
    ['in pairs of bytes', 2],
    ['all at once', 1000],
  ] as const) {
    it(`deliver what comes ${what}`, async () => {
      const port = await listen(
        createServer((socket) => {
          socket.setNoDelay(true)
          socket.on('error', () => undefined)
          const all = Buffer.concat([Buffer.from('OK\n'), frame('o'), frame('k\n')])
          socket.once('data', () => void trickle(socket, all, size))
        }),
      )
      const { counters } = await play([ask('a')], port)
      assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv'), {
        tsts_acknowledged: 1,
        size_rcv: 8,
      })
    })
  }

  /** Each part in a segment of its own. */
  async function trickle(socket: Socket, bytes: Buffer, size: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      if (socket.destroyed) return
      socket.write(bytes.subarray(at, at + size))
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
  }

  it('refused are tried again, and counted as failed connects', async () => {
    const port = await serve(ok, 'NO room\n')
    const { counters, examples, gauges } = await play([ask('a')], port)
    assert.deepEqual(
      pick(counters, 'error_connect_framed', 'error_abort_max_conn_retries', 'tsts_failed'),
      { error_connect_framed: 4, error_abort_max_conn_retries: 1, tsts_failed: 1 },
    )
    assert.ok(examples.includes('error_connect_framed: room'))
    assert.equal(peers.length, 4)
    assert.equal(gauges.connectedMax, 0)
  })

  it('greeted with nonsense, or closed on, have a name for it', async () => {
    const nonsense = await play([ask('a')], await serve(ok, 'SSH-2.0\n'))
    assert.equal(nonsense.counters['error_connect_protocol'], 4)
    assert.ok(nonsense.examples.includes('error_connect_protocol: error_framed_greeting: SSH-2.0'))
    const closed = await play([ask('a')], await listen(createServer((socket) => socket.end())))
    assert.equal(closed.counters['error_connect_closed'], 4)
  })

  it('that are never answered end with connect_timeout', async () => {
    const port = await listen(createServer((socket) => void socket.resume()))
    const options = { connectTimeoutMs: 60, maxRetries: 1 }
    const { counters, gauges } = await play([ask('a')], port, { options })
    assert.deepEqual(pick(counters, 'error_connect_timeout', 'error_abort_max_conn_retries'), {
      error_connect_timeout: 2,
      error_abort_max_conn_retries: 1,
    })
    assert.equal(gauges.connected, 0)
  })

  it('broken by the peer fail the request, and the next one has a new connection', async () => {
    const port = await serve((text, peer) => {
      if (text === 'a\n') peer.socket.write(Buffer.from([255]))
      else peer.say('ok\n')
    })
    const { counters, gauges } = await play([ask('a'), ask('b')], port)
    assert.deepEqual(
      pick(counters, 'error_framed_length', 'tsts_failed', 'tsts_acknowledged', 'framed_opened'),
      { error_framed_length: 1, tsts_failed: 1, tsts_acknowledged: 1, framed_opened: 2 },
    )
    assert.equal(gauges.connected, 0)
    assert.ok(!peers[0]!.seen.includes('bye'))
  })

  it('closed by the peer in its own way are closed, and opened again for the next request', async () => {
    const port = await serve((text, peer) => {
      peer.say('ok\n')
      if (text === 'a\n') peer.say('')
    })
    const { counters, gauges } = await play([ask('a'), think(60), ask('b')], port)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'framed_opened', 'error_closed'), {
      tsts_acknowledged: 2,
      framed_opened: 2,
      error_closed: 0,
    })
    assert.equal(gauges.connected, 0)
    assert.equal(gauges.connectedMax, 1)
  })

  it('deliver what is left when the peer closes', async () => {
    const port = await serve((_text, { socket }) => socket.end(Buffer.from([9, 1, 2])))
    const { counters } = await play([ask('a')], port)
    assert.equal(counters['tsts_acknowledged'], 1)
  })

  it('that the peer resets while an answer is awaited fail the request', async () => {
    const port = await serve((text, peer) => {
      if (text === 'a\n') peer.socket.resetAndDestroy()
      else peer.say('ok\n')
    })
    const { counters, gauges } = await play([ask('a'), ask('b')], port)
    assert.deepEqual(pick(counters, 'error_closed_in_answer', 'tsts_acknowledged'), {
      error_closed_in_answer: 1,
      tsts_acknowledged: 1,
    })
    assert.equal(gauges.connected, 0)
  })

  it('wait for a peer that does not read', async () => {
    const port = await serve((text, peer) => {
      if (text === 'a\n') setTimeout(() => peer.socket.resume(), 150)
      if (text === 'a\n' || text === 'b\n') peer.say('ok\n')
      if (text === 'a\n') peer.socket.pause()
    })
    const request = ask('x'.repeat(1_000_000), 'no_ack')
    const requests = Array.from({ length: 20 }, () => request)
    const { counters, samples } = await play([ask('a'), ...requests, ask('b')], port)
    assert.equal(counters['request_noack'], 20)
    assert.equal(counters['tsts_acknowledged'], 2)
    assert.equal(peers[0]!.seen.slice(2, -1).join('').length, 20 * 1_000_001)
    assert.ok(samples['session']!.max >= 140)
  }).timeout(20_000)

  it('are limited in what comes as bare connections are', async () => {
    const port = await serve((_text, peer) => {
      for (let at = 0; at < 200; at++) peer.say('x'.repeat(200))
      peer.say('ok\n')
    })
    const { counters, samples } = await play([ask('a')], port, {
      options: { rateLimit: { bytesPerMs: 100, burstBytes: 1000 } },
    })
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv'), {
      tsts_acknowledged: 1,
      size_rcv: 3 + 200 * 201 + 4,
    })
    assert.ok(samples['request']!.min >= 300, `${samples['request']!.min} ms`)
  })

  it('of many users do not mix', async () => {
    const port = await serve((text, peer) => peer.say(`${text.trim()} ok\n`))
    const actions = [ask('%%_tsung_userid%%', 'parse', { subst: 'true' }), ask('b')]
    const { counters } = await play(actions, port, { users: 20 })
    assert.equal(counters['tsts_acknowledged'], 40)
    const users = peers.map(({ seen }) => seen[1]!.trim())
    assert.deepEqual(
      users.sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 20 }, (_, at) => String(at + 1)),
    )
  })

  it('run over TLS, which is part of connect', async function () {
    requirePeer(this, 'openssl', 'openssl')
    const { key, cert } = selfSigned()
    const server = createTlsServer({ key, cert }, (socket) => {
      peers.push(new FramedPeer(socket, ok))
    })
    const port = await listen(server)
    const { counters, taken } = await play([ask('a'), ask('b')], port, {
      transport: 'websocket_ssl',
    })
    assert.equal(counters['tsts_acknowledged'], 2)
    assert.deepEqual([taken['connect'], taken['tcp_connect'], taken['tls']], [1, 1, 1])
  })
})
