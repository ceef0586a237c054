/** Server types websocket and websocket_ssl: other protocols through a WebSocket. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { selfSigned } from '../../controller/echo/certificate.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { raw } from '../../plugins/raw/plugin.ts'
import { scenarioOf } from '../scenario/build.ts'
import { requirePeer } from '../support/peers.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { binary, closing, frame, ping } from '../support/websocket-frames.ts'
import { booksOf, errorsOf, hit, think } from '../support/websocket-play.ts'
import { agreeing, Targets } from '../support/websocket-target.ts'

const targets = new Targets()
const plugins = { ts_raw: raw as AnyPlugin, ts_http: http as AnyPlugin }

function send(data: string, ack = 'local', checks = ''): string {
  return `<request subst="true">${checks}<raw data="${data}" ack="${ack}"/></request>`
}

interface Play {
  readonly options?: string
  readonly type?: string
  readonly sessionType?: string
  readonly bidi?: boolean
  readonly users?: number
}

function play(session: string, port: number, rest: Play = {}): Promise<Played> {
  const { options = '', type = 'websocket', sessionType = 'ts_raw', bidi = true, users = 1 } = rest
  const scenario = scenarioOf({
    servers: `<server host="127.0.0.1" port="${port}" type="${type}"/>`,
    options: `<option name="max_retries" value="1"/><option name="retry_timeout" value="1"/>${options}`,
    sessions: `<session name="s" probability="100" type="${sessionType}" bidi="${bidi}">${session}</session>`,
  })
  return playUsers(scenario, { plugins, users })
}

describe('servers of type websocket', () => {
  afterEach(() => targets.close())

  it('get a frame for each request, and the protocol what frames carry', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket }) => {
        if (opcode > 2) return
        socket.write(ping(`p ${payload}`))
        socket.write(frame(0x02, `${payload}!`))
        socket.write(frame(0x80, '!'))
      },
    })
    const played = await play(
      send('one', 'local', hit('^one!')) +
        send('user %%_tsung_userid%%') +
        think(40) +
        send('x', 'no_ack'),
      target.port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(booksOf(played), [3, 2, 0, 1])
    assert.equal(played.counters['match'], 1)
    const [head] = target.heads
    assert.equal(
      head!.replace(/(Key: )[A-Za-z0-9+/]{22}==/, '$1KEY'),
      `GET /chat HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: 127.0.0.1\r\nSec-WebSocket-Key: KEY\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    await target.until(({ opcode }) => opcode === 8)
    const data = target.frames.filter(({ opcode }) => opcode !== 10)
    assert.deepEqual(
      data.map(({ opcode, payload, isMasked }) => [opcode, payload, isMasked]),
      [
        [2, 'one', true],
        [2, 'user 1', true],
        [2, 'x', true],
        [8, '\u0003\u00e8close', true],
      ],
    )
    const pongs = target.frames.filter(({ opcode }) => opcode === 10)
    assert.deepEqual(pongs.map(({ payload }) => payload).slice(0, 2), ['p one', 'p user 1'])
  })

  it('are asked as the options say', async () => {
    const seen: (string | undefined)[] = []
    const { port, server } = await targets.ws({ handleProtocols: () => 'mqtt' }, (socket) => {
      socket.on('message', (data, isBinary) => {
        seen.push(`${isBinary ? 'binary' : 'text'} ${data}`)
        socket.send(data)
      })
    })
    server.on('connection', (_socket, { url, headers }) => {
      seen.push(url, headers.origin, headers['sec-websocket-protocol'])
    })
    const options = Object.entries({
      path: '/t',
      frame: 'text',
      subprotocols: 'mqtt',
      origin: 'http://a.example',
    })
      .map(([name, value]) => `<option name="websocket_${name}" value="${value}"/>`)
      .join('')
    const played = await play(send('hello'), port, { options })
    assert.deepEqual(booksOf(played), [1, 1, 0, 0])
    assert.deepEqual(seen, ['/t', 'http://a.example', 'mqtt', 'text hello'])
  })

  it('carry HTTP too, in answers cut into frames', async () => {
    const { port } = await targets.ws({}, (socket) => {
      socket.on('message', () => {
        for (const part of ['HTTP/1.1 200 OK\r\nContent-', 'Length: 5\r\n\r\nhe', 'llo'])
          socket.send(part)
      })
    })
    const session = `<request>${hit('^HTTP.*hello$').replace('.*', '[\\s\\S]*')}<http url="/"/></request>`
    const played = await play(session + session, port, { sessionType: 'ts_http' })
    assert.deepEqual(pick(played.counters, '200', 'match', 'tsts_acknowledged'), {
      200: 2,
      match: 2,
      tsts_acknowledged: 2,
    })
  })

  for (const [what, answer] of [
    ['refuse the handshake', () => 'HTTP/1.1 404 Not Found\r\n\r\n'],
    ['answer with a wrong key', () => `${agreeing('AAAA')}\r\n`],
    ['speak another protocol', () => '220 ready\r\n'],
  ] as const) {
    it(`that ${what} are a connect that failed, by name, and tried again`, async () => {
      const target = await targets.scripted({ answer })
      const played = await play(send('x'), target.port)
      assert.deepEqual(errorsOf(played), {
        error_connect_websocket: 2,
        error_abort_max_conn_retries: 1,
      })
      assert.equal(target.heads.length, 2)
      assert.deepEqual(booksOf(played), [1, 0, 1, 0])
    })
  }

  it('may close: the close is answered, and the next request connects again', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket, number }) => {
        if (opcode !== 2) return
        socket.write(binary(payload))
        if (number === 1) socket.write(closing(1001, 'going'))
      },
    })
    const played = await play(send('a') + think(40) + send('b'), target.port)
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    assert.equal(played.counters['websocket_close_1001'], 1)
    assert.equal(target.heads.length, 2)
    assert.equal(target.frames.find(({ opcode }) => opcode === 8)!.payload, '\u0003\u00e9')
  })

  it('that break the protocol are closed with its code, and the user goes on', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket, number }) => {
        if (opcode === 2) socket.write(number === 1 ? frame(0x83, 'x') : binary(payload))
      },
    })
    const played = await play(send('a') + send('b'), target.port)
    assert.deepEqual(errorsOf(played), { error_websocket_protocol: 1 })
    assert.deepEqual(booksOf(played), [2, 1, 1, 0])
    assert.equal(target.frames.find(({ opcode }) => opcode === 8)!.payload, '\u0003\u00ea')
  })

  it('serve many users at once', async () => {
    const { port } = await targets.ws()
    const session = `<for var="i" from="1" to="20" incr="1">${send('%%_i%% of %%_tsung_userid%%', 'local', hit('^%%_i%% of %%_tsung_userid%%$').replace('<match ', '<match subst="true" '))}</for>`
    const played = await play(session, port, { users: 30 })
    assert.deepEqual(errorsOf(played), {})
    assert.equal(played.counters['match'], 600)
  })

  it('of type websocket_ssl are the same over TLS', async function () {
    requirePeer(this, 'openssl', 'openssl')
    const server = createServer(selfSigned())
    const sockets = new WebSocketServer({ server })
    const origins: (string | undefined)[] = []
    sockets.on('connection', (socket, { headers }) => {
      origins.push(headers.origin)
      socket.on('message', (data) => socket.send(data))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const options = '<option name="websocket_origin" value="https://a.example"/>'
      const played = await play(send('a', 'local', hit('^a$')), port, {
        type: 'websocket_ssl',
        options,
      })
      assert.deepEqual(booksOf(played), [1, 1, 0, 0])
      assert.deepEqual(pick(played.taken, 'connect', 'tls'), { connect: 1, tls: 1 })
      assert.deepEqual(origins, ['https://a.example'])
    } finally {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      server.close()
    }
  })
})
