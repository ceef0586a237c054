/** Variables in requests. The bytes are those that Tsung 1.7 sent to a recording server, unless a title says otherwise. */
import assert from 'node:assert/strict'
import type { ScenarioElement, Server } from '../../plugins/api.ts'
import { HttpConnection } from '../../plugins/http/decode.ts'
import { http } from '../../plugins/http/plugin.ts'
import { element } from '../support/element.ts'
import {
  compiled,
  cookie,
  first,
  header,
  option,
  parse,
  request,
  type Setting,
  second,
  sent,
} from '../support/http-requests.ts'
import { PluginUser } from '../support/plugin-user.ts'
import { strictSink } from '../support/strict-sink.ts'

const variables = {
  a: 'one',
  b: 'two words &/\xe9',
  there: 'http://localhost:8082/there?x=y z',
  bare: 'http://localhost:8082',
  path: '/path',
  host: 'localhost',
  port: '8082',
  word: 'foo',
  upper: 'HTTP://localhost:8082/u',
  nothing: '',
}
const on: Setting = { subst: 'true', variables }
const hostAndAgent = 'Host: 127.0.0.1:8081\r\nUser-Agent: tsung\r\n'
const form = 'Content-Type: application/x-www-form-urlencoded\r\n'

const cases: [title: string, http: ScenarioElement, bytes: string, setting?: Setting][] = [
  [
    'a path, blanks as %20, the rest as it is',
    request({ url: '/%%_a%%/%%_a%%%%_b%%?c=%%_b%%%20' }),
    `GET /one/onetwo%20words%20&/\xe9?c=two%20words%20&/\xe9%20 HTTP/1.1\r\n${hostAndAgent}\r\n`,
  ],
  [
    'a body and its content type, the length in bytes',
    request({ url: '/', method: 'POST', contents: 'x=%%_b%%', content_type: 'text/%%_a%%' }),
    `POST / HTTP/1.1\r\n${hostAndAgent}Content-Type: text/one\r\nContent-Length: 15\r\n\r\nx=two words &/\xe9`,
  ],
  [
    'a body from a file',
    request({ url: '/', method: 'PUT', contents_from_file: 'body' }),
    `PUT / HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 5\r\n\r\n\xffone\n`,
    { ...on, file: '\xff%%_a%%\n' },
  ],
  [
    'all but the body with all_except_body',
    request({ url: '/%%_a%%', method: 'POST', contents: '%%_a%%' }, cookie('k', '%%_a%%')),
    `POST /one HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 6\r\nCookie: k=one\r\n\r\n%%_a%%`,
    { ...on, subst: 'all_except_body' },
  ],
  [
    'a body on a method without one never',
    request({ url: '/', contents: '%%_a%%' }),
    `GET / HTTP/1.1\r\n${hostAndAgent}\r\n`,
  ],
  [
    'values of headers and cookies, names never, in document order',
    request(
      { url: '/' },
      header('X-%%_a%%', '%%_a%%-%%_word%%'),
      header('X-Plain', 'plain'),
      cookie('k%%_a%%', '%%_b%%'),
      cookie('k2', '2'),
    ),
    `GET / HTTP/1.1\r\n${hostAndAgent}Cookie: k%%_a%%=two words &/\xe9; k2=2\r\n` +
      'X-%%_a%%: one-foo\r\nX-Plain: plain\r\n\r\n',
  ],
  [
    'headers that replace generated ones',
    request(
      { url: '/', method: 'PUT', contents: '%%_a%%' },
      header('Host', '%%_a%%.example'),
      header('user-agent', '%%_a%%'),
      header('Content-Type', '%%_b%%'),
    ),
    'PUT / HTTP/1.1\r\nHost: one.example\r\nUser-Agent: one\r\nContent-Type: two words &/\xe9\r\n' +
      'Content-Length: 3\r\n\r\none',
  ],
  [
    'credentials, then SOAPAction as it is written',
    request(
      { url: '/' },
      element('www_authenticate', { userid: '%%_a%%', passwd: '%%_word%%' }),
      element('soap', { action: 'urn:%%_a%%' }),
    ),
    `GET / HTTP/1.1\r\n${hostAndAgent}Authorization: Basic b25lOmZvbw==\r\n` +
      'SOAPAction: "urn:%%_a%%"\r\n\r\n',
  ],
  [
    'SOAPAction before the credentials with If-Modified-Since, which is as it is written',
    request(
      { url: '/', if_modified_since: '%%_a%%' },
      element('www_authenticate', { userid: '%%_a%%', passwd: '%%_word%%' }),
      element('soap', { action: 's' }),
    ),
    'GET / HTTP/1.1\r\nIf-Modified-Since: %%_a%%\r\n' +
      `${hostAndAgent}SOAPAction: "s"\r\nAuthorization: Basic b25lOmZvbw==\r\n\r\n`,
  ],
  [
    'cookies by the path that variables make',
    request(
      { url: '/%%_word%%/x' },
      cookie('yes', '1', { path: '/foo' }),
      cookie('no', '1', { path: '/%%' }),
    ),
    `GET /foo/x HTTP/1.1\r\n${hostAndAgent}Cookie: yes=1\r\n\r\n`,
  ],
  [
    'the text undefined for what was never set',
    request({ url: '%%_nobody%%', method: 'POST', contents: '-%%_nobody%%-' }),
    `POST undefined HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 11\r\n\r\n-undefined-`,
  ],
  [
    'UTF-8 around variables where a text is not ISO-8859-1',
    request({ url: '/' }, header('X', '€%%_b%%')),
    `GET / HTTP/1.1\r\n${hostAndAgent}X: \xe2\x82\xactwo words &/\xe9\r\n\r\n`,
  ],
  [
    'nothing with subst="false"',
    request(
      { url: '/%%_a%%', method: 'POST', contents: '%%_a%%' },
      header('X', '%%_a%%'),
      cookie('k', '%%_a%%'),
    ),
    `POST /%%_a%% HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 6\r\nCookie: k=%%_a%%\r\nX: %%_a%%\r\n\r\n%%_a%%`,
    { ...on, subst: 'false' },
  ],
]

