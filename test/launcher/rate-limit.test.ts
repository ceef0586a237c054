import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Connection } from '../../launcher/connection.ts'
import { RateLimit } from '../../launcher/rate-limit.ts'
import { TimerWheel } from '../../launcher/timer-wheel.ts'
import { ask } from '../support/line-plugin.ts'
import { pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const thinkMs = (ms: number) =>
  ({ type: 'thinktime', thinkTime: { type: 'constant', ms }, line: 1 }) as const

describe('rate limit', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** Answers each line with `size` bytes and a line's end, `delayMs` late. */
  async function serve(size: number, delayMs = 0): Promise<number> {
    const answer = `${'x'.repeat(size - 1)}\n`
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => setTimeout(() => socket.write(answer), delayMs))
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  it('an answer takes as long as its bytes at that rate', async () => {
    const port = await serve(100_000)
    const rateLimit = { bytesPerMs: 400, burstBytes: 1000 }
    const played = await playUsers(scenarioOf([{ actions: [ask('a')] }], { port }, { rateLimit }))
    const { max } = played.samples['request']!
    assert.ok(max >= 240 && max < 1500, `${max} ms`)
    assert.deepEqual(pick(played.counters, 'size_rcv', 'tsts_acknowledged'), {
      size_rcv: 100_000,
      tsts_acknowledged: 1,
    })
  })

  it('set_option changes it, 0 lifts it', async () => {
    const port = await serve(50_000)
    const limit = (kibPerS: string) =>
      ({
        type: 'set_option',
        option: { name: 'rate_limit', kibPerS, burstKib: '1' },
        line: 1,
      }) as const
    const actions = [limit('200'), ask('a'), limit('0'), ask('b')]
    const { samples } = await playUsers(scenarioOf([{ actions }], { port }))
    const { min, max } = samples['request']!
    assert.ok(max >= 240 && max < 1500, `${max} ms`)
    assert.ok(min < 200, `${min} ms`)
  })

  it('what was saved up while the target was silent comes at once, up to the burst', async () => {
    const port = await serve(20_000, 100)
    const rateLimit = { bytesPerMs: 1000, burstBytes: 1_000_000 }
    const { samples } = await playUsers(
      scenarioOf([{ actions: [ask('a')] }], { port }, { rateLimit }),
    )
    assert.ok(samples['request']!.max < 200)
  })

  it('counts no idle time while bytes wait', async () => {
    const port = await serve(60_000)
    const options = { rateLimit: { bytesPerMs: 200, burstBytes: 10 }, idleTimeoutMs: 50 }
    const { counters } = await playUsers(scenarioOf([{ actions: [ask('a')] }], { port }, options))
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'error_timeout'), {
      tsts_acknowledged: 1,
      error_timeout: 0,
    })
  })

  it('takes what came before a close', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.end(`${'x'.repeat(30_000)}\n`))
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const rateLimit = { bytesPerMs: 200, burstBytes: 10 }
    const scenario = scenarioOf(
      [{ actions: [ask('a'), thinkMs(60), ask('b')] }],
      { port },
      { rateLimit },
    )
    const { counters } = await playUsers(scenario)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'error_closed_in_answer'), {
      tsts_acknowledged: 2,
      error_closed_in_answer: 0,
    })
  })

  it('does not hold up what comes while the user thinks', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => {
        socket.write('ok\n')
        setTimeout(() => socket.write('x'.repeat(50_000)), 30)
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const rateLimit = { bytesPerMs: 1, burstBytes: 10 }
    const actions = [ask('a', 'local'), thinkMs(200)]
    const { counters } = await playUsers(scenarioOf([{ actions }], { port }, { rateLimit }))
    assert.equal(counters['size_rcv'], 50_003)
  })
})

describe('the bucket of a rate limit', () => {
  it('keeps the order of what it holds, pauses and resumes the connection', async () => {
    const said: string[] = []
    const connection = {
      pause: () => void said.push('pause'),
      resume: () => void said.push('resume'),
    } as unknown as Connection
    const wheel = new TimerWheel(() => performance.now())
    await new Promise<void>((resolve) => {
      const passed = (_connection: Connection, bytes: Uint8Array): void => {
        said.push(Buffer.from(bytes).toString('latin1').slice(0, 1))
        if (said.at(-1) === 'c') resolve()
      }
      const limit = new RateLimit(wheel, { passed }, 1000, 10)
      for (const text of ['a', 'b', 'c']) {
        assert.equal(limit.passes(connection, Buffer.from(text.repeat(20_000))), false)
      }
      assert.equal(limit.isHolding, true)
    })
    wheel.close()
    assert.deepEqual(said, ['pause', 'a', 'b', 'resume', 'c'])
  })

  it('holds no more than 256 KiB', () => {
    const connection = { pause: () => undefined, resume: () => undefined } as unknown as Connection
    const wheel = new TimerWheel(() => performance.now())
    const limit = new RateLimit(wheel, { passed: () => assert.fail() }, 0.001, 10)
    for (let at = 0; at < 100; at++) limit.passes(connection, Buffer.alloc(10_000))
    assert.equal(limit.release().length, 26)
    assert.equal(wheel.armed, 0)
    wheel.close()
  })
})
