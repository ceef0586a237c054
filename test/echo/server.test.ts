import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { get as getTls } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { selfSigned } from '../../controller/echo/certificate.ts'
import { drawDelayMs, noDelay, parseDelay } from '../../controller/echo/delay.ts'
import { type Echo, type EchoOptions, startEcho } from '../../controller/echo/server.ts'
import { stream } from '../../core/random.ts'
import { requirePeer } from '../support/peers.ts'

let echo: Echo | null = null

async function start(options: Partial<EchoOptions> = {}): Promise<Echo> {
  echo = await startEcho({ port: 0, ...options })
  return echo
}

afterEach(async () => {
  await echo?.close()
  echo = null
})

interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly body: string
}

function ask(
  path: string,
  options: { method?: string; body?: string; agent?: Agent } = {},
): Promise<Answer> {
  const { method = 'GET', body, agent } = options
  return new Promise((resolve, reject) => {
    const port = echo!.port
    const asked = request({ port, host: '127.0.0.1', path, method, agent }, (response) => {
      let text = ''
      response.setEncoding('latin1').on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

describe('the echo server', () => {
  const paths: [path: string, status: number, bytes: number | null][] = [
    ['/', 200, 3],
    ['/any/path?with=query', 200, 3],
    ['/bytes/0', 200, 0],
    ['/bytes/5', 200, 5],
    ['/bytes/1000000?x=1', 200, 1_000_000],
    ['/bytes/many', 400, null],
    ['/bytes/9999999999', 400, null],
    ['/status/404', 404, 3],
    ['/status/503', 503, 3],
    ['/status/204', 204, 0],
    ['/status/100', 400, null],
    ['/chunked', 200, 3],
    ['/close', 200, 3],
    ['/delay/1', 200, 3],
  ]
  for (const [path, status, bytes] of paths) {
    it(`${path} is ${status}`, async () => {
      await start()
      const answer = await ask(path)
      assert.equal(answer.status, status)
      if (bytes !== null) assert.equal(answer.body.length, bytes)
    })
  }

  it('answers of --size bytes with --status', async () => {
    await start({ sizeBytes: 70_000, status: 201 })
    for (const path of ['/', '/chunked']) {
      const answer = await ask(path)
      assert.equal(answer.status, 201)
      assert.equal(answer.body.length, 70_000)
    }
  })

  it('says how its body ends', async () => {
    await start()
    assert.equal((await ask('/')).headers['content-length'], '3')
    assert.equal((await ask('/chunked')).headers['transfer-encoding'], 'chunked')
    assert.equal((await ask('/close')).headers['connection'], 'close')
  })

  it('gives the request back', async () => {
    await start()
    const answer = await ask('/echo?a=1', { method: 'POST', body: 'a body' })
    assert.match(answer.body, /^POST \/echo\?a=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/)
    assert.match(answer.body, /\r\n\r\na body$/)
  })

  it('/form has a token that differs each time, and links', async () => {
    await start()
    const pages = [await ask('/form'), await ask('/form')]
    assert.match(String(pages[0]!.headers['content-type']), /^text\/html/)
    const tokens = pages.map(({ body }) => /name="token" value="([0-9a-f]{8})"/.exec(body)![1])
    assert.notEqual(tokens[0], tokens[1])
    assert.equal([...pages[0]!.body.matchAll(/<a href=/g)].length, 3)
  })

  it('/json has a token and three articles', async () => {
    await start()
    const { token, articles } = JSON.parse((await ask('/json')).body)
    assert.match(token, /^[0-9a-f]{8}$/)
    assert.equal(articles.length, 3)
  })

  it('answers HEAD without a body', async () => {
    await start()
    const answer = await ask('/bytes/1000', { method: 'HEAD' })
    assert.equal(answer.headers['content-length'], '1000')
    assert.equal(answer.body, '')
  })

  it('keeps connections and counts', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await start()
    for (let n = 0; n < 5; n++) await ask('/', { agent })
    agent.destroy()
    assert.equal(echo!.requests, 5)
    assert.equal(echo!.connections, 1)
  })

  it('fails the share of requests that was asked for', async () => {
    await start({ errorRate: 1 })
    assert.equal((await ask('/')).status, 500)
    assert.equal(echo!.errors, 1)
  })

  it('the same seed fails the same requests', async () => {
    const runs: number[][] = []
    for (let run = 0; run < 2; run++) {
      await start({ errorRate: 0.5, seed: 'a' })
      const statuses: number[] = []
      for (let n = 0; n < 20; n++) statuses.push((await ask('/')).status)
      runs.push(statuses)
      await echo!.close()
      echo = null
    }
    assert.deepEqual(runs[0], runs[1])
    assert.equal(new Set(runs[0]).size, 2)
  })

  it('waits before it answers', async () => {
    await start({ delay: { type: 'uniform', minMs: 40, maxMs: 50 } })
    const fromMs = performance.now()
    await ask('/')
    assert.ok(performance.now() - fromMs >= 39)
  })

  it('serves no more in a second than it was told to, one after the other', async () => {
    await start({ capacityPerSecond: 100 })
    const fromMs = performance.now()
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 21 }, async (_, n) => {
        await ask('/')
        order.push(n)
      }),
    )
    // Timers of Node may be 1 ms early.
    assert.ok(performance.now() - fromMs >= 205, `${performance.now() - fromMs}`)
    assert.equal(order.length, 21)
  })

  it('serves what is in line even when nobody waits any more', async () => {
    await start({ capacityPerSecond: 50 })
    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    const left = Array.from({ length: 10 }, () => ask('/', { agent }).catch(() => null))
    while (echo!.requests < 10) await new Promise((resolve) => setTimeout(resolve, 5))
    const fromMs = performance.now()
    agent.destroy()
    await Promise.all(left)
    await ask('/')
    assert.ok(performance.now() - fromMs >= 100, `${performance.now() - fromMs}`)
  })

  it('speaks HTTP/2 with those that begin so, on the same port', async () => {
    const { port } = await start({ sizeBytes: 100_000 })
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const answers = ['/a', '/echo', '/close'].map(async (path) => {
      const stream = session.request({ ':path': path, 'x-one': '1' })
      let text = ''
      stream.setEncoding('latin1').on('data', (part: string) => {
        text += part
      })
      const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
      await once(stream, 'end')
      return [headers[':status'], text] as const
    })
    const [plain, echoed, closed] = await Promise.all(answers)
    assert.deepEqual([plain![0], plain![1].length], [200, 100_000])
    assert.match(echoed![1], /^GET \/echo HTTP\/2\.0\r\nx-one: 1\r\n/)
    assert.equal(closed![0], 200)
    assert.equal((await ask('/a')).body.length, 100_000)
    assert.deepEqual([echo!.requests, echo!.connections], [4, 2])
    session.destroy()
  })

  it('closes though somebody has connected and says nothing', async () => {
    const { port } = await start()
    const silent = connectTcp(port, '127.0.0.1')
    silent.on('error', () => undefined)
    await once(silent, 'connect')
    await ask('/a')
    await echo!.close()
    echo = null
    if (!silent.destroyed) await once(silent, 'close')
  })

  it('refuses an address that is taken', async () => {
    await start()
    await assert.rejects(startEcho({ port: echo!.port }), { code: 'EADDRINUSE' })
  })

  it('serves TLS', async function () {
    requirePeer(this, 'openssl', 'openssl')
    await start({ tls: selfSigned() })
    const { url } = echo!
    assert.match(url, /^https:/)
    const status = await new Promise((resolve, reject) => {
      const asked = getTls(url, { rejectUnauthorized: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject)
    })
    assert.equal(status, 200)
  })
})

describe('delays of the echo server', () => {
  const readable: [text: string, want: ReturnType<typeof parseDelay>][] = [
    ['20', { type: 'constant', ms: 20 }],
    ['0.5', { type: 'constant', ms: 0.5 }],
    ['constant:7', { type: 'constant', ms: 7 }],
    ['uniform:10,30', { type: 'uniform', minMs: 10, maxMs: 30 }],
    ['exponential:20', { type: 'exponential', meanMs: 20 }],
    ['normal:20,5', { type: 'normal', meanMs: 20, deviationMs: 5 }],
    ['', null],
    ['fast', null],
    ['uniform:10', null],
    ['uniform:30,10', null],
    ['exponential:1,2', null],
    ['normal:1', null],
    ['-5', null],
    ['1.2.3', null],
    ['constant:1,2', null],
  ]
  for (const [text, want] of readable) {
    it(`"${text}" is ${JSON.stringify(want)}`, () => assert.deepEqual(parseDelay(text), want))
  }

  it('none is 0', () => assert.equal(drawDelayMs(noDelay, stream('a')), 0))

  const moments: [text: string, mean: number, deviation: number][] = [
    ['20', 20, 0],
    ['uniform:10,30', 20, 20 / Math.sqrt(12)],
    ['exponential:20', 20, 20],
    ['normal:200,5', 200, 5],
  ]
  for (const [text, mean, deviation] of moments) {
    it(`${text} has mean ${mean} and deviation ${deviation.toFixed(2)}`, () => {
      const delay = parseDelay(text)!
      const random = stream('delays', text)
      const drawn = Array.from({ length: 20_000 }, () => drawDelayMs(delay, random))
      const average = drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length
      const variance = drawn.reduce((sum, ms) => sum + (ms - average) ** 2, 0) / drawn.length
      assert.ok(Math.abs(average - mean) <= 0.03 * mean, `${average}`)
      assert.ok(Math.abs(Math.sqrt(variance) - deviation) <= 0.05 * deviation + 1e-9)
    })
  }

  it('is never negative', () => {
    const delay = parseDelay('normal:1,50')!
    const random = stream('negative')
    for (let n = 0; n < 1000; n++) assert.ok(drawDelayMs(delay, random) >= 0)
  })
})
