/** Where requests go, and which cannot be played. */
import assert from 'node:assert/strict'
import type { ScenarioElement, Server } from '../../plugins/api.ts'
import { http } from '../../plugins/http/plugin.ts'
import { element } from '../support/element.ts'
import {
  compiled,
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

const agent = (probability: string, text: string) =>
  element('user_agent', { probability }, [], text)

const line = (bytes: string) => bytes.split('\r\n').slice(0, 2).join(' | ')

const journeys: [title: string, urls: readonly string[], lines: readonly string[], Setting?][] = [
  [
    'a path after an absolute URL stays on its server',
    ['/a', 'http://localhost:8081/b', '/c', 'http://localhost:8082', '/d'],
    [
      'GET /a HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET /b HTTP/1.1 | Host: localhost:8081',
      'GET /c HTTP/1.1 | Host: localhost:8081',
      'GET / HTTP/1.1 | Host: localhost:8082',
      'GET /d HTTP/1.1 | Host: localhost:8082',
    ],
  ],
  [
    'the port of an absolute URL is sent as it was written',
    ['http://shop.example/a', 'http://shop.example:80/b', 'https://[::1]:443/c#d e'],
    [
      'GET /a HTTP/1.1 | Host: shop.example',
      'GET /b HTTP/1.1 | Host: shop.example:80',
      'GET /c#d e HTTP/1.1 | Host: [::1]:443',
    ],
  ],
  [
    'with several servers a path goes to that of the user',
    ['/a', 'http://127.0.0.1:8082/b', '/c'],
    [
      'GET /a HTTP/1.1 | Host: localhost:8081',
      'GET /b HTTP/1.1 | Host: 127.0.0.1:8082',
      'GET /c HTTP/1.1 | Host: 127.0.0.1:8082',
    ],
    { servers: [second, first] },
  ],
  [
    'what is no path is sent as it is where Tsung reads it so, an empty one as /',
    ['/a', 'x', '?q', 'ftp://a/b', ''],
    [
      'GET /a HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET x HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET ?q HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET ftp://a/b HTTP/1.1 | Host: 127.0.0.1:8081',
      'GET / HTTP/1.1 | Host: 127.0.0.1:8081',
    ],
  ],
  [
    'a proxy is asked for whole URLs',
    ['http://some.host/a', '/b', 'http://other.host:81/c', '/d'],
    [
      'GET http://some.host/a HTTP/1.1 | Host: some.host',
      'GET http://some.host/b HTTP/1.1 | Host: some.host',
      'GET http://other.host:81/c HTTP/1.1 | Host: other.host:81',
      'GET http://other.host:81/d HTTP/1.1 | Host: other.host:81',
    ],
    { options: [option('http_use_server_as_proxy', [], 'false')] },
  ],
]

describe('URLs', () => {
  for (const [title, urls, lines, setting] of journeys) {
    it(title, () => {
      const bytes = sent(
        urls.map((url) => request({ url })),
        setting,
      )
      assert.deepEqual(bytes.map(line), lines)
    })
  }

  const targets: [url: string, servers: readonly Server[], target: string | null][] = [
    ['/a', [first], 'tcp 127.0.0.1 8081'],
    ['/a', [first, second], null],
    ['http://a.example/b', [first], 'tcp a.example 80'],
    ['https://a.example/b', [first], 'ssl a.example 443'],
    ['https://a.example:8443/b', [first], 'ssl a.example 8443'],
    ['http://[::1]:81/b', [first], 'tcp ::1 81'],
    ['http://a.example/b', [{ ...first, transport: 'tcp6' }], 'tcp6 a.example 80'],
    ['https://a.example/b', [{ ...first, transport: 'tcp6' }], 'ssl6 a.example 443'],
  ]
  for (const [url, servers, target] of targets) {
    it(`${url} with ${servers.length} servers goes to ${target ?? 'the current one'}`, () => {
      const view = new PluginUser(servers[0]!)
      const [asked] = compiled(parse([request({ url })], { servers }), view, 'false')
      const found = http.target(asked!, http.newUser(view, null), view)
      const told = found === null ? null : `${found.transport} ${found.host} ${found.port}`
      assert.equal(told, target)
    })
  }
})

const refused: [title: string, http: ScenarioElement, Setting, severity: string, text: RegExp][] = [
  ['a method of WebDAV', request({ url: '/', method: 'PROPFIND' }), {}, 'unplayable', /PROPFIND/],
  [
    'a digest without a nonce',
    request(
      { url: '/' },
      element('www_authenticate', { type: 'digest', userid: 'a', passwd: 'b', realm: 'r' }),
    ),
    {},
    'unplayable',
    /needs realm and nonce/,
  ],
  [
    'a key of RSA-SHA1 that is none',
    request(
      { url: '/' },
      element('oauth', { consumer_key: 'a', consumer_secret: 'key.pem', method: 'RSA-SHA1' }),
    ),
    { file: 'ssh-rsa AAAA' },
    'unplayable',
    /key\.pem holds no private key/,
  ],
  [
    'a variable in a value that is encoded',
    request({ url: '/' }, header('X', '%%_a%%', 'base64')),
    { subst: 'true' },
    'warning',
    /not replaced/,
  ],
  ['a first path that lengthens the port', request({ url: 'x' }), {}, 'error', /8081x/],
  [
    'a first path that lengthens the host',
    request({ url: 'x' }),
    { servers: [{ ...first, port: 80 }] },
    'unplayable',
    /looks for a server http:\/\/127\.0\.0\.1x/,
  ],
  ['another scheme', request({ url: 'ftp://a/' }), {}, 'error', /cannot be read/],
  ['a scheme in upper case', request({ url: 'HTTP://a/' }), {}, 'error', /cannot be read/],
  ['a URL with one slash', request({ url: 'http:/a' }), {}, 'error', /cannot be read/],
  [
    'a word that begins like a URL',
    request({ url: 'httpfoo' }),
    { subst: 'true', servers: [first, second] },
    'error',
    /cannot be read/,
  ],
  ['a URL of markers without substitution', request({ url: '%%_a%%' }), {}, 'error', /8081%%_a%%/],
  ['a URL without a host', request({ url: 'http:///a' }), {}, 'unplayable', /no host/],
  ['a URL with a user', request({ url: 'http://a:b@c/' }), {}, 'error', /no(ne| host)/],
  ['a port out of range', request({ url: 'http://a:70000/' }), {}, 'unplayable', /port/],
  [
    'a path behind a proxy without a URL before it',
    request({ url: '/' }),
    { options: [option('http_use_server_as_proxy')] },
    'error',
    /absolute/,
  ],
  [
    'a URL with a variable behind a proxy without a URL before it',
    request({ url: 'http://a/%%_b%%' }),
    { subst: 'true', options: [option('http_use_server_as_proxy')] },
    'error',
    /absolute/,
  ],
  ['an unknown encoding', request({ url: '/' }, header('X', 'a', 'rot13')), {}, 'error', /rot13/],
  [
    'agents that do not add up',
    request({ url: '/' }),
    { options: [option('user_agent', [agent('50', 'A')])] },
    'unplayable',
    /not equal to 100/,
  ],
]

describe('what HTTP cannot play', () => {
  for (const [title, asked, setting, severity, text] of refused) {
    it(`tells ${title}`, () => {
      const { told } = parse([asked], setting)
      assert.equal(told.length, 1, JSON.stringify(told))
      assert.equal(told[0]!.severity, severity)
      assert.match(told[0]!.text, text)
    })
  }
})
