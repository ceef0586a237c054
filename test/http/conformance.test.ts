import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import type { AnyPlugin, DecodeSink, Plugin } from '../../plugins/api.ts'
import { type ConformanceFixture, checkPlugin } from '../../plugins/conformance.ts'
import type { HttpData } from '../../plugins/http/data.ts'
import type { HttpConnection } from '../../plugins/http/decode.ts'
import { type HttpRequest, http } from '../../plugins/http/plugin.ts'
import type { HttpUser } from '../../plugins/http/user.ts'

const get: HttpData = {
  method: 'GET',
  version: '1.1',
  url: '/a?b=c',
  path: '/a?b=c',
  target: null,
  host: null,
  open: null,
  body: null,
  contentType: 'application/x-www-form-urlencoded',
  ifModifiedSince: null,
  soapAction: null,
  authorization: null,
  oauth: null,
  headers: [],
  cookies: [],
}

const post: HttpData = {
  ...get,
  method: 'POST',
  body: 'caf\u00c3\u00a9',
  soapAction: 'urn:do',
  authorization: { type: 'basic', userid: 'user', passwd: 'p:ss' },
  headers: [
    ['X-One', '1'],
    ['Content-Type', 'text/plain'],
  ],
  cookies: [{ key: 'k', value: 'v', path: '/', domain: '.' }],
}

const head: HttpData = { ...get, method: 'HEAD', ifModifiedSince: 'Sat, 29 Oct 1994 19:43:31 GMT' }
const digest: HttpData['authorization'] = {
  type: 'digest',
  userid: 'ann',
  passwd: 'tea',
  realm: 'shop',
  nonce: '%%_nonce%%',
  opaque: null,
  qop: 'auth',
  cnonce: null,
  nc: null,
}
const oauth: HttpData['oauth'] = {
  method: 'RSA-SHA1',
  consumerKey: 'key',
  consumerSecret: 'pem',
  accessToken: '%%_token%%',
  accessTokenSecret: '',
}
const page = gzipSync('<html>'.repeat(50)).toString('latin1')
const ok = 'HTTP/1.1 200 OK\r\n'
const nginxHead =
  `${ok}Server: nginx/1.22.1\r\nDate: Mon, 06 Oct 2025 07:28:00 GMT\r\nContent-Type: text/html\r\n` +
  'Last-Modified: Tue, 01 Oct 2024 09:00:00 GMT\r\nETag: "66fbb990-267"\r\n'

type Fixture = Omit<ConformanceFixture, 'data' | 'counters' | 'progress'> & {
  readonly data?: HttpData
  readonly counters?: ConformanceFixture['counters']
  readonly progress?: ConformanceFixture['progress']
}