const line = (bytes: string) => bytes.split('\r\n').slice(0, 2).join(' | ')

const journeys: [title: string, urls: readonly string[], lines: readonly string[], Setting?][] = [
  [
    'a URL that becomes absolute goes to its server, and paths stay there (Tsung keeps the first Host)',
    ['/a', '%%_there%%', '/b', '%%_path%%', '/c%%_there%%'],
    [
      'GET /a HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /b HTTP/1.1 | Host: localhost:8082',
      'GET /path HTTP/1.1 | Host: localhost:8082',
      'GET /chttp://localhost:8082/there?x=y%20z HTTP/1.1 | Host: localhost:8082',
    ],
  ],
  [
    'the first path goes to the only server, whatever variables led to before',
    ['http://%%_host%%:%%_port%%/x?q=%%_host%%', '/a', '%%_there%%', '/b'],
    [
      'GET /x?q=localhost HTTP/1.1 | Host: localhost:8082',
      'GET /a HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /b HTTP/1.1 | Host: localhost:8082',
    ],
  ],
  [
    'until a path without variables was there, paths go to the only server',
    ['/a%%_word%%', '%%_there%%', '/b%%_word%%', '%%_there%%', '/c', '%%_there%%', '/d%%_word%%'],
    [
      'GET /afoo HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /bfoo HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /c HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /dfoo HTTP/1.1 | Host: localhost:8082',
    ],
  ],
  [
    'with several servers a path goes where the user is',
    ['%%_there%%', '/a'],
    [
      'GET /there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET /a HTTP/1.1 | Host: localhost:8082',
    ],
    { ...on, servers: [first, second] },
  ],
  [
    'a word is sent as it is, an upper-case scheme too',
    ['%%_word%%', '%%_upper%%'],
    [
      'GET foo HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET HTTP://localhost:8082/u HTTP/1.1 | Host: 127.0.0.1:8081',
    ],
  ],
  [
    'no path is / (with which Tsung fails)',
    ['%%_nothing%%', '%%_bare%%', '%%_bare%%?x=1'],
    [
      'GET / HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET / HTTP/1.1 | Host: localhost:8082',
      'GET /?x=1 HTTP/1.1 | Host: localhost:8082',
    ],
  ],
  [
    'a proxy is asked for whole URLs (Tsung goes there itself)',
    ['http://some.host:81/', '%%_there%%', '/a%%_path%%', '%%_path%%'],
    [
      'GET http://some.host:81/ HTTP/1.1 | Host: some.host:81',
      'GET http://localhost:8082/there?x=y%20z HTTP/1.1 | Host: localhost:8082',
      'GET http://some.host:81/a/path HTTP/1.1 | Host: some.host:81',
      'GET http://some.host:81/path HTTP/1.1 | Host: some.host:81',
    ],
    { ...on, options: [option('http_use_server_as_proxy')] },
  ],
]

