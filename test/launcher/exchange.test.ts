import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Action, Session } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { ask, linePlugin } from '../support/line-plugin.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})

describe('exchange', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(onSocket: (socket: Socket, connection: number) => void): Promise<number> {
    let connections = 0
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      onSocket(socket, connections++)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  async function play(
    actions: readonly Action[],
    port: number,
    session: Partial<Session> = {},
    plugins: { readonly [type: string]: AnyPlugin } = { ts_line: linePlugin },
  ): Promise<Played> {
    return playUsers(scenarioOf([{ ...session, actions }], { port }), { plugins })
  }

  const echo = (socket: Socket): void => void socket.on('data', () => socket.write('ok\n'))
  const changeType = (port: number, rest: { store?: boolean; restore?: boolean } = {}): Action => ({
    type: 'change_type',
    newType: 'ts_other',
    host: '127.0.0.1',
    port: String(port),
    transport: 'tcp',
    store: false,
    restore: false,
    bidi: false,
    line: 1,
    ...rest,
  })
  const both = { ts_line: linePlugin, ts_other: linePlugin }

  it('many requests without answer, one after the other, need no stack', async () => {
    let lines = 0
    const port = await serve((socket) =>
      socket.on('data', (bytes) => {
        lines += bytes.toString('latin1').split('\n').length - 1
      }),
    )
    const body: Action = {
      type: 'for',
      variable: 'i',
      from: '1',
      to: '20000',
      increment: 1,
      actions: [ask('x', 'no_ack')],
      line: 1,
    }
    const { counters } = await play([body, ask('y', 'no_ack'), think(50)], port)
    assert.equal(counters['request_noack'], 20_001)
    assert.equal(lines, 20_001)
  })

  it('requests without answer wait for a peer that does not read', async () => {
    let read = 0
    const port = await serve((socket) => {
      socket.pause()
      setTimeout(() => socket.resume(), 150)
      socket.on('data', (bytes) => {
        read += bytes.length
      })
    })
    const request = ask('x'.repeat(1_000_000), 'no_ack')
    const actions = Array.from({ length: 30 }, () => request)
    const { counters, samples } = await play([...actions, think(100)], port)
    assert.deepEqual(pick(counters, 'request_noack', 'size_sent'), {
      request_noack: 30,
      size_sent: 30_000_030,
    })
    assert.ok(samples['session']!.max >= 200)
    assert.equal(read, 30_000_030)
  })

  it('what was written reaches the peer though the user ends', async () => {
    let read = 0
    let over = (): void => undefined
    const closed = new Promise<void>((resolve) => {
      over = resolve
    })
    const port = await serve((socket) => {
      socket.pause()
      setTimeout(() => socket.resume(), 50)
      socket.on('close', over)
      socket.on('data', (bytes) => {
        read += bytes.length
      })
    })
    const actions = Array.from({ length: 400 }, () => ask('x'.repeat(15_000), 'no_ack'))
    await play(actions, port)
    await closed
    assert.equal(read, 400 * 15_001)
  })

  it('a peer that never reads is error_timeout', async () => {
    const port = await serve((socket) => void socket.pause())
    const request = ask('x'.repeat(1_000_000), 'no_ack')
    const actions = Array.from({ length: 30 }, () => request)
    const scenario = scenarioOf([{ actions }], { port }, { idleTimeoutMs: 100 })
    const { counters } = await playUsers(scenario)
    assert.equal(counters['error_timeout'], 1)
    assert.ok(counters['request_noack']! < 30)
  })

  it('bytes at the barrier are counted and no more', async () => {
    const port = await serve((socket) => void socket.on('data', () => socket.write('surprise\n')))
    const { counters, taken } = await play([ask('a', 'global'), think(50)], port)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv', 'error_unknown_data'), {
      tsts_acknowledged: 1,
      size_rcv: 9,
      error_unknown_data: 0,
    })
    assert.equal(taken['request'], 1)
  })

  for (const [ack, counter] of [
    ['parse', 'error_unknown_data'],
    ['local', null],
    ['no_ack', null],
  ] as const) {
    it(`data while thinking after ack="${ack}" is ${counter ?? 'ignored'}`, async () => {
      const port = await serve((socket) =>
        socket.on('data', () => {
          if (ack !== 'no_ack') socket.write('ok\n')
          setTimeout(() => socket.write('more\n'), 30)
        }),
      )
      const { counters } = await play([ask('a', ack), think(100)], port)
      assert.equal(counters['error_unknown_data'] ?? 0, counter === null ? 0 : 1)
      assert.equal(counters['size_rcv'], ack === 'no_ack' ? 5 : 8)
    })
  }

  it('data while thinking goes to the plugin of a bidirectional session', async () => {
    const talkative: AnyPlugin = {
      ...linePlugin,
      decode: (bytes, connection, user, sink) => {
        if (bytes[0] !== 112) {
          return linePlugin.decode(bytes, connection, user, sink)
        }
        sink.reply('pong\n')
        return 'more'
      },
    }
    const got: string[] = []
    const port = await serve((socket) => {
      socket.on('data', (bytes) => {
        got.push(bytes.toString())
        if (got.length > 1) return
        socket.write('ok\n')
        setTimeout(() => socket.write('ping\n'), 20)
        setTimeout(() => socket.write('else\n'), 60)
      })
    })
    const { counters } = await play(
      [ask('a'), think(120)],
      port,
      { bidi: true },
      { ts_line: talkative },
    )
    assert.deepEqual(got, ['a\n', 'pong\n'])
    assert.deepEqual(pick(counters, 'async_data_sent', 'async_unknown_data_rcv', 'size_sent'), {
      async_data_sent: 1,
      async_unknown_data_rcv: 1,
      size_sent: 7,
    })
  })

  it('a connection that was put aside ignores what comes and is taken up again', async () => {
    const got: string[] = []
    const first = await serve((socket, connection) =>
      socket.on('data', (bytes) => {
        got.push(`${connection} ${bytes.toString().trim()}`)
        socket.write('ok\n')
        if (got.length === 1) setTimeout(() => socket.write('surprise\n'), 30)
      }),
    )
    const second = await serve(echo)
    const back = { ...changeType(first, { restore: true }), newType: 'ts_line' } as Action
    const { counters, taken } = await play(
      [ask('a'), changeType(second, { store: true }), ask('b'), think(80), back, ask('c')],
      first,
      {},
      both,
    )
    assert.deepEqual(got, ['0 a', '0 c'])
    assert.deepEqual(pick(counters, 'size_rcv', 'error_unknown_data', 'tsts_acknowledged'), {
      size_rcv: 18,
      error_unknown_data: 0,
      tsts_acknowledged: 3,
    })
    assert.equal(taken['connect'], 2)
  })

  it('a connection that was closed while it was put aside is opened anew', async () => {
    const first = await serve((socket) => void socket.on('data', () => socket.end('ok\n')))
    const second = await serve(echo)
    const back = { ...changeType(first, { restore: true }), newType: 'ts_line' } as Action
    const { counters, taken, gauges } = await play(
      [ask('a'), changeType(second, { store: true }), ask('b'), think(60), back, ask('c')],
      first,
      { persistent: false },
      both,
    )
    assert.equal(counters['tsts_acknowledged'], 3)
    assert.equal(taken['connect'], 3)
    assert.equal(gauges.connected, 0)
  })

  it('what set_option said holds for every type that is played after it', async () => {
    const slow = await serve((socket) => {
      socket.on('data', () => socket.write(`${'x'.repeat(20_000)}\n`))
    })
    const limit: Action = {
      type: 'set_option',
      option: { name: 'rate_limit', kibPerS: '200', burstKib: '1' },
      line: 1,
    }
    const back = { ...changeType(slow, { restore: true }), newType: 'ts_line' } as Action
    const { samples } = await play(
      [ask('a'), changeType(slow, { store: true }), limit, ask('b'), back, ask('c')],
      slow,
      {},
      both,
    )
    const { count, max, mean } = samples['request']!
    assert.equal(count, 3)
    assert.ok(max >= 90 && mean * 3 >= 180, `${max} ms, ${mean} ms in the mean`)
  })

  it('without store the old connection is closed', async () => {
    let closed = 0
    const first = await serve((socket) => {
      echo(socket)
      socket.on('close', () => closed++)
    })
    const second = await serve(echo)
    const actions = [ask('a'), changeType(second), ask('b'), think(50)]
    const { gauges } = await play(actions, first, {}, both)
    assert.equal(closed, 1)
    assert.equal(gauges.connected, 0)
  })

  it('retries are one budget for the whole life of the user', async () => {
    const port = await serve(echo)
    servers.pop()!.close()
    const other = await serve(echo)
    const { counters } = await play(
      [changeType(port), ask('a'), changeType(other), ask('b')],
      other,
      {},
      both,
    )
    assert.deepEqual(pick(counters, 'error_connect_econnrefused', 'tsts_acknowledged'), {
      error_connect_econnrefused: 4,
      tsts_acknowledged: 0,
    })
  })

  it('interactions are told', async () => {
    const port = await serve(echo)
    const said = (action: 'send' | 'receive'): Action => ({
      type: 'interaction',
      action,
      id: 'm',
      line: 1,
    })
    const { interactions } = await play([said('send'), ask('a'), said('receive')], port)
    assert.deepEqual(interactions, ['send m', 'receive m'])
  })

  it('abort type="all" ends the run and the user', async () => {
    const port = await serve(echo)
    const actions: readonly Action[] = [ask('a'), { type: 'abort', what: 'all', line: 1 }, ask('b')]
    const { aborts, counters } = await play(actions, port)
    assert.equal(aborts.length, 1)
    assert.deepEqual(pick(counters, 'error_abort', 'tsts_issued'), {
      error_abort: 1,
      tsts_issued: 1,
    })
  })
})
