import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { type KeyPair, selfSigned } from '../../controller/echo/certificate.ts'
import type { Action, Options, Transport } from '../../core/scenario/model.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import { ask } from '../support/line-plugin.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

interface Play {
  readonly host: string
  readonly port: number
  readonly transport: Transport
  readonly actions: readonly Action[]
  readonly tls?: Partial<Options['tls']>
  readonly sources?: SourceAddresses
  readonly folder?: string
  readonly options?: Partial<Options>
}

/** Plays one user; counters and how often each sample was taken. */
function play({ host, port, transport, actions, tls, options, ...rest }: Play): Promise<Played> {
  const plain = scenarioOf([{ actions }], { host, port }, { retryTimeoutMs: 1, ...options })
  const scenario = {
    ...plain,
    servers: [{ host, port, transport, weight: 1 }],
    options: { ...plain.options, tls: { ...plain.options.tls, ...tls } },
  }
  return playUsers(scenario, rest)
}

function answerLines(socket: Socket): void {
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    socket[bytes.toString().startsWith('close') ? 'end' : 'write']('ok\n')
  })
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('transports', () => {
  let certificate: KeyPair
  const servers: Server[] = []
  const tlsSockets: TLSSocket[] = []
  const resumed: boolean[] = []

  before(function () {
    requirePeer(this, 'openssl', 'openssl')
    certificate = selfSigned()
  })

  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
    tlsSockets.length = 0
    resumed.length = 0
  })

  async function tcpServer(host: string): Promise<{ port: number; peers: string[] }> {
    const peers: string[] = []
    const server = createTcpServer((socket) => {
      peers.push(`${socket.remoteAddress}:${socket.remotePort}`)
      answerLines(socket)
    })
    servers.push(server)
    return { port: await listen(server, host), peers }
  }

  async function tlsServer(options: object = {}): Promise<number> {
    const { key, cert } = certificate
    const server = createTlsServer({ key, cert, ...options }, (socket) => {
      tlsSockets.push(socket)
      resumed.push(socket.isSessionReused())
      answerLines(socket)
    })
    servers.push(server)
    return listen(server, '127.0.0.1')
  }

  it('tcp6 reaches an IPv6 address', async () => {
    const { port } = await tcpServer('::1')
    const { counters } = await play({ host: '::1', port, transport: 'tcp6', actions: [ask('a')] })
    assert.equal(counters['tsts_acknowledged'], 1)
  })

  it('a name is resolved, and one that does not exist is nxdomain', async () => {
    const { port } = await tcpServer('127.0.0.1')
    const found = await play({ host: 'localhost', port, transport: 'tcp', actions: [ask('a')] })
    assert.equal(found.counters['tsts_acknowledged'], 1)
    const lost = await play({
      host: 'no.such.host.invalid',
      port,
      transport: 'tcp',
      actions: [ask('a')],
    })
    assert.equal(lost.counters['error_connect_nxdomain'], 4)
  })

  it('ssl measures TCP and TLS apart and does not verify, as Tsung', async () => {
    const port = await tlsServer()
    const { counters, taken } = await play({
      host: '127.0.0.1',
      port,
      transport: 'ssl',
      actions: [ask('a'), ask('b')],
    })
    assert.equal(counters['tsts_acknowledged'], 2)
    assert.deepEqual([taken['connect'], taken['tcp_connect'], taken['tls']], [1, 1, 1])
    assert.equal(counters['size_sent'], 4)
  })

  it('a rate limit holds over TLS, what came before a close included', async () => {
    const { key, cert } = certificate
    const server = createTlsServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.end(`${'x'.repeat(79_999)}\n`))
    })
    servers.push(server)
    const port = await listen(server, '127.0.0.1')
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 60 }, line: 1 }
    const { counters, samples } = await play({
      host: '127.0.0.1',
      port,
      transport: 'ssl',
      actions: [ask('a'), think, ask('b')],
      options: { rateLimit: { bytesPerMs: 400, burstBytes: 1000 } },
    })
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv', 'error_closed_in_answer'), {
      tsts_acknowledged: 2,
      size_rcv: 160_000,
      error_closed_in_answer: 0,
    })
    const { min, max } = samples['request']!
    assert.ok(min >= 100 && max < 1500, `${min} to ${max} ms`)
  })

  it('ssl_verify refuses a certificate nobody signed', async () => {
    const port = await tlsServer()
    const { counters, examples } = await play({
      host: '127.0.0.1',
      port,
      transport: 'ssl',
      actions: [ask('a')],
      tls: { verify: true },
    })
    assert.equal(counters['error_connect_tls'], 4)
    assert.match(examples[0]!, /self.signed/i)
  })

  it('sends SNI for a name, unless ssl_disable_sni', async () => {
    const port = await tlsServer()
    const asked = { host: 'localhost', port, transport: 'ssl', actions: [ask('a')] } as const
    await play(asked)
    await play({ ...asked, tls: { disableSni: true } })
    assert.deepEqual(
      tlsSockets.map(({ servername }) => servername || null),
      ['localhost', null],
    )
  })

  for (const [reuseSessions, expected] of [
    [true, [false, true]],
    [false, [false, false]],
  ] as const) {
    it(`ssl_reuse_sessions=${reuseSessions}: the second handshake is ${expected[1] ? 'resumed' : 'full'}`, async () => {
      const port = await tlsServer()
      const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 60 }, line: 1 }
      const { counters } = await play({
        host: '127.0.0.1',
        port,
        transport: 'ssl',
        actions: [ask('close'), think, ask('b')],
        tls: { reuseSessions },
      })
      assert.equal(counters['tsts_acknowledged'], 2)
      assert.deepEqual(resumed, expected)
    })
  }

  it('ssl_versions and ssl_ciphers are what is negotiated', async () => {
    const port = await tlsServer()
    const tls = { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }
    await play({ host: '127.0.0.1', port, transport: 'ssl', actions: [ask('a')], tls })
    assert.equal(tlsSockets[0]!.getProtocol(), 'TLSv1.2')
    assert.equal(tlsSockets[0]!.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384')
  })

  it('set_option certificate closes the connection and shows the certificate at the next', async () => {
    const port = await tlsServer({ requestCert: true, rejectUnauthorized: false })
    const { key, cert } = certificate
    const shown: Action = {
      type: 'set_option',
      option: {
        name: 'certificate',
        certificate: { ca: null, key: { pem: key }, cert: { pem: cert }, passphrase: null },
      },
      line: 1,
    }
    await play({
      host: '127.0.0.1',
      port,
      transport: 'ssl',
      actions: [ask('a'), shown, ask('b')],
    })
    assert.deepEqual(
      tlsSockets.map((socket) => 'subject' in (socket.getPeerCertificate() ?? {})),
      [false, true],
    )
  })

  it('a certificate whose path has markers is read when it is known, one that is not there fails the connect', async () => {
    const port = await tlsServer({ requestCert: true, rejectUnauthorized: false })
    const folder = mkdtempSync(join(tmpdir(), 'tsts-certificates-'))
    writeFileSync(join(folder, '1.key'), certificate.key)
    writeFileSync(join(folder, '1.pem'), certificate.cert)
    const shown = (name: string): Action => ({
      type: 'set_option',
      option: {
        name: 'certificate',
        certificate: {
          ca: null,
          key: { path: `${name}.key` },
          cert: { path: `${name}.pem` },
          passphrase: null,
        },
      },
      line: 1,
    })
    const server = { host: '127.0.0.1', port, transport: 'ssl' } as const
    const actions = [shown('%%_tsung_userid%%'), ask('a')]
    assert.deepEqual((await play({ ...server, actions, folder })).examples, [])
    assert.ok('subject' in tlsSockets[0]!.getPeerCertificate())
    const { counters, examples } = await play({
      ...server,
      actions: [shown('none-%%_tsung_userid%%'), ask('a')],
      folder,
    })
    rmSync(folder, { recursive: true })
    assert.equal(counters['error_connect_tls'], 4)
    assert.match(examples[0]!, /none-1\.pem/)
  })

  it('a peer that speaks no TLS is a failed connect, not a crash', async () => {
    const server = createTcpServer(
      (socket) => void socket.on('error', () => undefined).end('SSH-2.0-x\r\n'),
    )
    servers.push(server)
    const port = await listen(server, '127.0.0.1')
    const { counters } = await play({
      host: '127.0.0.1',
      port,
      transport: 'ssl',
      actions: [ask('a')],
    })
    assert.equal(counters['error_abort_max_conn_retries'], 1)
    assert.equal(counters['tsts_failed'], 1)
  })

  it('binds source address and port, and skips a port that is taken', async () => {
    const { port, peers } = await tcpServer('127.0.0.1')
    const taken = createTcpServer()
    servers.push(taken)
    const first = await listen(taken, '127.0.0.9')
    const ports = () => ({ min: first, max: first + 20 })
    const sources = new SourceAddresses([{ type: 'ip', value: '127.0.0.9' }], ports(), 0)
    const { counters } = await play({
      host: '127.0.0.1',
      port,
      transport: 'tcp',
      actions: [ask('a')],
      sources,
    })
    assert.equal(counters['tsts_acknowledged'], 1)
    assert.equal(counters['error_connect_eaddrinuse'], undefined)
    assert.match(peers[0]!, /^127\.0\.0\.9:/)
    assert.notEqual(peers[0], `127.0.0.9:${first}`)
  })
})
