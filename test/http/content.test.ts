/** What matches and extractions see of an answer: its header as it came, its body decoded. */
import assert from 'node:assert/strict'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { DecodeSink } from '../../plugins/api.ts'
import { HttpConnection } from '../../plugins/http/decode.ts'
import { HttpUser } from '../../plugins/http/user.ts'
import { strictSink } from '../support/strict-sink.ts'

interface Seen {
  readonly content: string
  readonly counters: readonly string[]
  readonly progress: string
  /** Whether each piece begins where the one before ended, in the bytes that were lent. */
  readonly inOnePiece: boolean
}

/** @param cut bytes of a read; each is overwritten after it was decoded */
function decode(answer: Buffer, { cut = answer.length, wanted = true, closes = false } = {}): Seen {
  const pieces: string[] = []
  const counters: string[] = []
  let end = -1
  let inOnePiece = true
  const sink: DecodeSink = {
    ...strictSink,
    wantsContent: wanted,
    count: (name) => {
      if (name !== '200') counters.push(name)
    },
    content: (bytes) => {
      pieces.push(Buffer.from(bytes).toString('latin1'))
      if (end >= 0 && bytes.byteOffset !== end) inOnePiece = false
      end = bytes.byteOffset + bytes.length
    },
  }
  const user = new HttpUser('tsung', { host: 'shop.example', port: 80, transport: 'tcp' })
  const connection = new HttpConnection()
  connection.begin(false)
  let progress = 'more'
  for (let at = 0; at < answer.length && progress === 'more'; at += cut) {
    const part = Buffer.from(answer.subarray(at, at + cut))
    progress = connection.decode(part, user, sink)
    part.fill(0x58)
  }
  if (closes && progress === 'more') progress = connection.end(sink)
  return { content: pieces.join(''), counters, progress, inOnePiece }
}

/** Compressed it is longer than what the decoder takes at once. */
const text = Array.from({ length: 4000 }, (_, at) => `${(at * 7919) % 10_007} page `).join('')

function headed(header: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`, 'latin1'), body])
}

function withLength(encoding: string, body: Buffer): Buffer {
  return headed(`Content-Encoding: ${encoding}\r\nContent-Length: ${body.length}`, body)
}

function inChunks(encoding: string, body: Buffer): Buffer {
  const parts = [body.subarray(0, 10), body.subarray(10)].map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
  )
  const header = `content-encoding:${encoding}\r\nTransfer-Encoding: chunked`
  return headed(header, Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]))
}

function bodyOf(content: string): string {
  return content.slice(content.indexOf('\r\n\r\n') + 4)
}

describe('content of HTTP answers', () => {
  const page = Buffer.from(text)
  const answers: [title: string, answer: Buffer, body: string][] = [
    ['without encoding', headed(`Content-Length: ${page.length}`, page), text],
    ['in chunks', inChunks('identity', page), text],
    ['in gzip', withLength('gzip', gzipSync(page)), text],
    ['in gzip, in chunks', inChunks('GZIP', gzipSync(page)), text],
    ['in x-gzip', withLength('x-gzip', gzipSync(page)), text],
    ['in deflate', withLength('deflate', deflateSync(page)), text],
    ['in deflate without its header', withLength('deflate', deflateRawSync(page)), text],
    ['that is empty, in gzip', withLength('gzip', gzipSync(Buffer.alloc(0))), ''],
    ['without bytes, in gzip', withLength('gzip', Buffer.alloc(0)), ''],
    [
      'in brotli stays as it is',
      withLength('br', brotliCompressSync(page)),
      brotliCompressSync(page).toString('latin1'),
    ],
  ]
  for (const [title, answer, body] of answers) {
    it(`a body ${title}`, () => {
      const whole = decode(answer)
      assert.equal(whole.progress, 'done')
      assert.deepEqual(whole.counters, [])
      assert.ok(bodyOf(whole.content) === body)
      const header = answer.subarray(0, answer.indexOf('\r\n\r\n') + 4).toString('latin1')
      assert.ok(whole.content.startsWith(header))
      for (const cut of [1, 7, 5000]) assert.ok(decode(answer, { cut }).content === whole.content)
      assert.equal(decode(answer, { wanted: false }).content, '')
    })
  }

  it('a body with a length is handed over in one piece with its header', () => {
    assert.ok(decode(answers[0]![1]).inOnePiece)
  })

  it('a body in gzip that ends when the peer closes', () => {
    const answer = headed('Content-Encoding: gzip', gzipSync(page))
    const seen = decode(answer, { closes: true })
    assert.equal(seen.progress, 'close')
    assert.ok(bodyOf(seen.content) === text)
  })

  for (const [title, body, begins] of [
    ['is none', Buffer.from('<html>not compressed</html>'), ''],
    ['is cut short', gzipSync(page).subarray(0, -20), text.slice(0, 1000)],
    ['is damaged', Buffer.from(gzipSync(page)).fill(0xff, 40, 60), ''],
  ] as const) {
    it(`gzip that ${title} is an error, and the answer is one all the same`, () => {
      const seen = decode(withLength('gzip', body))
      assert.equal(seen.progress, 'done')
      assert.deepEqual(seen.counters, ['error_http_bad_encoding'])
      assert.ok(bodyOf(seen.content).startsWith(begins))
      assert.deepEqual(decode(withLength('gzip', body), { cut: 11 }).content, seen.content)
      assert.deepEqual(decode(withLength('gzip', body), { wanted: false }).counters, [])
    })
  }

  it('of what grows beyond 32 MiB the rest is left', () => {
    const limit = 32 * 1024 * 1024
    const { content, counters } = decode(withLength('gzip', gzipSync(Buffer.alloc(limit + 1))))
    assert.equal(bodyOf(content).length, limit)
    assert.deepEqual(counters, ['error_http_bad_encoding'])
  })
})