describe('variables in HTTP requests', () => {
  for (const [title, asked, bytes, setting] of cases) {
    it(`replaces ${title}`, () => assert.deepEqual(sent([asked], setting ?? on), [bytes]))
  }

  for (const [title, urls, lines, setting] of journeys) {
    it(title, () => {
      const asked = urls.map((url) => request({ url }))
      assert.deepEqual(sent(asked, setting ?? on).map(line), lines)
    })
  }

  const targets: [url: string, server: Server, target: string][] = [
    ['%%_there%%', first, 'tcp localhost 8082'],
    ['https://%%_host%%/', first, 'ssl localhost 443'],
    ['https://%%_host%%/', { ...first, transport: 'tcp6' }, 'ssl6 localhost 443'],
    ['http://[::%%_one%%]:81/', { ...first, transport: 'tcp6' }, 'tcp6 ::1 81'],
  ]
  for (const [url, server, target] of targets) {
    it(`${url} leads from ${server.transport} to ${target}`, () => {
      const view = new PluginUser(server, { ...variables, one: '1' })
      const all = parse([request({ url })], { subst: 'true', servers: [server] })
      const user = http.newUser(view, null)
      const [asked] = compiled(all, view, 'true')
      http.prepare!(asked!, user, view)
      const found = http.target(asked!, user, view)!
      assert.equal(`${found.transport} ${found.host} ${found.port}`, target)
    })
  }

  for (const url of ['http://localhost:no/', 'http://:80/', 'http://a:b@c/', 'http://a:70000/']) {
    it(`${url} cannot be asked`, () => {
      assert.throws(() => sent([request({ url: '%%_url%%' })], { ...on, variables: { url } }), {
        code: 'error_http_bad_url',
      })
    })
  }

  it('the same request renders anew for each user', () => {
    const views = ['1', '2'].map((id) => new PluginUser(first, { id }))
    const all = parse([request({ url: '/%%_id%%' }, header('X', '%%_id%%'))], on)
    const lines = views.map((view) => {
      const [asked] = compiled(all, view, 'true')
      const user = http.newUser(view, null)
      http.prepare!(asked!, user, view)
      return http.encode(asked!, user, http.newConnection(user), view, strictSink)
    })
    assert.match(lines[0]!, /^GET \/1 .*\r\nX: 1\r\n/s)
    assert.match(lines[1]!, /^GET \/2 .*\r\nX: 2\r\n/s)
  })

  it('each text that is replaced is checked', () => {
    const asked = request(
      { url: '/u', method: 'POST', contents: 'c', content_type: 't', if_modified_since: 'no' },
      element('oauth', {
        consumer_key: 'no',
        consumer_secret: 'no',
        access_token: 'at',
        access_token_secret: 'as',
      }),
      element('www_authenticate', { userid: 'i', passwd: 'p', realm: 'r', nonce: 'n' }),
      header('no', 'h'),
      header('no', 'no', 'base64'),
      cookie('no', 'k'),
    )
    const { checked } = parse([asked], on)
    const want = ['/u', 'c', 't', 'at', 'as', 'i', 'p', 'r', 'n', 'h', 'k']
    assert.deepEqual([...checked].sort(), want.sort())
    assert.deepEqual(parse([asked], { subst: 'false' }).checked, [])
    const withoutBody = parse([asked], { subst: 'all_except_body' }).checked
    assert.ok(!withoutBody.includes('c'))
    const fromFile = request({ url: '/', method: 'POST', contents: 'no', contents_from_file: 'f' })
    assert.deepEqual(parse([fromFile], { ...on, file: 'text' }).checked, ['text', '/'])
  })
})

describe('what a protocol dump says of HTTP', () => {
  it('the method in lower case, the host, the URL as sent, the status', () => {
    const view = new PluginUser(first, variables)
    const all = parse([request({ url: '/a' }), request({ url: '%%_there%%', method: 'HEAD' })], on)
    const user = http.newUser(view, null)
    const sink = { ...strictSink, count: () => undefined }
    const told = compiled(all, view, 'true').map((asked) => {
      http.prepare!(asked, user, view)
      view.server = http.target(asked, user, view) ?? view.server
      const connection = new HttpConnection()
      http.encode(asked, user, connection, view, strictSink)
      const before = http.protocolDump!(asked, user, connection).status
      assert.equal(before, '')
      http.decode(
        Buffer.from('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
        connection,
        user,
        sink,
      )
      return http.protocolDump!(asked, user, connection)
    })
    assert.deepEqual(told, [
      { method: 'get', host: '127.0.0.1', url: '/a', status: '404' },
      { method: 'head', host: 'localhost', url: '/there?x=y%20z', status: '404' },
    ])
  })
})