const fixtures: readonly Fixture[] = [
  {
    name: 'a body of the length given',
    answer: `${nginxHead}Content-Length: 12\r\nConnection: keep-alive\r\n\r\nhello world\n`,
  },
  {
    name: 'no body, to a POST with everything',
    data: post,
    answer: 'HTTP/1.1 201 Created\r\nLocation: /a/1\r\nContent-Length: 0\r\n\r\n',
    counters: { 201: 1 },
  },
  {
    name: 'cookies that the next request sends back',
    answer: `${ok}Set-Cookie: sid=31d4d96e; Path=/; HttpOnly\r\nSet-Cookie: lang=en\r\nContent-Length: 1\r\n\r\n.`,
  },
  {
    name: 'chunks with an extension and trailers',
    answer:
      `${nginxHead}Transfer-Encoding: chunked\r\n\r\n` +
      '5;name="a"\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: y\r\nX-Sum: 1\r\n\r\n',
  },
  {
    name: 'nothing new',
    data: head,
    answer: 'HTTP/1.1 304 Not Modified\r\nETag: "66fbb990-267"\r\nContent-Length: 615\r\n\r\n',
    counters: { 304: 1 },
  },
  {
    name: 'the head of a long body',
    data: head,
    answer: `${nginxHead}Content-Length: 615\r\n\r\n`,
  },
  {
    name: 'a continue before the answer',
    data: post,
    answer: `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
  },
  {
    name: 'a body that ends when the peer closes',
    answer: 'HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6\r\n\r\n<html>\r\n\r\n</html>\n',
    closes: true,
    progress: 'close',
  },
  {
    name: 'a last answer on this connection',
    answer: 'HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy',
    progress: 'close',
    counters: { 503: 1 },
  },
  {
    name: 'half a body, then a close',
    answer: `${ok}Content-Length: 500\r\n\r\nhalf`,
    closes: true,
    progress: 'more',
  },
  {
    name: 'lines that end with a line feed alone',
    answer: 'HTTP/1.1 204 No Content\nX: y\n\n',
    counters: { 204: 1 },
  },
  {
    name: 'a drawn user agent',
    options: { useServerAsProxy: false, userAgents: [{ probability: 100, text: 'Mozilla/5.0' }] },
    answer: `${ok}Content-Length: 3\r\n\r\nabc`,
  },
  {
    name: 'a body in gzip',
    answer: `${ok}Content-Encoding: gzip\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
  },
  {
    name: 'variables everywhere',
    data: {
      ...post,
      url: '/%%_a%%',
      open: { isProxied: false, isIpv6: false, prefix: '' },
      body: '%%_b%%',
      headers: [['X-One', '%%_c%%']],
      cookies: [{ key: 'k', value: '%%_d%%', path: '/', domain: '.' }],
    },
    subst: 'true',
    variables: { a: 'one', b: 'two', c: 'three', d: 'four' },
    answer: `${ok}Content-Length: 1\r\n\r\n.`,
  },
  {
    name: 'a URL that leads elsewhere',
    data: { ...get, url: '%%_a%%', open: { isProxied: false, isIpv6: false, prefix: '' } },
    subst: 'true',
    variables: { a: 'http://other.example/a' },
    answer: `${ok}Content-Length: 1\r\n\r\n.`,
  },
  {
    name: 'a digest that counts its uses',
    data: { ...get, authorization: digest },
    subst: 'true',
    variables: { nonce: 'abc' },
    answer: `${ok}Content-Length: 1\r\n\r\n.`,
  },
  {
    name: 'a signature of OAuth',
    data: { ...post, oauth },
    subst: 'all_except_body',
    variables: { token: 'abc' },
    answer: `${ok}Content-Length: 1\r\n\r\n.`,
  },
  {
    name: 'a body too long to be cut everywhere',
    answer: `${ok}Content-Length: 5000\r\n\r\n${'0123456789'.repeat(500)}`,
  },
]

function whole({ data = get, counters = { 200: 1 }, progress = 'done', ...rest }: Fixture) {
  return { ...rest, data: { ...data }, counters, progress } as unknown as ConformanceFixture
}

type Http = Plugin<HttpRequest, HttpUser, HttpConnection>
type Decode = Http['decode']

const writing: Decode = (bytes, connection, user, sink) => {
  const progress = http.decode(bytes, connection, user, sink)
  bytes.fill(0)
  return progress
}

const readingWhole: Decode = (bytes, connection, user, sink) => {
  const text = Buffer.from(bytes).toString('latin1')
  const progress = http.decode(bytes, connection, user, sink as DecodeSink)
  if (progress === 'done' && !text.startsWith('HTTP/')) sink.count('error_http_bad_status_line')
  return progress
}

const throwing: Decode = (bytes, connection, user, sink) => {
  try {
    return http.decode(bytes, connection, user, sink)
  } catch {
    throw new RangeError('bad')
  }
}

const counting: Decode = (bytes, connection, user, sink) => {
  sink.count('made_up')
  return http.decode(bytes, connection, user, sink)
}

