import assert from 'node:assert/strict'
import { CookieJar } from '../../plugins/http/cookies.ts'

const now = Date.UTC(2030, 0, 1)

function jarWith(...headers: readonly string[]): CookieJar {
  const jar = new CookieJar()
  for (const header of headers) jar.store(header, 'www.shop.example', now)
  return jar
}

describe('cookies', () => {
  for (const [title, stored, host, path, secure, sent] of [
    ['go back to the host that set them', ['a=1'], 'www.shop.example', '/x', false, 'a=1'],
    ['do not go to another host', ['a=1'], 'other.example', '/', false, ''],
    [
      'of a domain go to all its hosts',
      ['a=1; Domain=shop.example'],
      'api.shop.example',
      '/',
      false,
      'a=1',
    ],
    [
      'of a domain do not go where only the letters match',
      ['a=1; Domain=hop.example'],
      'www.shop.example',
      '/',
      false,
      '',
    ],
    [
      'go to what lies under their path',
      ['a=1; Path=/sub'],
      'www.shop.example',
      '/sub/x',
      false,
      'a=1',
    ],
    [
      'do not go to a path that only begins alike',
      ['a=1; Path=/sub'],
      'www.shop.example',
      '/subway',
      false,
      '',
    ],
    [
      'go to their path with a query',
      ['a=1; Path=/sub'],
      'www.shop.example',
      '/sub?x',
      false,
      'a=1',
    ],
    [
      'that are secure do not go over plain connections',
      ['a=1; Secure'],
      'www.shop.example',
      '/',
      false,
      '',
    ],
    ['that are secure go over TLS', ['a=1; Secure'], 'www.shop.example', '/', true, 'a=1'],
    ['of the same name replace each other', ['a=1', 'a=2'], 'www.shop.example', '/', false, 'a=2'],
    ['with Max-Age=0 are gone', ['a=1', 'a=; Max-Age=0'], 'www.shop.example', '/', false, ''],
    [
      'that expired are gone',
      ['a=1', 'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
      'www.shop.example',
      '/',
      false,
      '',
    ],
    [
      'that expire later stay',
      ['a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT'],
      'www.shop.example',
      '/',
      false,
      'a=1',
    ],
    ['without a name are ignored', ['=1', ''], 'www.shop.example', '/', false, ''],
    ['without a value go back empty', ['flag'], 'www.shop.example', '/', false, 'flag='],
    [
      'go back as they were written',
      ['a = b c ; Path=/'],
      'www.shop.example',
      '/',
      false,
      'a = b c ',
    ],
    ['keep equals signs in their value', ['a=b=c'], 'www.shop.example', '/', false, 'a=b=c'],
  ] as const) {
    it(title, () => assert.equal(jarWith(...stored).header(host, path, secure), sent))
  }

  it('of the first answer go in reverse, those of later ones before the older in their order', () => {
    const jar = new CookieJar()
    const sent: string[] = []
    for (const answer of [
      ['a=1', 'b=1'],
      ['c=2', 'd=2'],
      ['b=3', 'e=3'],
      ['c=; Max-Age=0', 'f=4', 'g=4'],
    ]) {
      jar.beginAnswer()
      for (const cookie of answer) jar.store(cookie, 'a.example', now)
      sent.push(jar.header('a.example', '/', false))
    }
    assert.deepEqual(sent, [
      'b=1; a=1',
      'c=2; d=2; b=1; a=1',
      'e=3; c=2; d=2; b=3; a=1',
      'f=4; g=4; e=3; d=2; b=3; a=1',
    ])
  })

  it('are bounded in number', () => {
    const jar = new CookieJar()
    for (let at = 0; at < 1000; at++) jar.store(`c${at}=1`, 'a.example', now)
    assert.equal(jar.header('a.example', '/', false).split('; ').length, 200)
  })
})
