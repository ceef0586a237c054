/** Elements in, bytes out. The bytes are those that Tsung 1.7 sent to a recording server, unless a title says otherwise. */
import assert from 'node:assert/strict'
import type { ScenarioElement } from '../../plugins/api.ts'
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
  sent,
} from '../support/http-requests.ts'
import { PluginUser } from '../support/plugin-user.ts'
import { strictSink } from '../support/strict-sink.ts'

const basic = element('www_authenticate', { userid: 'ann', passwd: 'tea' })
const soap = element('soap', { action: 'act' })
const agent = (probability: string, text: string) =>
  element('user_agent', { probability }, [], text)

const host = 'Host: 127.0.0.1:8081\r\n'
const hostAndAgent = `${host}User-Agent: tsung\r\n`
const form = 'Content-Type: application/x-www-form-urlencoded\r\n'

const cases: [title: string, http: ScenarioElement, bytes: string, setting?: Setting][] = [
  ['GET', request({ url: '/a' }), `GET /a HTTP/1.1\r\n${hostAndAgent}\r\n`],
  ['HEAD', request({ url: '/a', method: 'HEAD' }), `HEAD /a HTTP/1.1\r\n${hostAndAgent}\r\n`],
  [
    'OPTIONS without a body',
    request({ url: '/a', method: 'OPTIONS', contents: 'zz' }),
    `OPTIONS /a HTTP/1.1\r\n${hostAndAgent}\r\n`,
  ],
  ['version 1.0', request({ url: '/a', version: '1.0' }), `GET /a HTTP/1.0\r\n${hostAndAgent}\r\n`],
  [
    'an empty DELETE with a length',
    request({ url: '/a', method: 'DELETE' }),
    `DELETE /a HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 0\r\n\r\n`,
  ],
  [
    'PATCH with its content type, without If-Modified-Since',
    request({
      url: '/a',
      method: 'PATCH',
      content_type: 'text/plain',
      contents: 'x',
      if_modified_since: 'never',
    }),
    `PATCH /a HTTP/1.1\r\n${hostAndAgent}Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx`,
  ],
  [
    'a file byte for byte, before contents',
    request({ url: '/a', method: 'POST', contents: 'zz', contents_from_file: 'body.bin' }),
    `POST /a HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 6\r\n\r\n\x00\x01\xff\r\nA`,
    { file: '\x00\x01\xff\r\nA' },
  ],
  [
    'headers in reverse',
    request({ url: '/a' }, header('A', '1'), header('B', '2'), header('A', '3')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}A: 3\r\nB: 2\r\nA: 1\r\n\r\n`,
  ],
  [
    'headers in order with substitution',
    request({ url: '/a' }, header('A', '1'), header('B', '2'), header('A', '3')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}A: 1\r\nB: 2\r\nA: 3\r\n\r\n`,
    { subst: 'true' },
  ],
  [
    'a header without value',
    request({ url: '/a' }, element('http_header', { name: 'X' })),
    `GET /a HTTP/1.1\r\n${hostAndAgent}X: \r\n\r\n`,
  ],
  [
    'a header in base64',
    request({ url: '/a' }, header('X', 'abc', 'base64')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}X: YWJj\r\n\r\n`,
  ],
  [
    'a Host of the scenario',
    request({ url: '/a' }, header('Host', 'example.com')),
    'GET /a HTTP/1.1\r\nHost: example.com\r\nUser-Agent: tsung\r\n\r\n',
  ],
  [
    'the last of two Hosts',
    request({ url: '/a' }, header('host', 'x.com'), header('HOST', 'y.com')),
    'GET /a HTTP/1.1\r\nHost: y.com\r\nUser-Agent: tsung\r\n\r\n',
  ],
  [
    'the first of two Hosts with substitution',
    request({ url: '/a' }, header('A', '1'), header('host', 'x.com'), header('HOST', 'y.com')),
    'GET /a HTTP/1.1\r\nHost: x.com\r\nUser-Agent: tsung\r\nA: 1\r\n\r\n',
    { subst: 'true' },
  ],
  [
    'a User-Agent of the request',
    request({ url: '/a' }, header('user-agent', 'mine'), header('X', '1')),
    `GET /a HTTP/1.1\r\n${host}User-Agent: mine\r\nX: 1\r\n\r\n`,
  ],
  [
    'a Content-Type with GET',
    request({ url: '/a' }, header('Content-Type', 'text/x'), header('X', '1')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}Content-Type: text/x\r\nX: 1\r\n\r\n`,
  ],
  [
    'a Content-Length with GET, its name as usual',
    request({ url: '/a' }, header('Content-length', '0'), header('X', '1')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}Content-Length: 0\r\nX: 1\r\n\r\n`,
  ],
  [
    'the last of two Content-Types with POST',
    request(
      { url: '/a', method: 'POST', contents: 'abc' },
      header('Content-Type', 'text/x'),
      header('content-type', 'text/y'),
    ),
    `POST /a HTTP/1.1\r\n${hostAndAgent}Content-Type: text/y\r\nContent-Length: 3\r\n\r\nabc`,
  ],
  [
    'If-Modified-Since first, SOAPAction before Authorization',
    request(
      { url: '/a', if_modified_since: 'Thu, 01 Jan 1970 00:00:00 GMT' },
      basic,
      soap,
      header('X', '1'),
      cookie('k', 'v'),
    ),
    'GET /a HTTP/1.1\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n' +
      `${hostAndAgent}SOAPAction: "act"\r\nAuthorization: Basic YW5uOnRlYQ==\r\n` +
      'Cookie: k=v\r\nX: 1\r\n\r\n',
  ],
  [
    'Authorization before SOAPAction without If-Modified-Since, cookies in reverse',
    request({ url: '/a' }, basic, soap, header('X', '1'), cookie('k', 'v'), cookie('k2', 'v2')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}Authorization: Basic YW5uOnRlYQ==\r\n` +
      'SOAPAction: "act"\r\nCookie: k2=v2; k=v\r\nX: 1\r\n\r\n',
  ],
  [
    'cookies in order with substitution',
    request({ url: '/a' }, cookie('k', 'v'), cookie('k2', 'v2')),
    `GET /a HTTP/1.1\r\n${hostAndAgent}Cookie: k=v; k2=v2\r\n\r\n`,
    { subst: 'true' },
  ],
  [
    'cookies of its own path and domain only',
    request(
      { url: '/account' },
      cookie('p1', 'v', { path: '/ac' }),
      cookie('p2', 'v', { path: '/other' }),
      cookie('p3', 'v', { domain: '127.0.0.1' }),
      cookie('p4', 'v', { domain: 'foo.com' }),
      cookie('p5', 'v', { domain: '.0.0.1' }),
    ),
    `GET /account HTTP/1.1\r\n${hostAndAgent}Cookie: p5=v; p3=v; p1=v\r\n\r\n`,
  ],
  [
    'ISO-8859-1, the length in bytes',
    request(
      { url: '/é', method: 'PUT', contents: 'é' },
      element('www_authenticate', { userid: 'é', passwd: 'tea' }),
      element('soap', { action: 'é' }),
      header('X', 'é'),
      cookie('k', 'é'),
    ),
    `PUT /\xe9 HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 1\r\n` +
      'Authorization: Basic 6Tp0ZWE=\r\nSOAPAction: "\xe9"\r\nCookie: k=\xe9\r\nX: \xe9\r\n\r\n\xe9',
  ],
  [
    'UTF-8 for what is not ISO-8859-1, with which Tsung fails',
    request({ url: '/€', method: 'PUT', contents: '€' }, header('X', '€'), cookie('k', '€')),
    `PUT /\xe2\x82\xac HTTP/1.1\r\n${hostAndAgent}${form}Content-Length: 3\r\n` +
      'Cookie: k=\xe2\x82\xac\r\nX: \xe2\x82\xac\r\n\r\n\xe2\x82\xac',
  ],
  [
    'a URL as it is',
    request({ url: '/a b  c?d e#f g' }),
    `GET /a b  c?d e#f g HTTP/1.1\r\n${hostAndAgent}\r\n`,
  ],
  [
    'blanks as %20 with substitution',
    request({ url: '/a b?c d' }),
    `GET /a%20b?c%20d HTTP/1.1\r\n${hostAndAgent}\r\n`,
    { subst: 'true' },
  ],
  [
    'markers as they are without substitution',
    request({ url: '/pct%%x%%y' }, header('X', '%%_v%%')),
    `GET /pct%%x%%y HTTP/1.1\r\n${hostAndAgent}X: %%_v%%\r\n\r\n`,
  ],
  [
    'Host without the default port',
    request({ url: '/' }),
    'GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: tsung\r\n\r\n',
    { servers: [{ host: 'shop.example', port: 443, transport: 'ssl', weight: 1 }] },
  ],
  [
    'Host with the port that is the default of the other scheme',
    request({ url: '/' }),
    'GET / HTTP/1.1\r\nHost: shop.example:80\r\nUser-Agent: tsung\r\n\r\n',
    { servers: [{ host: 'shop.example', port: 80, transport: 'ssl', weight: 1 }] },
  ],
  [
    'the User-Agent of the options, without blanks around it',
    request({ url: '/' }),
    `GET / HTTP/1.1\r\n${host}User-Agent: Mozilla/5.0 (x)  \xe9\r\n\r\n`,
    { options: [option('user_agent', [agent('100', '  Mozilla/5.0 (x)  é ')])] },
  ],
  [
    'the User-Agent that was drawn',
    request({ url: '/' }),
    `GET / HTTP/1.1\r\n${host}User-Agent: B\r\n\r\n`,
    { options: [option('user_agent', [agent('40', 'A'), agent('20', 'B'), agent('40', 'C')])] },
  ],
]

describe('HTTP requests', () => {
  for (const [title, asked, bytes, setting] of cases) {
    it(`sends ${title}`, () => assert.deepEqual(sent([asked], setting), [bytes]))
  }

  it('gives the same string again when nothing changed', () => {
    const all = parse([request({ url: '/a' })])
    const view = new PluginUser(first)
    const [asked] = compiled(all, view, 'false')
    const users = [http.newUser(view, all.options), http.newUser(view, all.options)]
    const [one, two] = users.map((user) =>
      http.encode(asked!, user, http.newConnection(user), view, strictSink),
    )
    assert.equal(one, two)
  })

  const withAgents: [number, number][] = [
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
  ]
  for (const [agents, draws] of withAgents) {
    it(`draws ${draws} numbers for a user with ${agents} agents`, () => {
      const share = 100 / Math.max(agents, 1)
      const userAgents = Array.from({ length: agents }, () => ({ probability: share, text: 'A' }))
      let drawn = 0
      const view = new PluginUser(first)
      view.random = () => {
        drawn++
        return 0.5
      }
      http.newUser(view, { useServerAsProxy: false, userAgents })
      assert.equal(drawn, draws)
    })
  }
})
