/** What the target of the language scenarios answers: told by the second part of the path (the first is the session). */
import { deflateRawSync, deflateSync } from 'node:zlib'
import type { Answer } from '../../support/recording-server.ts'

/** @param visits how often this session asked for this path before */
export function answerTo(request: string, visits: number): Exclude<Answer, string> {
  const [, method = '', url = ''] = /^(\S+) (\S*)/.exec(request) ?? []
  const path = url.replace(/^https?:\/\/[^/]*/, '')
  const [, what = '', detail = '', query = ''] =
    /^\/[^/]*\/?([^/?]*)\/?([^?]*)\??(.*)$/.exec(path) ?? []
  if (method === 'HEAD') return { bytes: 'HTTP/1.1 200 OK\r\n\r\n' }
  return answers[what]?.(detail, query, visits, request) ?? page('ok')
}

type Make = (
  detail: string,
  query: string,
  visits: number,
  request: string,
) => Exclude<Answer, string>

const answers: { readonly [what: string]: Make } = {
  html: () => page(html, 'Content-Type: text/html; charset=utf-8\r\n'),
  'broken-html': () => page('<p>one<p class=x>two<td>three</b> &nbsp; <a href=/x>four'),
  'no-html': () => page('\u0000\u0001 <<<< >'),
  empty: () => page(''),
  json: () => page(json, 'Content-Type: application/json\r\n'),
  'broken-json': () => page('{"a": [1, 2'),
  headers: () => page('headers', headers),
  /** The body is the query, decoded; UTF-8. */
  say: (_detail, query) => page(Buffer.from(decodeURIComponent(query)).toString('latin1')),
  /** The body tells how often this was asked, from 1. */
  visit: (detail, _query, visits) => page(`${detail} visit ${visits + 1}`),
  chunked: () => inChunks([html.slice(0, 100), html.slice(100)]),
  gzip: () => page(zipped, 'Content-Encoding: gzip\r\n'),
  'chunked-gzip': () =>
    inChunks([zipped.slice(0, 50), zipped.slice(50)], 'Content-Encoding: gzip\r\n'),
  'raw-deflate': () =>
    page(deflateRawSync(json, { level: 0 }).toString('latin1'), 'Content-Encoding: deflate\r\n'),
  deflate: () =>
    page(deflateSync(json, { level: 0 }).toString('latin1'), 'Content-Encoding: deflate\r\n'),
  'set-cookie': (_detail, query) => page('ok', `Set-Cookie: ${decodeURIComponent(query)}\r\n`),
  status: (detail) => ({ bytes: `HTTP/1.1 ${detail} Status\r\nContent-Length: 2\r\n\r\nok` }),
  digest: (_detail, _query, _visits, request) =>
    /^authorization: digest/im.test(request)
      ? page('welcome')
      : {
          bytes: `HTTP/1.1 401 Unauthorized\r\n${challenge}Content-Length: 0\r\n\r\n`,
        },
  'close-silently': () => ({ bytes: '', closes: true }),
  'close-after': () => ({
    bytes: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    closes: true,
  }),
  slow: (detail) => ({ ...page('slow'), afterMs: Number(detail) }),
  never: () => ({ bytes: '' }),
  long: (detail) => page('x'.repeat(Number(detail))),
}

function inChunks(parts: readonly string[], more: string = ''): { bytes: string } {
  const chunks = parts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`)
  const head = `HTTP/1.1 200 OK\r\n${more}Transfer-Encoding: chunked\r\n\r\n`
  return { bytes: `${head}${chunks.join('')}0\r\n\r\n` }
}

const challenge =
  'WWW-Authenticate: Digest realm="the realm", qop="auth", nonce="dcd98b71", opaque="5ccc069c"\r\n'

const headers =
  'Location: /headers/say?moved\r\n' +
  'X-Empty:\r\n' +
  'X-Twice: first\r\n' +
  'X-Twice: second\r\n' +
  'Content-Type: text/html; charset=ISO-8859-1; boundary="b"\r\n' +
  'Set-Cookie: sid=abc123; path=/headers; domain=127.0.0.1\r\n' +
  challenge +
  'Authentication-Info: nextnonce="nn", rspauth="ra", qop=auth\r\n'

/** Byte strings in and out. */
function page(body: string, more: string = ''): { bytes: string } {
  return { bytes: `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}` }
}

const html = `<!DOCTYPE html>
<html><head><title>A shop &amp; more</title><meta charset="utf-8"></head>
<body class="main">
<h1 id="top">Welcome</h1>
<form action="/buy" method="post">
<input type="hidden" name="csrf" value="t0k&amp;en" />
<input type="text" name='quoted' id="q" value='single' />
<input name="first" value="1"><input name="second" type=text value="2">
<input name="empty" value="" />
</form>
<ul>
<li><a href="/item/1" title="one">First</a></li>
<li><a href="/item/2" title="two">Second</a></li>
<li class="last"><a href="/item/3?x=1&amp;y=2">Third</a></li>
</ul>
<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>
<p>price: 42 EUR</p><p>price: 43 EUR</p>
<p>caf\u00c3\u00a9 &quot;quoted&quot; &lt;b&gt; &apos; &copy;</p>
</body></html>
`

const json = JSON.stringify({
  id: 17,
  name: 'widget',
  price: 1.5,
  ok: true,
  none: null,
  empty: '',
  tags: ['red', 'green', 'blue'],
  numbers: [1, 22, 333],
  store: {
    book: [
      { title: 'One', author: 'Ann', price: 8, isbn: 'i1' },
      { title: 'Two', author: 'Bob', price: 12 },
      { title: 'Three', author: 'Ann', price: 22 },
    ],
    open: false,
  },
  nested: [[1, 2], [3]],
  utf8: 'caf\\u00e9',
  'a.b': 'dotted',
}).replace('\\\\u', '\\u')

/** `json`, compressed once: what a compressor makes differs from version to version. */
const zipped = Buffer.from(
  'H4sIAAAAAAACA3WPsW6DQBBE/2XqlWVAkZ3tkh9I445cwZkFnwJ76NiTZSH+PbrKTpH+zcybDaEHVyeCdrOAcQ/9' +
    'KAbCksJVwNXhjRB/wJayEDSqgDVPE0HmxR5ggGDduIJbJOlBGJOIguCnLHAEzbOXVICK6pqapnGE1WIS8AYfS327' +
    'wYJNReFLBYQu2y0mMD5UnzpnQli9ghEq7PQMXe7xNfQZ/cuH+g95S/L/QF3vjhAXUfDQTavsBJXVpAe3xd9R2zhH' +
    'yDacwbh2w3c+HuW9NB48GH20Qu+/FUCT8lsBAAA=',
  'base64',
).toString('latin1')
