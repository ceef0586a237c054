/** What servers do to users over HTTP/2: resets, GOAWAY, closes, broken frames, bytes in any pieces. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  constants,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import type { Scenario } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { scenarioOf } from '../scenario/build.ts'
import {
  endHeaders,
  endStream,
  FrameType,
  frame,
  framesServer,
  status200,
  word,
} from '../support/http2-frames.ts'
import { type Played, pick, playUsers } from '../support/play.ts'

type Answer = (stream: ServerHttp2Stream, path: string, session: ServerHttp2Session) => void

const ok = (stream: ServerHttp2Stream, text = 'ok'): void => {
  stream.respond({ ':status': 200 })
  stream.end(text)
}

describe('HTTP/2 in trouble', function () {
  this.timeout(30_000)
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let asked: string[] = []

  beforeEach(() => {
    connections = 0
    asked = []
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(server: Server): Promise<number> {
    servers.push(server)
    server.on('connection', (socket: Socket) => {
      connections++
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  function serve(answer: Answer): Promise<number> {
    const server = createServer()
    server.on('session', (session) => session.on('error', () => undefined))
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined)
      const path = String(headers[':path'])
      asked.push(path)
      answer(stream, path, stream.session as ServerHttp2Session)
    })
    return listen(server as unknown as Server)
  }

  const get = (...paths: string[]): string =>
    paths.map((path) => `<request><http url="${path}"/></request>`).join('')

  function play(
    port: number,
    session: string,
    { users = 1, shared = 1, options = '', variables = {} } = {},
  ): Promise<Played> {
    const scenario: Scenario = scenarioOf({
      servers: `<server host="127.0.0.1" port="${port}" type="tcp"/>`,
      options: `<option name="retry_timeout" value="1"/>${options}<option type="ts_http" name="http_version" value="2"/><option type="ts_http" name="http2_users_per_connection" value="${shared}"/>`,
      session,
    })
    return playUsers(scenario, { plugins: { ts_http: http as AnyPlugin }, users, variables })
  }

  for (const [name, code] of [
    ['internal_error', constants.NGHTTP2_INTERNAL_ERROR],
    ['refused_stream', constants.NGHTTP2_REFUSED_STREAM],
    ['cancel', constants.NGHTTP2_CANCEL],
    ['enhance_your_calm', constants.NGHTTP2_ENHANCE_YOUR_CALM],
    ['unknown', 99],
  ] as const) {
    for (const when of ['before', 'within'] as const) {
      it(`a stream reset with ${name} ${when} its answer fails the request, the connection stays`, async () => {
        const { headers, data, rstStream } = FrameType
        const port = await listen(
          framesServer((id, socket) => {
            if (id > 1) socket.write(frame(headers, endHeaders | endStream, id, status200))
            else {
              if (when === 'within') {
                socket.write(frame(headers, endHeaders, id, status200))
                socket.write(frame(data, 0, id, Buffer.from('half')))
              }
              socket.write(frame(rstStream, 0, id, word(code)))
            }
          }),
        )
        const { counters, gauges } = await play(port, get('/a', '/b'))
        assert.deepEqual(
          pick(counters, `error_http2_${name}`, 'tsts_failed', 'tsts_acknowledged'),
          { [`error_http2_${name}`]: 1, tsts_failed: 1, tsts_acknowledged: 1 },
        )
        assert.equal(connections, 1)
        assert.equal(gauges.connected, 0)
      })
    }
  }

  it('a stream reset without an error once the answer is whole is none', async () => {
    const port = await serve((stream) => {
      stream.respond({ ':status': 413, 'content-length': '2' })
      stream.end('no', () => stream.close(constants.NGHTTP2_NO_ERROR))
    })
    const post = `<request><http url="/a" method="POST" contents="${'x'.repeat(500_000)}"/></request>`
    const { counters } = await play(port, post + get('/b'))
    assert.deepEqual(pick(counters, 'tsts_acknowledged', '413', 'tsts_failed'), {
      tsts_acknowledged: 2,
      413: 2,
      tsts_failed: 0,
    })
  })

  it('GOAWAY between two requests closes, and the next request has a new connection', async () => {
    const port = await serve((stream, path, session) => {
      ok(stream)
      if (path === '/a') stream.on('close', () => session.close())
    })
    const session = `${get('/a')}<thinktime value="0.05"/>${get('/b')}`
    const { counters, taken, gauges } = await play(port, session)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'tsts_failed', 'http2_asked_again'), {
      tsts_acknowledged: 2,
      tsts_failed: 0,
      http2_asked_again: 0,
    })
    assert.equal(taken['connect'], 2)
    assert.equal(gauges.connected, 0)
  })

  it('GOAWAY in mid-run lets what is under way end, and asks again what was not taken up', async () => {
    let goaways = 0
    const port = await serve((stream, _path, session) => {
      if (asked.length % 40 === 0) {
        goaways++
        // Streams up to the one before: this one was not taken up.
        session.goaway(constants.NGHTTP2_NO_ERROR, stream.id! - 2)
        // At once, while its frame is read, Node 20 would read on in memory that it has freed.
        setImmediate(() => stream.close(constants.NGHTTP2_REFUSED_STREAM))
        asked.pop()
        asked.push('gone')
        setTimeout(() => session.close(), 20)
      } else setTimeout(() => stream.destroyed || ok(stream), 2)
    })
    const paths = Array.from({ length: 20 }, (_, at) => `/${at}`)
    const { counters, gauges } = await play(port, get(...paths), { users: 10, shared: 10 })
    const errors = Object.keys(counters).filter((name) => name.startsWith('error'))
    assert.deepEqual(errors, [])
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'tsts_failed'), {
      tsts_acknowledged: 200,
      tsts_failed: 0,
    })
    assert.ok(goaways >= 4 && counters['http2_asked_again']! >= goaways)
    assert.ok(connections > goaways / 2)
    assert.equal(gauges.connected, 0)
  })

  it('GOAWAY before anything was taken up counts, and uses up the tries', async () => {
    const port = await listen(
      framesServer((_id, socket) => void socket.write(frame(FrameType.goaway, 0, 0, word(0, 0)))),
    )
    const { counters } = await play(port, get('/a'))
    assert.deepEqual(
      pick(counters, 'error_send_connection_closed', 'error_abort_max_send_retries', 'tsts_failed'),
      { error_send_connection_closed: 4, error_abort_max_send_retries: 1, tsts_failed: 1 },
    )
  })

  it('GOAWAY with an error fails what is under way, under its name', async () => {
    const port = await serve((stream, path, session) => {
      if (path === '/b') ok(stream)
      else setTimeout(() => session.destroyed || session.goaway(11), 10)
    })
    const { counters, gauges } = await play(port, get('/a', '/b'), { users: 3, shared: 3 })
    assert.deepEqual(
      pick(counters, 'error_http2_enhance_your_calm', 'tsts_failed', 'tsts_acknowledged'),
      { error_http2_enhance_your_calm: 3, tsts_failed: 3, tsts_acknowledged: 3 },
    )
    assert.equal(gauges.connected, 0)
  })

  for (const how of ['end', 'resetAndDestroy'] as const) {
    it(`a connection that is gone (${how}) fails what is under way, and the users go on`, async () => {
      let isSet = false
      const port = await serve((stream, path) => {
        if (path === '/b') ok(stream)
        else if (!isSet) {
          isSet = true
          setTimeout(() => tellAll(sockets, (socket) => socket[how]()), 50)
        }
      })
      const { counters, gauges } = await play(port, get('/a', '/b'), { users: 4, shared: 2 })
      assert.deepEqual(
        pick(counters, 'error_closed_in_answer', 'tsts_failed', 'tsts_acknowledged'),
        {
          error_closed_in_answer: 4,
          tsts_failed: 4,
          tsts_acknowledged: 4,
        },
      )
      assert.equal(gauges.connected, 0)
    })
  }

  it('a refused port fails the connects of all users', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    server.close()
    await once(server, 'close')
    const { counters, gauges } = await play(port, get('/a'), { users: 3, shared: 3 })
    assert.deepEqual(
      pick(counters, 'error_connect_econnrefused', 'error_abort_max_conn_retries', 'tsts_failed'),
      { error_connect_econnrefused: 12, error_abort_max_conn_retries: 3, tsts_failed: 3 },
    )
    assert.equal(gauges.connectedMax, 0)
  })

  it('frames that are none fail what is under way', async () => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.once('data', () => socket.write(Buffer.from('00000a0600000000000000', 'hex')))
      }),
    )
    const { counters, gauges } = await play(port, get('/a'), { users: 2, shared: 2 })
    assert.equal(counters['tsts_failed'], 2)
    assert.ok(Object.keys(counters).some((name) => name.startsWith('error_http2_')))
    assert.equal(gauges.connected, 0)
  })

  it('a server that never answers is error_timeout', async () => {
    const port = await serve(() => undefined)
    const options = '<option name="idle_timeout" value="80"/>'
    const { counters, gauges } = await play(port, get('/a'), { users: 2, shared: 2, options })
    assert.equal(counters['error_timeout'], 2)
    assert.equal(gauges.connected, 0)
  })

  it('a push is refused', async () => {
    let allowed: boolean | null = null
    const port = await serve((stream) => {
      allowed = stream.pushAllowed
      ok(stream)
    })
    const { counters } = await play(port, get('/a'))
    assert.equal(allowed, false)
    assert.equal(counters['tsts_acknowledged'], 1)
  })

  for (const [what, header] of [
    ['a name with a blank', '<http_header name="X y" value="1"/>'],
    ['a pseudo-header', '<http_header name=":path" value="/c"/>'],
    ['a NUL', '<http_header name="X" value="%%_nul%%"/>'],
  ] as const) {
    it(`a header that HTTP/2 has no place for (${what}) is named, and the user goes on`, async () => {
      const port = await serve((stream) => ok(stream))
      const bad = `<request subst="true"><http url="/a">${header}</http></request>`
      const { counters } = await play(port, bad + get('/b'), { variables: { nul: 'a\0b' } })
      assert.deepEqual(
        pick(counters, 'error_http2_bad_request', 'tsts_failed', 'tsts_acknowledged'),
        {
          error_http2_bad_request: 1,
          tsts_failed: 1,
          tsts_acknowledged: 1,
        },
      )
      assert.deepEqual(asked, ['/b'])
    })
  }

  for (const size of [1, 7, 100]) {
    it(`what comes in pieces of ${size} bytes is the same`, async () => {
      const port = await serve((stream) => {
        stream.respond({ ':status': 200, 'x-long': 'y'.repeat(200) }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': '1' }))
        stream.write('one ')
        setTimeout(() => stream.end('two'), 3)
      })
      const cut = await listen(cutting(port, size))
      const match = '<match do="continue" when="match" name="m">one two</match>'
      const session = `<request>${match}<http url="/a"/></request>`.repeat(2)
      const { counters } = await play(cut, session, { users: 2, shared: 2 })
      assert.deepEqual(pick(counters, 'tsts_acknowledged', 'match', '200'), {
        tsts_acknowledged: 4,
        match: 4,
        200: 4,
      })
    })
  }

  /** Passes on what comes back in pieces, each in a read of its own. */
  function cutting(port: number, size: number): Server {
    return createTcpServer((socket) => {
      socket.setNoDelay(true)
      const there = connect(port, '127.0.0.1')
      there.on('error', () => undefined)
      socket.pipe(there)
      let held = Buffer.alloc(0)
      there.on('data', (bytes) => {
        held = Buffer.concat([held, bytes])
      })
      const timer = setInterval(() => {
        if (held.length === 0) return
        socket.write(held.subarray(0, size))
        held = held.subarray(size)
      }, 1)
      socket.on('close', () => {
        clearInterval(timer)
        there.destroy()
      })
    })
  }

  it('a rate limit holds back one user, and no other on its connection', async () => {
    const port = await serve((stream, path) =>
      ok(stream, 'x'.repeat(path === '/long' ? 400_000 : 10)),
    )
    const options = '<option name="rate_limit" value="1024"/>'
    const { counters, samples } = await play(port, get('/long', '/a'), {
      users: 3,
      shared: 3,
      options,
    })
    assert.equal(counters['tsts_acknowledged'], 6)
    assert.ok(samples['request']!.max >= 250, `${samples['request']!.max} ms`)
    assert.ok(samples['request']!.min < 100, `${samples['request']!.min} ms`)
  })
})

function tellAll(each: Iterable<Socket>, tell: (socket: Socket) => void): void {
  for (const socket of [...each]) tell(socket)
}
