/** TLS that begins on a connection that is open, against real servers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { type KeyPair, selfSigned } from '../../controller/echo/certificate.ts'
import type { Action, Scenario } from '../../core/scenario/model.ts'
import type { AnyPlugin, Progress } from '../../plugins/api.ts'
import { checkPlugin } from '../../plugins/conformance.ts'
import { FramedPeer, framed } from '../support/framed-stream.ts'
import { ask, linePlugin } from '../support/line-plugin.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

/** The line protocol; the answer `go` to `starttls` lets TLS begin. */
const plugin: AnyPlugin = {
  ...linePlugin,
  decode: (bytes, connection, user, sink): Progress => {
    const { line } = connection as { line: string }
    const text = line + Buffer.from(bytes).toString('latin1')
    const progress = linePlugin.decode(bytes, connection, user, sink)
    return progress === 'done' && text.startsWith('go\n') ? 'upgrade' : progress
  },
}

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})

describe('TLS on an open connection', () => {
  let pair: KeyPair
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  /** What was said, and over what. */
  let said: string[] = []
  let secured: TLSSocket[] = []

  before(function () {
    requirePeer(this, 'openssl', 'openssl')
    pair = selfSigned()
  })
  beforeEach(() => {
    said = []
    secured = []
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      onSocket(socket)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  /** Answers lines, and begins TLS when it is asked for. */
  const serve = (
    begins: (socket: Socket) => void = secure,
    answer = (_text: string): string => 'ok\n',
  ): Promise<number> =>
    listen((socket) => {
      socket.on('data', function onData(bytes) {
        const text = bytes.toString('latin1').trim()
        said.push(`tcp ${text}`)
        if (text !== 'starttls') socket.write(answer(text))
        else {
          socket.off('data', onData)
          socket.write('go\n', () => begins(socket))
        }
      })
    })

  function secure(socket: Socket, answer = (_text: string): string => 'ok\n'): void {
    const secureContext = createSecureContext(pair)
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: true,
      rejectUnauthorized: false,
    })
    secured.push(tls)
    tls.on('error', () => undefined)
    tls.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1').trim()
      said.push(`tls ${text}`)
      tls.write(answer(text))
    })
  }

  const play = (
    actions: readonly Action[],
    port: number,
    options: Partial<Scenario['options']> = {},
    users = 1,
  ): Promise<Played> =>
    playUsers(scenarioOf([{ actions }], { port }, options), { plugins: { ts_line: plugin }, users })

  it('carries what follows, and is measured as tls', async () => {
    const port = await serve()
    const { counters, taken, gauges } = await play(
      [ask('a'), ask('starttls'), ask('b'), think(20), ask('c')],
      port,
    )
    assert.deepEqual(said, ['tcp a', 'tcp starttls', 'tls b', 'tls c'])
    assert.equal(counters['tsts_acknowledged'], 4)
    assert.deepEqual([taken['connect'], taken['tls'], taken['request']], [1, 1, 4])
    assert.equal(gauges.connected, 0)
  })

  it('of many users at once stays apart', async () => {
    const { counters } = await play([ask('starttls'), ask('b')], await serve(), {}, 20)
    assert.equal(counters['tsts_acknowledged'], 40)
    assert.equal(said.filter((each) => each === 'tls b').length, 20)
  })

  it('shows the certificate of the user', async () => {
    const port = await serve()
    const shown: Action = {
      type: 'set_option',
      option: {
        name: 'certificate',
        certificate: {
          ca: null,
          key: { pem: pair.key },
          cert: { pem: pair.cert },
          passphrase: null,
        },
      },
      line: 1,
    }
    await play([ask('starttls'), ask('a'), shown, ask('starttls'), ask('b')], port)
    assert.deepEqual(
      secured.map((socket) => 'subject' in (socket.getPeerCertificate() ?? {})),
      [false, true],
    )
  })

  it('names a certificate that cannot be read', async () => {
    const file = { path: 'none.pem' }
    const shown: Action = {
      type: 'set_option',
      option: {
        name: 'certificate',
        certificate: { ca: null, key: file, cert: file, passphrase: null },
      },
      line: 1,
    }
    const { counters, examples } = await play([shown, ask('starttls'), ask('b')], await serve())
    assert.equal(counters['error_connect_tls'], 1)
    assert.match(examples[0]!, /none\.pem/)
    assert.deepEqual(said, ['tcp starttls'])
  })

  it('takes a long answer, slowly where the rate is limited', async () => {
    const port = await serve((socket) => secure(socket, () => `${'x'.repeat(79_999)}\n`))
    const { counters, samples } = await play([ask('starttls'), ask('b'), ask('c')], port, {
      rateLimit: { bytesPerMs: 400, burstBytes: 1000 },
    })
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv'), {
      tsts_acknowledged: 3,
      size_rcv: 160_003,
    })
    assert.ok(samples['request']!.max >= 150, `${samples['request']!.max} ms`)
  })

  for (const [what, begins, counter] of [
    ['with a peer that speaks none', (socket: Socket) => void socket.end('220 hello\n'), 'tls'],
    ['with a peer that closes', (socket: Socket) => void socket.end(), 'closed'],
    ['with a peer that resets', (socket: Socket) => void socket.resetAndDestroy(), 'econnreset'],
  ] as const) {
    it(`${what} ends the user, with a name`, async () => {
      const port = await serve((socket) => socket.once('data', () => begins(socket)))
      const { counters, taken, gauges } = await play([ask('starttls'), ask('b')], port)
      assert.deepEqual(
        pick(
          counters,
          `error_connect_${counter}`,
          'tsts_acknowledged',
          'tsts_issued',
          'tsts_failed',
        ),
        { [`error_connect_${counter}`]: 1, tsts_acknowledged: 1, tsts_issued: 1, tsts_failed: 0 },
      )
      assert.equal(taken['tls'], undefined)
      assert.equal(gauges.connected, 0)
      assert.deepEqual(said, ['tcp starttls'])
    })
  }

  it('with a certificate that ssl_verify refuses ends the user', async () => {
    const tls = { ...scenarioOf([], { port: 1 }).options.tls, verify: true }
    const { counters, examples } = await play([ask('starttls'), ask('b')], await serve(), { tls })
    assert.equal(counters['error_connect_tls'], 1)
    assert.match(examples[0]!, /self.signed/i)
  })

  it('that never comes ends with idle_timeout', async () => {
    const port = await serve(() => undefined)
    const { counters, gauges } = await play([ask('starttls'), ask('b')], port, {
      idleTimeoutMs: 80,
    })
    assert.equal(counters['error_timeout'], 1)
    assert.equal(gauges.connected, 0)
  })

  it('leaves nothing to the next connection', async () => {
    const port = await serve()
    const bye = await serve(undefined, () => 'bye\n')
    for (let round = 0; round < 5; round++) await play([ask('starttls'), ask('b')], port)
    const { counters } = await play([ask('a'), ask('b'), ask('c')], bye)
    assert.equal(counters['tsts_acknowledged'], 3)
  })

  it('is nothing that a stream adapter can do', async () => {
    const port = await listen(
      (socket) =>
        void new FramedPeer(socket, (text, peer) =>
          peer.say(text === 'starttls\n' ? 'go\n' : 'ok\n'),
        ),
    )
    const plain = scenarioOf([{ actions: [ask('starttls'), ask('b')] }], { port })
    const scenario = {
      ...plain,
      servers: [{ host: '127.0.0.1', port, transport: 'websocket', weight: 1 } as const],
    }
    const { counters, gauges } = await playUsers(scenario, {
      plugins: { ts_line: plugin },
      streams: [framed],
    })
    assert.deepEqual(pick(counters, 'error_connect_tls', 'tsts_issued'), {
      error_connect_tls: 1,
      tsts_issued: 1,
    })
    assert.equal(gauges.connected, 0)
  })

  it('is a progress that the conformance suite knows', () => {
    const counters = [
      { name: 'line_answers', kind: 'count', isError: false, doc: 'answers' },
      { name: 'error_line_bad', kind: 'count', isError: true, doc: 'bad lines' },
    ] as const
    const declared = { ...plugin, declaration: { ...plugin.declaration, counters } }
    const fixture = {
      name: 'starttls',
      data: { text: 'starttls' },
      answer: 'go\n',
      progress: 'upgrade',
      counters: { line_answers: 1 },
    } as const
    checkPlugin(declared, [fixture])
    assert.throws(
      () => checkPlugin(declared, [{ ...fixture, progress: 'done' }]),
      /ends with upgrade/,
    )
  })
})
