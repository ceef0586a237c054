import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Action, Session } from '../../core/scenario/model.ts'
import { type AnyPlugin, type DecodeSink, type Progress, ProtocolError } from '../../plugins/api.ts'
import { ask, linePlugin } from '../support/line-plugin.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})
const waitBidi: Action = { type: 'thinktime', thinkTime: { type: 'wait_bidi' }, line: 1 }

/** The line protocol, decoded line by line whether an answer is awaited or not. */
function pushing(
  push: (line: string, sink: DecodeSink, isAwaited: boolean) => Progress,
  rest: Partial<AnyPlugin> = {},
): AnyPlugin {
  return {
    ...linePlugin,
    decode: (bytes, state, _user, sink) => {
      const connection = state as { pending: boolean; line: string }
      connection.line += Buffer.from(bytes).toString('latin1')
      const lines = connection.line.split('\n')
      connection.line = lines.pop()!
      let progress: Progress = 'more'
      for (const line of lines) {
        const said = push(line, sink, connection.pending)
        if (said === 'more') continue
        connection.pending = false
        progress = said
      }
      return progress
    },
    ...rest,
  }
}

describe('what comes without being asked', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function serve(onSocket: (socket: Socket, connection: number) => void): Promise<number> {
    let connections = 0
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      onSocket(socket, ++connections)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  const play = (
    actions: readonly Action[],
    port: number,
    plugin: AnyPlugin,
    session: Partial<Session> = {},
  ): Promise<Played> =>
    playUsers(scenarioOf([{ bidi: true, ...session, actions }], { port }), {
      plugins: { ts_line: plugin, ts_other: plugin },
    })

  const answers = (line: string, sink: DecodeSink): Progress => {
    if (line !== 'push') return 'done'
    sink.goOn()
    return 'more'
  }

  it('wakes a user that waits for it, and no other', async () => {
    const heard: string[] = []
    const port = await serve((socket) =>
      socket.on('data', (bytes) => {
        heard.push(bytes.toString().trim())
        socket.write('ok\npush\n')
        if (heard.length === 1) setTimeout(() => socket.write('push\n'), 40)
      }),
    )
    const { samples } = await play(
      [ask('a'), think(80), waitBidi, ask('c')],
      await serve((socket) => {
        let asked = 0
        socket.on('data', () => {
          socket.write('ok\n')
          if (asked++ > 0) return
          setTimeout(() => socket.write('push\n'), 30)
          setTimeout(() => socket.write('push\n'), 160)
        })
      }),
      pushing(answers),
    )
    assert.ok(samples['session']!.max >= 150, 'the push in think time ended nothing')
    await play([ask('a'), waitBidi, ask('b')], port, pushing(answers))
    assert.deepEqual(heard, ['a', 'b'])
  })

  it('answers a request with ack="bidi_ack", which counts as one without answer', async () => {
    const heard: string[] = []
    const port = await serve((socket) =>
      socket.on('data', (bytes) => {
        heard.push(bytes.toString().trim())
        if (heard.length === 1) setTimeout(() => socket.write('other\npush\n'), 60)
        else socket.write('ok\n')
      }),
    )
    const plugin = pushing((line, sink) => (line === 'other' ? 'more' : answers(line, sink)))
    const { counters, samples } = await play([ask('a', 'bidi_ack'), ask('b')], port, plugin)
    assert.deepEqual(heard, ['a', 'b'])
    assert.deepEqual(pick(counters, 'request_noack', 'tsts_acknowledged', 'tsts_issued'), {
      request_noack: 1,
      tsts_acknowledged: 1,
      tsts_issued: 2,
    })
    assert.ok(samples['session']!.max >= 55)
  })

  it('that does not come before the peer closes is told, and the user goes on', async () => {
    const port = await serve((socket, connection) =>
      socket.on('data', () => void (connection === 1 ? socket.end() : socket.write('ok\n'))),
    )
    const { counters } = await play([ask('a', 'bidi_ack'), ask('b')], port, pushing(answers))
    assert.deepEqual(pick(counters, 'error_closed_in_answer', 'tsts_acknowledged'), {
      error_closed_in_answer: 1,
      tsts_acknowledged: 1,
    })
  })

  it('that never comes ends with idle_timeout', async () => {
    const port = await serve((socket) => void socket.resume())
    const scenario = scenarioOf(
      [{ bidi: true, actions: [ask('a', 'bidi_ack'), ask('b')] }],
      { port },
      { idleTimeoutMs: 60 },
    )
    const { counters } = await playUsers(scenario, { plugins: { ts_line: pushing(answers) } })
    assert.deepEqual(pick(counters, 'error_timeout', 'tsts_issued'), {
      error_timeout: 1,
      tsts_issued: 1,
    })
  })

  it('may close the connection, of which the next request opens another', async () => {
    const connections: number[] = []
    const port = await serve((socket, connection) => {
      connections.push(connection)
      socket.on('data', () => {
        socket.write('ok\n')
        setTimeout(() => socket.write('bye\n'), 20)
      })
    })
    const plugin = pushing((line) => (line === 'bye' ? 'close' : 'done'))
    const { counters, gauges } = await play(
      [ask('a'), think(60), ask('b'), think(60)],
      port,
      plugin,
    )
    assert.deepEqual(connections, [1, 2])
    assert.equal(gauges.connected, 0)
    assert.equal(counters['error_closed'], undefined)
    const last = await play([ask('a'), think(60), ask('b')], port, plugin, { persistent: false })
    assert.deepEqual(pick(last.counters, 'error_closed', 'tsts_issued'), {
      error_closed: 1,
      tsts_issued: 1,
    })
  })

  it('goes through the decoder while the exchange is put aside, so that frames stay whole', async () => {
    const seen: string[] = []
    const port = await serve((socket) =>
      socket.on('data', (bytes) => {
        if (bytes.toString() === 'a\n') {
          socket.write('ok\n')
          setTimeout(() => socket.write('pu'), 20)
        } else socket.write('sh\nok\n')
      }),
    )
    const other = await serve((socket) => socket.on('data', () => socket.write('ok\n')))
    const change = (newType: string, to: number): Action => ({
      ...{ type: 'change_type', newType, host: '127.0.0.1', port: String(to), transport: 'tcp' },
      ...{ store: true, restore: true, bidi: true, line: 1 },
    })
    const plugin = pushing((line) => {
      seen.push(line)
      return line === 'push' ? 'more' : 'done'
    })
    const { counters } = await play(
      [
        ask('a'),
        change('ts_other', other),
        ask('x', 'parse', { plugin: 'ts_other' }),
        think(60),
        change('ts_line', port),
        ask('b'),
      ],
      port,
      plugin,
    )
    assert.deepEqual(seen, ['ok', 'ok', 'push', 'ok'])
    assert.equal(counters['tsts_acknowledged'], 3)
  })

  it('a request of no bytes only waits', async () => {
    const port = await serve((socket, connection) => {
      if (connection === 1) socket.write('hello\n')
      socket.on('data', () => assert.fail('nothing is sent'))
    })
    const plugin = pushing(() => 'done', {
      encode: (_request, _user, state) => {
        ;(state as { pending: boolean }).pending = true
        return ''
      },
    })
    const { counters } = await play([ask('a')], port, plugin)
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_sent', 'size_rcv'), {
      tsts_acknowledged: 1,
      size_sent: 0,
      size_rcv: 6,
    })
  })

  describe('the alarm of a plugin', () => {
    const withAlarm = (wake: NonNullable<AnyPlugin['wake']>, ms: number): AnyPlugin =>
      pushing(() => 'done', {
        encode: (request, user, state, view, sink) => {
          sink.wakeAfter(ms)
          return linePlugin.encode(request, user, state, view, sink)
        },
        wake,
      })

    it('goes off in think time, again and again, until the user ends', async () => {
      let pings = 0
      const port = await serve((socket) =>
        socket.on('data', (bytes) => {
          pings += bytes.toString().split('ping').length - 1
          if (bytes.toString() === 'a\n') socket.write('ok\n')
        }),
      )
      const plugin = withAlarm((_state, _user, sink) => {
        sink.reply('ping\n')
        sink.wakeAfter(20)
        return 'more'
      }, 20)
      const { counters } = await play([ask('a'), think(150)], port, plugin)
      assert.ok(pings >= 3, `${pings} pings`)
      // The last one may still be on its way.
      assert.ok(counters['size_sent']! >= 2 + 5 * pings)
      assert.equal(counters['async_data_sent'], undefined, 'no data came')
    })

    it('fails the request that is awaited; the connection stays', async () => {
      const heard: string[] = []
      const port = await serve((socket, connection) =>
        socket.on('data', (bytes) => {
          heard.push(`${connection} ${bytes.toString().trim()}`)
          if (heard.length > 1) socket.write('ok\n')
        }),
      )
      const plugin = withAlarm((state, _user, sink) => {
        ;(state as { pending: boolean }).pending = false
        return sink.fail('error_line_deadline', 'too late')
      }, 30)
      const { counters, examples } = await play([ask('a'), ask('b')], port, plugin)
      assert.deepEqual(heard, ['1 a', '1 b'])
      assert.deepEqual(examples, ['error_line_deadline: too late'])
      assert.deepEqual(pick(counters, 'tsts_failed', 'tsts_acknowledged', 'error_line_deadline'), {
        tsts_failed: 1,
        tsts_acknowledged: 1,
        error_line_deadline: 1,
      })
    })

    it('may find that the peer broke its protocol', async () => {
      const port = await serve((socket) => socket.on('data', () => socket.write('ok\n')))
      const plugin = withAlarm(() => {
        throw new ProtocolError('error_line_silent', 'no sign of life')
      }, 30)
      const { counters, gauges } = await play([ask('a'), think(80), think(20)], port, plugin)
      assert.equal(counters['error_line_silent'], 1)
      assert.equal(gauges.connected, 0)
    })

    it('is void once its connection is gone', async () => {
      let woken = 0
      const port = await serve((socket) => socket.on('data', () => socket.end('ok\n')))
      const plugin = withAlarm(() => {
        woken++
        return 'more'
      }, 40)
      await play([ask('a'), think(100)], port, plugin)
      assert.equal(woken, 0)
    })
  })
})
