/** Our side of HTTP/2 against nghttp2, as Node has it: any headers and bodies, both ways. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { field } from '../../core/http2/hpack-encoder.ts'
import type { AnswerHead } from '../../launcher/http2-answer.ts'
import { Http2Session } from '../../launcher/http2-session.ts'
import type { Http2Stream } from '../../launcher/http2-stream.ts'

interface Exchanged {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const name = fc.stringMatching(/^x-[a-z0-9-]{1,30}$/)
const value = fc
  .oneof(
    fc.stringMatching(/^[!-~]{1,60}$/),
    fc.constantFrom('y'.repeat(900), 'gzip', 'é'),
    fc.array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 20 }).map(latin1),
  )
  .filter((text) => text.trim() === text)
const exchanged: fc.Arbitrary<Exchanged> = fc.record(
  {
    headers: fc.uniqueArray(fc.tuple(name, value), { maxLength: 15, selector: ([key]) => key }),
    body: fc.oneof(
      fc.stringMatching(/^[ -~]{0,50}$/),
      fc.nat(300_000).map((length) => 'b'.repeat(length)),
    ),
  },
  { noNullPrototype: true },
)

function latin1(codes: readonly number[]): string {
  return String.fromCharCode(...codes)
}

describe('HTTP/2 beside nghttp2', function () {
  this.timeout(60_000)

  for (const settings of [
    {},
    { headerTableSize: 0 },
    { headerTableSize: 200, initialWindowSize: 1000, maxFrameSize: 30_000 },
  ]) {
    it(`says and hears the same (${JSON.stringify(settings)})`, async () => {
      const server = createServer({ settings, maxHeaderListPairs: 1000 })
      const asked: Exchanged[] = []
      let answers: readonly Exchanged[] = []
      const answer = (stream: ServerHttp2Stream, raw: readonly string[]): void => {
        let body = ''
        stream.setEncoding('latin1')
        stream.on('data', (text: string) => {
          body += text
        })
        stream.on('end', () => {
          asked.push({ headers: pairs(raw), body })
          const { headers, body: back } = answers[asked.length - 1]!
          stream.respond(Object.fromEntries(headers) as OutgoingHttpHeaders)
          stream.end(back)
        })
      }
      server.on(
        'stream',
        (stream: ServerHttp2Stream, _headers: unknown, _flags: unknown, raw: string[]) =>
          answer(stream, raw),
      )
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await once(socket, 'connect')
      const ask = clientOn(socket)
      try {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.tuple(exchanged, exchanged), { maxLength: 6 }),
            async (list) => {
              asked.length = 0
              answers = list.map(([, answer]) => answer)
              for (const [at, [request, answer]] of list.entries()) {
                assert.deepEqual(await ask(request), answer)
                assert.deepEqual(asked[at], request)
              }
            },
          ),
          { numRuns: 60 },
        )
      } finally {
        socket.destroy()
        server.close()
      }
    })
  }
})

/** @returns asks, and waits for the answer */
function clientOn(socket: Socket): (request: Exchanged) => Promise<Exchanged> {
  let done: (answer: Exchanged) => void
  let failed: (error: Error) => void
  let [text, body] = ['', '']
  const session = new Http2Session({
    write: (bytes) => void socket.write(bytes, 'latin1'),
    settings: () => undefined,
    freed: () => undefined,
    goingAway: (code) => failed(new Error(`GOAWAY ${code}`)),
    sessionFailed: (code, detail) => failed(new Error(`${code} ${detail}`)),
  })
  const owner = {
    responded: (_stream: Http2Stream, head: AnswerHead) => {
      text = head.text
    },
    data: (_stream: Http2Stream, bytes: Uint8Array) => {
      body += Buffer.from(bytes).toString('latin1')
    },
    trailers: () => undefined,
    ended: () => {
      const lines = text.trimEnd().split('\r\n').slice(1)
      const raw = lines.flatMap((line) => line.split(/: (.*)/s).slice(0, 2))
      done({ headers: pairs(raw), body })
    },
    reset: (_stream: Http2Stream, code: number) => failed(new Error(`reset ${code}`)),
  }
  socket.on('data', (bytes) => session.read(bytes))
  return ({ headers, body: sent }) =>
    new Promise((resolve, reject) => {
      ;[done, failed] = [resolve, reject]
      body = ''
      const fixed = [':method POST', ':scheme http', ':authority a', ':path /'].map((line) =>
        field(...(line.split(' ') as [string, string])),
      )
      const own = headers.map(([key, each]) => field(key, each))
      session.request({ fields: [...fixed, ...own], body: sent, isHead: false }, owner)
    })
}

/** Those that the test has made. */
function pairs(raw: readonly string[]): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.startsWith('x-')) found.push([raw[at]!, raw[at + 1]!])
  }
  return found
}
