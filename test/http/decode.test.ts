import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { DecodeSink, Progress } from '../../plugins/api.ts'
import { HttpConnection } from '../../plugins/http/decode.ts'
import { HttpUser } from '../../plugins/http/user.ts'
import { strictSink } from '../support/strict-sink.ts'

interface Outcome {
  readonly progress: Progress | string
  readonly counters: { readonly [name: string]: number }
  readonly content: string
  readonly cookies: string
}

/** Feeds the parts one after the other, each overwritten once it was decoded. */
function decode(parts: readonly string[], { isHead = false, closes = false } = {}): Outcome {
  const counters: Record<string, number> = {}
  let content = ''
  const sink: DecodeSink = {
    ...strictSink,
    count: (name) => {
      counters[name] = (counters[name] ?? 0) + 1
    },
    wantsContent: true,
    content: (bytes) => {
      content += Buffer.from(bytes).toString('latin1')
    },
  }
  const user = new HttpUser('tsung', { host: 'shop.example', port: 80, transport: 'tcp' })
  const connection = new HttpConnection()
  connection.begin(isHead)
  let progress: Progress | string = 'more'
  try {
    for (const part of parts) {
      const bytes = Buffer.from(part, 'latin1')
      progress = connection.decode(bytes, user, sink)
      bytes.fill(0x58)
      if (progress !== 'more') break
    }
    if (closes && progress === 'more') progress = connection.end(sink)
  } catch (error) {
    progress = (error as { code: string }).code
    content = '' // how much of a refused answer was handed on depends on the cuts
  }
  return {
    progress,
    counters,
    content,
    cookies: user.jar?.header('shop.example', '/', false) ?? '',
  }
}

const ok = 'HTTP/1.1 200 OK\r\n'

interface Case {
  readonly title: string
  readonly answer: string
  readonly progress: string
  readonly counters?: { readonly [name: string]: number }
  readonly isHead?: boolean
  readonly closes?: boolean
}

