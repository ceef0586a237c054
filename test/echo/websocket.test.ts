/** WebSocket on the bundled target, by npm's `ws` as the client. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { type Echo, type EchoOptions, startEcho } from '../../controller/echo/server.ts'

describe('WebSocket on the echo server', () => {
  let echo: Echo

  async function open(
    path: string,
    protocols: string[] = [],
    options: Partial<EchoOptions> = {},
  ): Promise<WebSocket> {
    echo = await startEcho({ port: 0, ...options })
    const socket = new WebSocket(`ws://127.0.0.1:${echo.port}${path}`, protocols)
    await once(socket, 'open')
    return socket
  }

  async function heard(socket: WebSocket): Promise<[string, boolean]> {
    const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
    return [data.toString(), isBinary]
  }

  afterEach(() => echo.close())

  it('says back texts and bytes of any length', async () => {
    const socket = await open('/any')
    for (const length of [0, 1, 125, 126, 65_536, 300_000]) {
      socket.send('é'.repeat(length))
      assert.deepEqual(await heard(socket), ['é'.repeat(length), false])
      socket.send(Buffer.from('x'.repeat(length)))
      assert.deepEqual(await heard(socket), ['x'.repeat(length), true])
    }
    assert.equal(echo.requests, 12)
  })

  it('chooses the first subprotocol, answers pings, and closes as it was asked to', async () => {
    const socket = await open('/', ['b', 'a'])
    assert.equal(socket.protocol, 'b')
    socket.ping('p')
    assert.equal(String((await once(socket, 'pong'))[0]), 'p')
    socket.close(4001)
    assert.equal((await once(socket, 'close'))[0], 4001)
  })

  it('waits as it was told before it says something back', async () => {
    const socket = await open('/', [], { delay: { type: 'constant', ms: 50 } })
    const startMs = performance.now()
    socket.send('x')
    await heard(socket)
    assert.ok(performance.now() - startMs >= 45)
  })

  it('says something by itself on /push/MS', async () => {
    const socket = await open('/push/20')
    assert.deepEqual(await heard(socket), ['push 1', false])
    assert.deepEqual(await heard(socket), ['push 2', false])
    socket.terminate()
  })

  for (const [what, frame, code] of [
    ['a frame without a mask', [0x81, 0x01, 0x61], 1002],
    ['a text that is not UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
  ] as const) {
    it(`closes with ${code} for ${what}`, async () => {
      const socket = await open('/')
      ;(socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
        Buffer.from(frame),
      )
      assert.equal((await once(socket, 'close'))[0], code)
    })
  }

  it('refuses an upgrade to anything else', async () => {
    echo = await startEcho({ port: 0 })
    const socket = connect(echo.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1\.1 400 /)
    socket.destroy()
  })
})