describe('conformance of plugins', () => {
  for (const fixture of fixtures) {
    it(`HTTP keeps the rules with ${fixture.name}`, () => checkPlugin(http, [whole(fixture)]))
  }

  it('HTTP keeps two users apart', () => checkPlugin(http, fixtures.slice(0, 4).map(whole)))

  it('refuses to check nothing', () => {
    assert.throws(() => checkPlugin(http, []), /no fixture was given/)
  })

  for (const [title, broken, says] of brokenPlugins()) {
    it(`tells of a plugin that ${title}`, () => {
      assert.throws(() => checkPlugin(broken, [whole(fixtures[0]!), whole(fixtures[3]!)]), says)
    })
  }

  it('tells of a plugin that does not say its variables', () => {
    const fixture = { ...whole(fixtures[0]!), variables: { a: 'one' } }
    const says = /with another value of a it sends the same/
    assert.throws(() => checkPlugin(http, [fixture]), says)
  })

  it('tells of a plugin that mixes the variables of two users', () => {
    let shared: HttpUser['place'] = null
    const mixing = {
      ...http,
      prepare(...[request, user, view]: Parameters<NonNullable<Http['prepare']>>) {
        http.prepare!(request, user, view)
        shared = user.place
      },
      encode(...[request, user, connection, view, sink]: Parameters<Http['encode']>) {
        user.place = shared
        return http.encode(request, user, connection, view, sink)
      },
    } as AnyPlugin
    const fixture = whole(fixtures.find(({ name }) => name === 'variables everywhere')!)
    assert.throws(() => checkPlugin(mixing, [fixture]), /two users that differ in a get mixed up/)
  })

  it('tells of an outcome that is not the expected one', () => {
    const fixture = { ...whole(fixtures[0]!), counters: { 404: 1 } }
    assert.throws(() => checkPlugin(http, [fixture]), /counts \{"200":1\}, not \{"404":1\}/)
  })

  it('tells of data that does not survive JSON', () => {
    const fixture = whole(fixtures[0]!)
    const data = { ...(fixture.data as object), host: undefined } as unknown as null
    assert.throws(() => checkPlugin(http, [{ ...fixture, data }]), /does not survive JSON/)
  })
})

function brokenPlugins(): [title: string, plugin: AnyPlugin, says: RegExp][] {
  const shared: { connection: HttpConnection | null } = { connection: null }
  let sent = 0
  return [
    ['keeps lent bytes', decoding(keepingLentBytes()), /keeps bytes that were lent/],
    ['writes lent bytes', decoding(writing), /writes bytes that were lent/],
    ['reads only whole answers', decoding(readingWhole), /cut at .* the outcome is/],
    ['throws on bad bytes', decoding(throwing), /hostile bytes .* give RangeError: bad/],
    ['invents a counter', decoding(counting), /counts "made_up", which is not declared/],
    [
      'shares its connections',
      {
        ...http,
        newConnection(user: HttpUser) {
          shared.connection ??= http.newConnection(user)
          return shared.connection
        },
      } as AnyPlugin,
      /differs when another user plays|ends with/,
    ],
    [
      'counts requests over its users',
      {
        ...http,
        encode(...given: Parameters<Http['encode']>) {
          return http.encode(...given).replace('\r\n', `\r\nX-Sent: ${++sent}\r\n`)
        },
      } as AnyPlugin,
      /its request has other bytes/,
    ],
  ]
}

function decoding(decode: Decode): AnyPlugin {
  return { ...http, decode } as AnyPlugin
}

/** Reads the last part together with the one before, which it only kept by reference. */
function keepingLentBytes(): Decode {
  const kept = new WeakMap<HttpConnection, Uint8Array>()
  return (bytes, connection, user, sink) => {
    const before = kept.get(connection)
    kept.set(connection, bytes)
    const progress = http.decode(bytes, connection, user, sink)
    if (progress !== 'more' && before?.[0] === 0x58) sink.count('404')
    return progress
  }
}
