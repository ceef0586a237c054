/** Digest and OAuth: against the examples of their RFCs, and against servers that check with Node's own functions. */
import assert from 'node:assert/strict'
import { createHash, createHmac, createVerify, generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { ScenarioElement } from '../../plugins/api.ts'
import { OAuthSignature, signatureBase } from '../../plugins/http/encode-oauth.ts'
import { element } from '../support/element.ts'
import { first, request, type Setting, sent } from '../support/http-requests.ts'
import { compileContext, PluginUser } from '../support/plugin-user.ts'

const rfc2617 = {
  userid: 'Mufasa',
  passwd: 'Circle Of Life',
  realm: 'testrealm@host.com',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  opaque: '5ccc069c403ebaf9f0171e9517f40e41',
  qop: 'auth',
  cnonce: '0a4f113b',
}
const rfc7616 = {
  userid: 'Mufasa',
  passwd: 'Circle of Life',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  qop: 'auth',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}

function digest(attributes: { readonly [name: string]: string }): ScenarioElement {
  return element('www_authenticate', { type: 'digest', ...attributes })
}

function authorization(bytes: string): string {
  return /^Authorization: (.*)\r$/m.exec(bytes)![1]!
}

describe('digest authentication', () => {
  const examples: [title: string, attributes: { readonly [name: string]: string }, text: string][] =
    [
      [
        'RFC 2617, 3.5 (as Tsung 1.7 sent it)',
        rfc2617,
        'Digest username="Mufasa", realm="testrealm@host.com", ' +
          'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
          'response="6629fae49393a05397450978507c4ef1", ' +
          'opaque="5ccc069c403ebaf9f0171e9517f40e41", qop="auth", nc=00000001, cnonce="0a4f113b"',
      ],
      [
        'RFC 7616, 3.9.1',
        rfc7616,
        'Digest username="Mufasa", realm="http-auth@example.org", ' +
          'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
          'response="8ca523f5e9506fed4657c9700eebdbec", qop="auth", nc=00000001, ' +
          'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
      ],
    ]
  for (const [title, attributes, text] of examples) {
    it(title, () => {
      const [bytes] = sent([request({ url: '/dir/index.html' }, digest(attributes))])
      assert.equal(authorization(bytes!), text)
    })
  }

  const short = { userid: 'u', passwd: 'p', realm: 'r', nonce: 'n' }

  it('without qop there is neither count nor cnonce (as Tsung 1.7 sent it)', () => {
    const [bytes] = sent([request({ url: '/a' }, digest({ ...short, cnonce: 'c' }))])
    assert.equal(
      authorization(bytes!),
      'Digest username="u", realm="r", nonce="n", uri="/a", response="544c035f0f40d9ebf0295157d8041f8c"',
    )
  })

  it('each use of a nonce is counted, a new nonce begins anew, a given count is left alone', () => {
    const uses: { readonly [name: string]: string }[] = [
      {},
      {},
      { nc: '00000abc' },
      { nonce: 'other' },
      {},
    ]
    const all = uses.map((more) =>
      request({ url: '/' }, digest({ ...short, qop: 'auth', cnonce: 'c', ...more })),
    )
    const counts = sent(all).map((bytes) => /nc=(\w+)/.exec(bytes)![1])
    assert.deepEqual(counts, ['00000001', '00000002', '00000abc', '00000001', '00000001'])
  })

  for (const subst of ['true', 'false'] as const) {
    it(`a cnonce of its own is made up with subst="${subst}"`, () => {
      const asked = request({ url: '/' }, digest({ ...short, qop: 'auth' }))
      assert.match(sent([asked], { subst })[0]!, /cnonce="1750000000-7"\r\n/)
    })
  }

  it('everything may come from variables', () => {
    const attributes = Object.fromEntries(
      Object.keys({ ...rfc2617, nc: '' }).map((name) => [name, `%%_${name}%%`]),
    )
    const asked = request({ url: '%%_url%%' }, digest(attributes))
    const variables = { ...rfc2617, nc: '00000001', url: '/dir/index.html' }
    const [bytes] = sent([asked], { subst: 'true', variables })
    assert.match(authorization(bytes!), /response="6629fae49393a05397450978507c4ef1"/)
  })

  it('a server lets in who answers its challenge', async () => {
    const server = createServer((incoming, answer) => {
      answer.statusCode = isAnswer(incoming) ? 200 : 401
      answer.setHeader('WWW-Authenticate', 'Digest realm="shop", nonce="abc", qop="auth"')
      answer.end()
    })
    const ask = (passwd: string): string[] => {
      const asked = ['GET', 'POST'].map((method) => {
        const challenge = { realm: '%%_realm%%', nonce: '%%_nonce%%', qop: 'auth' }
        return request({ url: '/a?b=c', method }, digest({ userid: 'ann', passwd, ...challenge }))
      })
      return sent(asked, { subst: 'true', variables: { realm: 'shop', nonce: 'abc' } })
    }
    await listening(server, async (port) => {
      assert.deepEqual(await statuses(port, ask('tea')), ['200', '200'])
      assert.deepEqual(await statuses(port, ask('milk')), ['401', '401'])
    })
  })
})

/** Whether a request has the digest of ann, whose password is tea. */
function isAnswer({ headers, method, url }: IncomingMessage): boolean {
  const field = (name: string): string =>
    new RegExp(`\\b${name}="?([^",]*)`).exec(headers.authorization ?? '')?.[1] ?? ''
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  const parts = ['nonce', 'nc', 'cnonce', 'qop'].map(field).join(':')
  const want = md5(`${md5('ann:shop:tea')}:${parts}:${md5(`${method}:${url}`)}`)
  return field('uri') === url && field('response') === want
}

const consumer = { consumer_key: 'the key', consumer_secret: 'kd94hf93k423kf44' }
const token = { access_token: 'nnch734d00sl2jdk', access_token_secret: 'pfkkdhi9&sl3r' }

describe('OAuth', () => {
  it('signs what RFC 5849, 3.4.1.1 says', () => {
    const own = [
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
    ] as const
    const url = 'http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b'
    assert.equal(
      signatureBase('POST', url, 'c2&a3=2+q', own),
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q' +
        '%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_' +
        'key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m' +
        'ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk' +
        '9d7dh3k39sjv7',
    )
  })

  it('gives the signature of RFC 5849, 1.2', () => {
    const own = [
      ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
      ['oauth_token', 'nnch734d00sl2jdk'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131202'],
      ['oauth_nonce', 'chapoH'],
    ] as const
    const url = 'http://photos.example.net/photos?file=vacation.jpg&size=original'
    const signature = createHmac('sha1', 'kd94hf93k423kf44&pfkkdhi9sl3r4s00')
      .update(signatureBase('GET', url, '', own))
      .digest('base64')
    assert.equal(signature, 'MdpQcU8iPSUjWoN/UDMsK2sui9I=')
  })

  for (const [url, base] of [
    ['https://h.example:443/a', 'https://h.example/a'],
    ['https://h.example:80/a#f?x', 'https://h.example:80/a'],
    ['http://h.example', 'http://h.example/'],
  ] as const) {
    it(`the base of ${url} is ${base}`, () => {
      assert.equal(signatureBase('GET', url, '', []), `GET&${encodeURIComponent(base)}&`)
    })
  }

  it('PLAINTEXT sends the two secrets', () => {
    const [bytes] = sent([
      request({ url: '/' }, element('oauth', { method: 'PLAINTEXT', ...consumer, ...token })),
    ])
    assert.equal(
      authorization(bytes!),
      'OAuth oauth_consumer_key="the%20key", oauth_nonce="ffffffffff", ' +
        'oauth_signature_method="PLAINTEXT", oauth_timestamp="1750000000", oauth_version="1.0", ' +
        'oauth_token="nnch734d00sl2jdk", oauth_signature="kd94hf93k423kf44%26pfkkdhi9%2526sl3r"',
    )
  })

  it('without a token none is sent', () => {
    const [bytes] = sent([request({ url: '/' }, element('oauth', consumer))])
    assert.ok(!bytes!.includes('oauth_token'))
  })

  it('stands between Authorization and SOAPAction, behind SOAPAction where there is a body', () => {
    const parts = [
      element('oauth', consumer),
      element('www_authenticate', { userid: 'a', passwd: 'b' }),
      element('soap', { action: 's' }),
    ]
    const order = (bytes: string) =>
      [...bytes.matchAll(/^(?:Authorization: )?(Basic|OAuth|SOAPAction)/gm)].map(([, name]) => name)
    const all = sent([
      request({ url: '/' }, ...parts),
      request({ url: '/', method: 'POST' }, ...parts),
      request({ url: '/', if_modified_since: 'x' }, ...parts),
    ])
    assert.deepEqual(all.map(order), [
      ['Basic', 'OAuth', 'SOAPAction'],
      ['Basic', 'SOAPAction', 'OAuth'],
      ['SOAPAction', 'Basic', 'OAuth'],
    ])
  })

  it('a key that cannot be read is told when the session is compiled', () => {
    const oauth = {
      method: 'RSA-SHA1',
      consumerKey: 'k',
      consumerSecret: '-----BEGIN PRIVATE KEY-----\nnonsense',
      accessToken: '',
      accessTokenSecret: '',
    } as const
    const context = compileContext(new PluginUser(first).variables.names)
    assert.throws(() => new OAuthSignature(oauth, context.template, context))
  })

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const checks: { readonly [method: string]: (base: string, signature: string) => boolean } = {
    'HMAC-SHA1': (base, signature) =>
      createHmac('sha1', 'kd94hf93k423kf44&pfkkdhi9%26sl3r').update(base).digest('base64') ===
      signature,
    'RSA-SHA1': (base, signature) =>
      createVerify('sha1').update(base).verify(publicKey, signature, 'base64'),
    PLAINTEXT: (_base, signature) => signature === 'kd94hf93k423kf44&pfkkdhi9%26sl3r',
  }
  for (const [method, isRight] of Object.entries(checks)) {
    it(`a server accepts ${method}, with variables, a query and a form`, async () => {
      const server = createServer((incoming, answer) => {
        let body = ''
        incoming.setEncoding('latin1').on('data', (text: string) => {
          body += text
        })
        incoming.on('end', () => {
          const { base, signature } = oauthOf(incoming, body)
          answer.statusCode = isRight(base, signature) ? 200 : 401
          answer.end()
        })
      })
      await listening(server, async (port) => {
        const signed = element('oauth', {
          method,
          consumer_key: 'the key',
          consumer_secret: method === 'RSA-SHA1' ? 'key.pem' : 'kd94hf93k423kf44',
          access_token: '%%_token%%',
          access_token_secret: '%%_secret%%',
        })
        const here = { host: '127.0.0.1', port, transport: 'tcp', weight: 1 } as const
        const setting: Setting = {
          subst: 'true',
          servers: [here],
          file,
          variables: { token: 'nnch734d00sl2jdk', secret: 'pfkkdhi9&sl3r', v: 'b c+%C3%A9' },
        }
        const bytes = sent(
          [
            request({ url: '/p~a?x=%%_v%%&x=1&y' }, signed),
            request({ url: '/p', method: 'POST', contents: 'z=%%_v%%&a=%2b+\xe9' }, signed),
            request(
              { url: '/p', method: 'POST', contents: 'z=1', content_type: 'text/plain' },
              signed,
            ),
          ],
          setting,
        )
        assert.deepEqual(await statuses(port, bytes), ['200', '200', '200'])
      })
    })
  }
})

/** What a request signs, worked out again, and its signature. */
function oauthOf(
  { headers, method, url }: IncomingMessage,
  body: string,
): { readonly base: string; readonly signature: string } {
  const fields = [...(headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)]
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
  const [path = '', query = ''] = url!.split('?')
  const given = `${query}&${isForm ? body : ''}`.split('&').filter((part) => part !== '')
  const pairs = given.map((part) => {
    const [name = '', value = ''] = part.split('=')
    return [encoded(decoded(name)), encoded(decoded(value))] as const
  })
  for (const [, name, value] of fields) {
    if (name !== 'oauth_signature') pairs.push([name!, value!])
  }
  const text = pairs
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
  const signature = fields.find(([, name]) => name === 'oauth_signature')?.[2] ?? ''
  return {
    base: `${method}&${encoded(`http://${headers.host}${path}`)}&${encoded(text)}`,
    signature: decodeURIComponent(signature),
  }
}

const encoded = (text: string): string =>
  [...Buffer.from(text, 'latin1')]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[\w.~-]/.test(character)
        ? character
        : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`
    })
    .join('')

const decoded = (text: string): string => unescape(text.replaceAll('+', ' '))

async function listening(server: Server, use: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Of the answers to requests, one connection for each. */
async function statuses(port: number, requests: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const bytes of requests) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
      socket.on('data', (part) => {
        resolve(part.toString('latin1'))
        socket.destroy()
      })
      socket.on('error', reject)
    })
    found.push(answer.slice(9, 12))
  }
  return found
}
