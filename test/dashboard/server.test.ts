import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { isLoopback, parseListen } from '../../controller/dashboard/listen.ts'
import type { Steering } from '../../controller/model.ts'
import { headOf, newFolder, playRun } from '../outputs/synthetic-run.ts'
import { type OpenedDashboard, openDashboard } from './open.ts'
import { EventStream, type Message } from './stream.ts'

interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly text: string
}

/** `fetch` would not let us say who we are. */
function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: {
    readonly method?: string
    readonly headers?: { readonly [name: string]: string }
    readonly body?: string
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const json = { 'Content-Type': 'application/json' }

describe('dashboard, its HTTP interface', function () {
  this.timeout(60_000)
  let opened: OpenedDashboard
  beforeEach(async () => {
    opened = await openDashboard()
  })
  afterEach(() => opened.dashboard.close())

  const post = (
    path: string,
    value: unknown,
    headers: { readonly [name: string]: string } = json,
  ): Promise<Answer> =>
    ask(`${opened.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(value) })

  it('listens on this machine alone, and then wants no token', async () => {
    assert.match(opened.dashboard.url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { status, text } = await ask(`${opened.origin}/api/status`)
    assert.equal(status, 200)
    assert.equal((JSON.parse(text) as { state: string }).state, 'running')
  })

  it('serves a page that runs and styles only what bears its nonce', async () => {
    const first = await ask(`${opened.origin}/`)
    const policy = String(first.headers['content-security-policy'])
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1]
    assert.ok(nonce)
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe/)
    for (const [tag] of first.text.matchAll(/<(?:script|style)\b[^>]*>/g)) {
      assert.ok(tag.includes(`nonce="${nonce}"`), tag)
    }
    assert.doesNotMatch(first.text, /<[^>]+ (?:style|on\w+)=/)
    const second = await ask(`${opened.origin}/`)
    assert.notEqual(second.headers['content-security-policy'], policy)
  })

  it('steers, and says who did', async () => {
    const { status, text } = await post('/api/steer', { arrivalFactor: 1.5, paused: true })
    assert.equal(status, 200)
    const { steering } = JSON.parse(text) as { steering: Steering }
    assert.equal(steering.arrivalFactor, 1.5)
    assert.equal(steering.thinkTimeFactor, 1)
    assert.equal(steering.paused, true)
    const [event] = opened.events
    assert.equal(event?.text, 'dashboard 127.0.0.1: arrivals × 1 to × 1.5, paused')
    assert.equal(event?.steering?.who, 'dashboard 127.0.0.1')
    assert.equal(event?.steering?.from.paused, false)
    assert.equal(event?.steering?.to.paused, true)
  })

  it('stops, with the grace that is wished', async () => {
    assert.equal((await post('/api/stop', { graceMs: 0 })).text, '{"graceMs":0}\n')
    assert.equal((await post('/api/stop', {})).text, '{"graceMs":30000}\n')
    assert.deepEqual(opened.stops, [0, null])
  })

  for (const [what, path, value, text] of [
    ['no object', '/api/steer', 7, /a change is an object/],
    ['an empty change', '/api/steer', {}, /nothing to change/],
    ['an unknown name', '/api/steer', { speed: 2 }, /nothing called speed/],
    ['a negative factor', '/api/steer', { arrivalFactor: -1 }, /a number from 0 to 1000/],
    ['a factor that is text', '/api/steer', { thinkTimeFactor: '2' }, /a number from 0/],
    ['what the run refuses', '/api/steer', { arrivalFactor: 13 }, /refuse thirteen/],
    ['a negative grace', '/api/stop', { graceMs: -5 }, /number of milliseconds/],
    ['more than 4096 bytes', '/api/steer', { speed: 'x'.repeat(5000) }, /at most 4096 bytes/],
  ] as const) {
    it(`refuses ${what} in a sentence`, async () => {
      const answer = await post(path, value)
      assert.equal(answer.status, 400)
      assert.match((JSON.parse(answer.text) as { error: string }).error, text)
      assert.deepEqual([opened.events, opened.stops], [[], []])
    })
  }

  for (const [who, headers, status] of [
    ['a form of another site', { 'Content-Type': 'text/plain' }, 400],
    ['a page of another site', { ...json, Origin: 'http://evil.example' }, 403],
    ['a page without an origin', { ...json, Origin: 'null' }, 403],
    ['a page of another port', { ...json, Origin: 'http://127.0.0.1:1' }, 403],
    ['a browser that says so', { ...json, 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a site of the same domain', { ...json, 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a name that was made to mean us', { ...json, Host: 'evil.example' }, 403],
  ] as const) {
    it(`lets ${who} do nothing`, async () => {
      assert.equal((await post('/api/steer', { paused: true }, headers)).status, status)
      assert.deepEqual(opened.events, [])
    })
  }

  it('lets its own page do what it wants', async () => {
    const own = { ...json, Origin: opened.origin, 'Sec-Fetch-Site': 'same-origin' }
    assert.equal((await post('/api/steer', { paused: true }, own)).status, 200)
  })

  for (const [method, path, status] of [
    ['GET', '/api/steer', 404],
    ['DELETE', '/api/status', 404],
    ['GET', '/etc/passwd', 404],
    ['GET', '//', 404],
    ['POST', '/', 405],
  ] as const) {
    it(`answers ${status} to ${method} ${path}`, async () => {
      assert.equal((await ask(`${opened.origin}${path}`, { method })).status, status)
    })
  }
})

describe('dashboard, reached from elsewhere', function () {
  this.timeout(60_000)
  let opened: OpenedDashboard
  beforeEach(async () => {
    opened = await openDashboard({ host: '0.0.0.0', port: 0 })
  })
  afterEach(() => opened.dashboard.close())

  it('wants the token, which stands where no server sees it', () => {
    assert.match(opened.dashboard.url, /^http:\/\/0\.0\.0\.0:\d+\/#token=[\w-]{43}$/)
    assert.ok(opened.dashboard.url.endsWith(opened.token!))
  })

  for (const path of ['/api/status', '/api/events', '/api/steer', '/api/stop']) {
    const method = /steer|stop/.test(path) ? 'POST' : 'GET'
    it(`refuses ${method} ${path} without it, and with another`, async () => {
      for (const bearer of [null, '', 'x'.repeat(43), opened.token!.slice(1), `${opened.token}x`]) {
        const headers = {
          ...json,
          ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
        }
        const answer = await ask(`${opened.origin}${path}`, { method, headers, body: '{}' })
        assert.equal(answer.status, 401, String(bearer))
        assert.ok(!answer.text.includes(opened.token!))
      }
      assert.deepEqual([opened.events, opened.stops], [[], []])
    })
  }

  it('serves whoever has it', async () => {
    const headers = { ...json, Authorization: `Bearer ${opened.token}` }
    assert.equal((await ask(`${opened.origin}/api/status`, { headers })).status, 200)
    const body = '{"paused":true}'
    const steered = await ask(`${opened.origin}/api/steer`, { method: 'POST', headers, body })
    assert.equal(steered.status, 200)
  })

  it('has nothing of the run in its page', async () => {
    const { folder, remove } = await newFolder()
    opened.feed.start(headOf(folder))
    const { text } = await ask(`${opened.origin}/`)
    await remove()
    assert.ok(!text.includes(opened.token!) && !text.includes(folder) && !text.includes('shop.xml'))
  })
})

describe('dashboard, its stream', function () {
  this.timeout(60_000)
  let opened: OpenedDashboard
  let folder = ''
  let remove: () => Promise<void>
  beforeEach(async () => {
    opened = await openDashboard()
    ;({ folder, remove } = await newFolder())
  })
  afterEach(async () => {
    await opened.dashboard.close()
    await remove()
  })
  const stream = (headers = {}): EventStream =>
    new EventStream(`${opened.origin}/api/events`, headers)
  const types = (each: EventStream): string[] => each.messages.map(({ type }) => type)

  it('tells those who look from the beginning each second, in order', async () => {
    const early = stream()
    while (opened.feed.listeners === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await playRun([opened.feed], folder, { seconds: 10, steered: true })
    opened.feed.over(0)
    await early.next(({ type }) => type === 'over')
    const seconds = early.messages.filter(({ type }) => type === 'second')
    assert.deepEqual(
      seconds.map(({ data }) => (data as { atMs: number }).atMs),
      Array.from({ length: 10 }, (_, at) => 1000 * (at + 1)),
    )
    assert.deepEqual(types(early).slice(0, 2), ['head', 'past'])
    assert.equal(types(early).filter((type) => type === 'standing').length, 10)
    const ids = early.messages.map(({ id }) => Number(id.split('-')[1]))
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
    )
    early.close()
  })

  it('tells late comers the past, and how it stands', async () => {
    await playRun([opened.feed], folder, { seconds: 12, steered: true })
    const late = stream()
    const past = await late.next(({ type }) => type === 'past')
    const { seconds, events, examples, steering, again } = past.data as {
      seconds: { atMs: number; times: { request: number[] }; counters: object }[]
      events: { type: string }[]
      examples: { name: string }[]
      steering: Steering
      again: boolean
    }
    assert.equal(again, false)
    assert.equal(seconds.length, 12)
    assert.equal(seconds[3]!.times.request.length, 5)
    assert.ok(events.some(({ type }) => type === 'steered'))
    assert.deepEqual(
      examples.map(({ name }) => name),
      ['error_connect_econnrefused'],
    )
    assert.equal(steering.paused, true)
    const { data } = await late.next(({ type }) => type === 'standing')
    assert.equal((data as { launchers: unknown[] }).launchers.length, 2)
    late.close()
  })

  it('tells who comes again only what is new', async () => {
    const first = stream()
    while (opened.feed.listeners === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await playRun([opened.feed], folder, { seconds: 5 })
    const isThird = ({ type, data }: Message): boolean =>
      type === 'second' && (data as { atMs: number }).atMs === 3000
    const { id } = await first.next(isThird)
    first.close()
    const again = stream({ 'Last-Event-ID': id })
    const { data } = await again.next(({ type }) => type === 'past')
    const { seconds, again: isAgain } = data as { seconds: { atMs: number }[]; again: boolean }
    assert.equal(isAgain, true)
    assert.deepEqual(
      seconds.map(({ atMs }) => atMs),
      [4000, 5000],
    )
    again.close()
    const stranger = stream({ 'Last-Event-ID': 'another-17' })
    const whole = await stranger.next(({ type }) => type === 'past')
    assert.equal((whole.data as { seconds: unknown[] }).seconds.length, 5)
    stranger.close()
  })

  it('lets go of those that leave, and hangs up when the run is over', async () => {
    opened.feed.start(headOf(folder))
    const [a, b] = [stream(), stream()]
    await Promise.all([a, b].map((each) => each.next(({ type }) => type === 'past')))
    assert.equal(opened.feed.listeners, 2)
    a.close()
    while (opened.feed.listeners > 1) await new Promise((resolve) => setTimeout(resolve, 5))
    opened.feed.over(4)
    await opened.dashboard.close()
    await b.ended()
    assert.equal(types(b).at(-1), 'over')
  })
})

describe('where the dashboard listens', () => {
  for (const [text, host, port] of [
    ['', '127.0.0.1', 0],
    [':8090', '127.0.0.1', 8090],
    ['load1.example', 'load1.example', 0],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8090', '::1', 8090],
    ['::1', '::1', 0],
  ] as const) {
    it(`"${text}" is ${host}, port ${port}`, () => {
      assert.deepEqual(parseListen(text), { host, port })
    })
  }
  for (const text of ['host:70000', 'a b:c', 'host:80:90']) {
    it(`"${text}" is refused`, () => assert.throws(() => parseListen(text), /wants HOST:PORT/))
  }
  for (const [host, is] of [
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example', false],
    ['', false],
  ] as const) {
    it(`"${host}" is ${is ? '' : 'not '}this machine alone`, () =>
      assert.equal(isLoopback(host), is))
  }
})
