import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Action, Options, Session } from '../../core/scenario/model.ts'
import { ask } from '../support/line-plugin.ts'
import { type Answer, echo, LineTarget } from '../support/line-target.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

interface Play {
  readonly actions: readonly Action[]
  readonly session?: Partial<Session>
  readonly options?: Partial<Options>
  readonly answer: Answer
  readonly users?: number
  readonly port?: number
}

const targets: LineTarget[] = []
const children: ChildProcess[] = []

async function listen(answer: Answer): Promise<LineTarget> {
  const target = await LineTarget.open(answer)
  targets.push(target)
  return target
}

async function play({
  actions,
  session,
  options,
  answer,
  users = 1,
  port,
}: Play): Promise<Played & { readonly lines: readonly string[] }> {
  const target = port === undefined ? await listen(answer) : null
  const to = { port: port ?? target!.port }
  const played = await playUsers(scenarioOf([{ ...session, actions }], to, options), { users })
  return { ...played, lines: target?.lines ?? [] }
}

describe('virtual user', () => {
  afterEach(() => {
    for (const target of targets.splice(0)) void target.close()
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  it('plays requests one after the other over one connection and counts bytes, pages and the session', async () => {
    const { counters, samples, lines } = await play({
      actions: [ask('a'), ask('bc')],
      answer: echo,
    })
    assert.deepEqual(lines, ['a', 'bc'])
    assert.deepEqual(counters, {
      tsts_issued: 2,
      tsts_acknowledged: 2,
      size_sent: 5,
      size_rcv: 6,
      users_count: 1,
      finish_users_count: 1,
      line_answers: 2,
    })
    const counts = Object.fromEntries(Object.entries(samples).map(([k, v]) => [k, v.count]))
    assert.deepEqual(counts, {
      request: 2,
      response: 2,
      late: 2,
      ttfb: 2,
      connect: 1,
      tcp_connect: 1,
      page: 1,
      session: 1,
    })
  })

  it('ends a page at a think time and measures a transaction with its think times', async () => {
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 30 }, line: 1 }
    const { samples } = await play({
      actions: [
        { type: 'transaction', name: 'buy', actions: [ask('a'), think, ask('b')], line: 1 },
        ask('c'),
      ],
      answer: echo,
    })
    assert.equal(samples['page']!.count, 2)
    assert.equal(samples['tr_buy']!.count, 1)
    assert.ok(samples['tr_buy']!.min >= 30)
    assert.ok(samples['late']!.max < 1000)
  })

  for (const [from, to, increment, times] of [
    [1, 3, 1, 3],
    [1, 4, 2, 3],
    [5, 1, 1, 1],
    [0, 0, 1, 1],
  ] as const) {
    it(`for from ${from} to ${to} by ${increment} plays its body ${times} times`, async () => {
      const bounds = { from: String(from), to: String(to), increment }
      const { lines } = await play({
        actions: [{ type: 'for', variable: 'i', ...bounds, line: 1, actions: [ask('x')] }],
        answer: echo,
      })
      assert.equal(lines.length, times)
    })
  }

  it('reconnects when the server closed while the user thought', async () => {
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 50 }, line: 1 }
    const { counters, samples } = await play({
      actions: [ask('a'), think, ask('b')],
      answer: (_line, socket) => void socket.end('ok\n'),
    })
    assert.equal(samples['connect']!.count, 2)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'error_closed'), {
      tsts_acknowledged: 2,
      error_closed: 0,
    })
  })

  it('ends a non-persistent user whose connection the server closes', async () => {
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 5000 }, line: 1 }
    const { counters } = await play({
      actions: [ask('a'), think, ask('b')],
      session: { persistent: false },
      answer: (_line, socket) => void socket.end('ok\n'),
    })
    assert.deepEqual(pick(counters, 'error_closed', 'tsts_issued', 'finish_users_count'), {
      error_closed: 1,
      tsts_issued: 1,
      finish_users_count: 1,
    })
  })

  it('counts a close in the middle of an answer and goes on with the next request', async () => {
    const { counters, lines } = await play({
      actions: [ask('half'), ask('b')],
      answer: (line, socket) => void (line === 'half' ? socket.end('o') : socket.write('ok\n')),
    })
    assert.deepEqual(lines, ['half', 'b'])
    assert.deepEqual(pick(counters, 'error_closed_in_answer', 'tsts_failed', 'tsts_acknowledged'), {
      error_closed_in_answer: 1,
      tsts_failed: 1,
      tsts_acknowledged: 1,
    })
  })

  it('treats a reset as a close, as Tsung sees it', async () => {
    const { counters } = await play({
      actions: [ask('a'), ask('b')],
      answer: (line, socket) =>
        void (line === 'a' ? socket.resetAndDestroy() : socket.write('ok\n')),
    })
    assert.deepEqual(pick(counters, 'error_closed_in_answer', 'tsts_acknowledged'), {
      error_closed_in_answer: 1,
      tsts_acknowledged: 1,
    })
  })

  it('tries a refused connection four times, then gives the user up', async () => {
    const { port } = await listen(echo)
    await targets.pop()!.close()
    const { counters, gauges } = await play({ actions: [ask('a')], answer: echo, port })
    assert.deepEqual(counters, {
      tsts_issued: 1,
      tsts_failed: 1,
      users_count: 1,
      finish_users_count: 1,
      error_connect_econnrefused: 4,
      error_abort_max_conn_retries: 1,
    })
    assert.equal(gauges.inFlight, 0)
  })

  it('ends a user that gets no answer within idle_timeout', async () => {
    const { counters } = await play({
      actions: [ask('a'), ask('b')],
      options: { idleTimeoutMs: 60 },
      answer: () => undefined,
    })
    assert.deepEqual(pick(counters, 'error_timeout', 'tsts_failed', 'tsts_issued'), {
      error_timeout: 1,
      tsts_failed: 1,
      tsts_issued: 1,
    })
  })

  it('restarts idle_timeout with each packet', async () => {
    const { counters } = await play({
      actions: [ask('a')],
      options: { idleTimeoutMs: 300 },
      answer: (_line, socket) => {
        let sent = 0
        const drip = setInterval(() => {
          socket.write(++sent === 6 ? '\n' : 'o')
          if (sent === 6) clearInterval(drip)
        }, 100)
      },
    })
    assert.equal(counters['tsts_acknowledged'], 1)
    assert.equal(counters['error_timeout'], undefined)
  })

  it('counts a broken protocol under the plugin’s name, closes and goes on', async () => {
    const { counters, samples } = await play({
      actions: [ask('a'), ask('b')],
      answer: (line, socket) => void socket.write(line === 'a' ? 'bad\n' : 'ok\n'),
    })
    assert.deepEqual(pick(counters, 'error_line_bad', 'tsts_failed', 'tsts_acknowledged'), {
      error_line_bad: 1,
      tsts_failed: 1,
      tsts_acknowledged: 1,
    })
    assert.equal(samples['connect']!.count, 2)
  })

  it('ends a user that is sent data while it thinks', async () => {
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 5000 }, line: 1 }
    const { counters } = await play({
      actions: [ask('a'), think, ask('b')],
      answer: (_line, socket) => {
        socket.write('ok\n')
        setTimeout(() => socket.write('surprise\n'), 30)
      },
    })
    assert.deepEqual(pick(counters, 'error_unknown_data', 'tsts_issued'), {
      error_unknown_data: 1,
      tsts_issued: 1,
    })
  })

  it('sends what the plugin replies while it decodes', async () => {
    const { lines, counters } = await play({
      actions: [ask('a')],
      answer: (line, socket) => void socket.write(line === 'a' ? 'ping\n' : 'ok\n'),
    })
    assert.deepEqual(lines, ['a', 'pong'])
    assert.equal(counters['size_sent'], 7)
  })

  it('no_ack goes on at once and is not a request; local takes the first packet', async () => {
    const { counters, samples } = await play({
      actions: [ask('a', 'no_ack'), ask('b', 'local')],
      answer: (line, socket) => void (line === 'b' && socket.write('half an answ')),
    })
    assert.deepEqual(pick(counters, 'request_noack', 'tsts_acknowledged', 'tsts_issued'), {
      request_noack: 1,
      tsts_acknowledged: 1,
      tsts_issued: 2,
    })
    assert.equal(samples['request']!.count, 1)
  })

  it('users wait for each other at wait_global', async () => {
    const order: string[] = []
    await play({
      users: 3,
      actions: [
        ask('before'),
        { type: 'thinktime', thinkTime: { type: 'wait_global' }, line: 1 },
        ask('after'),
      ],
      answer: (line, socket) => {
        order.push(line)
        socket.write('ok\n')
      },
    })
    assert.deepEqual(order, ['before', 'before', 'before', 'after', 'after', 'after'])
  })

  it('closes when the plugin says the answer ends the connection', async () => {
    const { samples } = await play({
      actions: [ask('a'), ask('b')],
      answer: (_line, socket) => void socket.write('bye\n'),
    })
    assert.equal(samples['connect']!.count, 2)
  })

  it('connect_timeout counts error_connect_timeout and retries', async () => {
    // A server that is never accepted from: its backlog is filled first.
    const { counters } = await play({
      actions: [ask('a')],
      options: { connectTimeoutMs: 50, maxRetries: 1, retryTimeoutMs: 1 },
      answer: echo,
      port: await fullBacklog(),
    })
    assert.deepEqual(pick(counters, 'error_connect_timeout', 'error_abort_max_conn_retries'), {
      error_connect_timeout: 2,
      error_abort_max_conn_retries: 1,
    })
  })
})

/** A port that neither accepts nor refuses: its process fills the backlog itself and never gets to accept. */
async function fullBacklog(): Promise<number> {
  const code = `
    const net = require('node:net')
    const server = net.createServer().listen(0, '127.0.0.1', 1, () => {
      const { port } = server.address()
      for (let i = 0; i < 8; i++) net.connect(port, '127.0.0.1').on('error', () => {})
      process.nextTick(() => process.nextTick(() => {
        require('node:fs').writeSync(1, port + '\\n')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30000)
      }))
    })`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return Number(port.toString())
}
