import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formFieldPattern } from '../../core/extract/form-field.ts'
import { compileHeader } from '../../core/extract/header.ts'
import { decodeEntities } from '../../core/extract/html-entities.ts'
import { translateRegexp } from '../../core/regexp/translate.ts'

const answer = [
  'HTTP/1.1 401 Unauthorized',
  'Server: nginx/1.2 (x)',
  'WWW-Authenticate: Digest realm="test, r", nonce="abc==",qop=auth , opaque="5"',
  'Set-Cookie: SID=a=1; Path=/; HttpOnly',
  'set-cookie: T=2',
  'X-Empty:',
  'X-NoSpace:v',
  'X-Sp:   v  ',
  'Content-Type: text/html; charset=utf-8',
  'Authentication-Info: nextnonce="nn", rspauth="x"',
  'X-Fold: a',
  ' b',
  'Link: <u>; rel="next"; title="a;b"',
  '',
  'X-Body: z',
  'body',
].join('\r\n')

describe('header', () => {
  for (const [name, parameter, want] of [
    ['Server', null, 'nginx/1.2 (x)'],
    ['sERVER', null, 'nginx/1.2 (x)'],
    ['Set-Cookie', null, 'T=2, SID=a=1; Path=/; HttpOnly'],
    ['X-Empty', null, ''],
    ['X-NoSpace', null, 'v'],
    ['X-Sp', null, 'v  '],
    ['X-Fold', null, 'a\r\n b'],
    ['X-Body', null, 'undefined'],
    ['zz', null, 'undefined'],
    ['Content-Type', '', 'text/html; charset=utf-8'],
    ['content-type', 'charset', 'utf-8'],
    ['content-type', 'Charset', null],
    ['link', 'rel', 'next'],
    ['www-authenticate', 'qop', 'auth'],
    ['www-authenticate', 'opaque', '5'],
    ['www-authenticate', 'Nonce', null],
    ['zz', 'y', null],
    // Where Tsung finds nothing, or half of it.
    ['WWW-Authenticate', 'realm', 'test, r'],
    ['www-authenticate', 'nonce', 'abc=='],
    ['authentication-info', 'nextnonce', 'nn'],
    ['link', 'title', 'a;b'],
    ['set-cookie', 'SID', 'a=1'],
    ['set-cookie', 'T', '2'],
  ] as const) {
    it(`${name}${parameter === null ? '' : `/${parameter}`} is ${JSON.stringify(want)}`, () => {
      assert.equal(compileHeader(name, parameter).find(answer), want)
    })
  }

  it('an answer without headers has none', () => {
    assert.equal(compileHeader('a', null).find('nothing here'), 'undefined')
  })

  it('any answer is looked at', () => {
    const unit = fc.constantFrom(...'aA:;=," \\\r\n'.split(''), '\r\na: ')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        compileHeader('a', null).find(text)
        compileHeader('a', 'a').find(text)
        compileHeader('www-authenticate', 'a').find(`www-authenticate: ${text}`)
      }),
      { seed: 1 },
    )
  })
})

describe('form fields', () => {
  for (const [name, html, want] of [
    ['tok', '<input name="tok" value="1">', '1'],
    ['tok', "<input name='tok' value='1'>", '1'],
    ['tok', '<input name="tok" type="hidden" id=x value="a b">', 'a b'],
    ['tok', '<input name="tok"  value="1">', '1'],
    ['tok', '<input name="tok" value="">', ''],
    ['tok', '<input value="1" name="tok">', null],
    ['tok', '<input name="tok">\n<input name="b" value="2">', null],
    ['tok', '<input name="token" value="1">', null],
    ['tok', '<input NAME="tok" value="1">', null],
    ['user[name]', '<input name="user[name]" value="1">', '1'],
    ['a.b$', '<input name="a.b$" value="1">', '1'],
    ['caf\xe9', '<input name="caf\xe9" value="1">', '1'],
  ] as const) {
    it(`${name} in ${html} is ${JSON.stringify(want)}`, () => {
      const regexp = translateRegexp(formFieldPattern(name))
      assert.ok(!('type' in regexp))
      assert.equal(regexp.firstGroup(html), want)
    })
  }
})

describe('decode', () => {
  for (const [text, want] of [
    ['a&amp;b&lt;&gt;&quot;&apos;', 'a&b<>"\''],
    ['&amp;lt;', '&lt;'],
    ['&eacute; &#65; &amp', '&eacute; &#65; &amp'],
    ['plain', 'plain'],
  ] as const) {
    it(`${text} is ${want}`, () => assert.equal(decodeEntities(text), want))
  }
})