const cases: readonly Case[] = [
  {
    title: 'reads a body of the length given',
    answer: `${ok}Content-Length: 5\r\n\r\nhello`,
    progress: 'done',
    counters: { 200: 1 },
  },
  {
    title: 'reads a length without a blank behind the colon',
    answer: `${ok}content-length:5\r\n\r\nhello`,
    progress: 'done',
  },
  {
    title: 'waits for the rest of a body',
    answer: `${ok}Content-Length: 5\r\n\r\nhell`,
    progress: 'more',
  },
  {
    title: 'is done at once when the length is 0',
    answer: 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
    progress: 'done',
    counters: { 404: 1 },
  },
  {
    title: 'closes when told so, in any case',
    answer: `${ok}Connection: Close\r\nContent-Length: 2\r\n\r\nok`,
    progress: 'close',
  },
  {
    title: 'closes after HTTP/1.0',
    answer: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    progress: 'close',
  },
  {
    title: 'keeps HTTP/1.0 alive when the server says so',
    answer: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok',
    progress: 'done',
  },
  {
    title: 'reads until the peer closes when there is no length',
    answer: `${ok}\r\nwhatever comes`,
    closes: true,
    progress: 'close',
  },
  {
    title: 'is cut short by a close before the length is reached',
    answer: `${ok}Content-Length: 50\r\n\r\nhello`,
    closes: true,
    progress: 'more',
  },
  { title: 'is cut short by a close in the header', answer: ok, closes: true, progress: 'more' },
  {
    title: 'reads chunks, their extensions and trailers',
    answer: `${ok}Transfer-Encoding: chunked\r\n\r\n5;name="a"\r\nhello\r\n6 \r\n world\r\n0\r\nX: y\r\n\r\n`,
    progress: 'done',
    counters: { 200: 1 },
  },
  {
    title: 'refuses a chunk size that is none',
    answer: `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    progress: 'error_http_unexpected_chunkdata',
  },
  {
    title: 'refuses a chunk that is longer than its size',
    answer: `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n`,
    progress: 'error_http_unexpected_chunkdata',
  },
  {
    title: 'expects no body after HEAD',
    answer: `${ok}Content-Length: 500\r\n\r\n`,
    isHead: true,
    progress: 'done',
  },
  {
    title: 'expects no chunks after HEAD',
    answer: `${ok}Transfer-Encoding: chunked\r\n\r\n`,
    isHead: true,
    progress: 'done',
  },
  {
    title: 'expects no body with 304',
    answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n',
    progress: 'done',
    counters: { 304: 1 },
  },
  {
    title: 'expects no body with 204',
    answer: 'HTTP/1.1 204 No Content\r\n\r\n',
    progress: 'done',
  },
  {
    title: 'reads the answer behind 100 Continue',
    answer: `HTTP/1.1 100 Continue\r\nX: y\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    progress: 'done',
    counters: { 200: 1 },
  },
  {
    title: 'counts more body than Content-Length and closes',
    answer: `${ok}Content-Length: 2\r\n\r\nokay`,
    progress: 'close',
    counters: { 200: 1, error_http_bad_content_length: 1 },
  },
  {
    title: 'refuses a length that is no number',
    answer: `${ok}Content-Length: many\r\n\r\n`,
    progress: 'error_http_bad_content_length',
  },
  {
    title: 'refuses two lengths that differ',
    answer: `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    progress: 'error_http_bad_content_length',
  },
  {
    title: 'accepts lines that end with a line feed alone',
    answer: 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
    progress: 'done',
  },
  {
    title: 'refuses what does not begin as HTTP does',
    answer: 'SSH-2.0-OpenSSH_9.2\r\n',
    progress: 'error_http_bad_status_line',
  },
  {
    title: 'refuses garbage that has no line end',
    answer: 'garbage',
    progress: 'error_http_bad_status_line',
  },
  {
    title: 'closes when one of several words says so',
    answer: `${ok}Connection: foo, close\r\nContent-Length: 0\r\n\r\n`,
    progress: 'close',
  },
  {
    title: 'stays open for words that only contain another',
    answer: `${ok}Connection: keep-alive,closed\r\nContent-Length: 0\r\n\r\n`,
    progress: 'done',
  },
  {
    title: 'refuses a status that is no number',
    answer: 'HTTP/1.1 abc\r\n',
    progress: 'error_http_bad_status_line',
  },
  {
    title: 'refuses an endless header',
    answer: `${ok}${'X-Filler: 0123456789\r\n'.repeat(4000)}`,
    progress: 'error_http_header_too_long',
  },
  {
    title: 'refuses an endless header line',
    answer: `${ok}X: ${'y'.repeat(70_000)}`,
    progress: 'error_http_header_too_long',
  },
]

describe('HTTP decoder', () => {
  for (const { title, answer, progress, counters, isHead = false, closes = false } of cases) {
    it(title, () => {
      const outcome = decode([answer], { isHead, closes })
      assert.equal(outcome.progress, progress)
      if (counters !== undefined) assert.deepEqual(outcome.counters, counters)
    })
  }

  it('gives the same outcome however the bytes are cut', () => {
    const short = cases.filter(({ answer }) => answer.length < 1000)
    fc.assert(
      fc.property(fc.constantFrom(...short), fc.array(fc.nat(200)), (each, cuts) => {
        const options = { isHead: each.isHead ?? false, closes: each.closes ?? false }
        const whole = decode([each.answer], options)
        const cut = decode(splitAt(each.answer, cuts), options)
        // Bytes behind the end of an answer are seen only if they come with it.
        if (whole.counters['error_http_bad_content_length'] === undefined) {
          assert.deepEqual(cut, whole)
        }
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('survives any bytes with nothing but a named protocol error', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom(ok, '\r\n', 'Content-Length: 3\r\n', '5\r\n')),
        ),
        (parts) => {
          const { progress } = decode(parts)
          assert.match(progress, /^(more|done|close|unexpected|error_http_[a-z_]+)$/)
        },
      ),
      { seed: 1, numRuns: 500 },
    )
  })

  it('hands on header and body without the chunks’ own lines', () => {
    const head = `${ok}Transfer-Encoding: chunked\r\n\r\n`
    const { content } = decode([`${head}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`])
    assert.equal(content, `${head}hello!`)
  })

  it('says that bytes nobody asked for are unexpected', () => {
    const connection = new HttpConnection()
    const user = new HttpUser('tsung', { host: 'a', port: 80, transport: 'tcp' })
    assert.equal(connection.decode(Buffer.from('HTTP/1.1 408'), user, strictSink), 'unexpected')
  })

  it('stores every cookie of an answer, newest first', () => {
    const { cookies } = decode([
      `${ok}Set-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\nContent-Length: 0\r\n\r\n`,
    ])
    assert.equal(cookies, 'b=2; a=1')
  })
})

function splitAt(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  const parts: string[] = []
  let from = 0
  for (const place of [...places, text.length]) {
    parts.push(text.slice(from, place))
    from = place
  }
  return parts
}
