import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Action, Options, Transport } from '../../core/scenario/model.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import { ask } from '../support/line-plugin.ts'
import { type Played, type PlayOptions, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

describe('udp', () => {
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close()
  })

  /** Answers each datagram with those that `answer` gives. */
  async function serve(
    answer: (text: string, port: number) => readonly string[],
    type: 'udp4' | 'udp6' = 'udp4',
  ): Promise<number> {
    const socket = createSocket(type)
    sockets.push(socket)
    socket.on('message', (bytes, { address, port }) => {
      const texts = answer(bytes.toString('latin1'), port)
      for (const text of texts) socket.send(Buffer.from(text, 'latin1'), port, address)
    })
    socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
    await once(socket, 'listening')
    return socket.address().port
  }

  function play(
    port: number,
    actions: readonly Action[],
    rest: {
      readonly transport?: Transport
      readonly options?: Partial<Options>
      readonly play?: PlayOptions
    } = {},
  ): Promise<Played> {
    const { transport = 'udp', options, play: playOptions } = rest
    const host = transport === 'udp6' ? '::1' : '127.0.0.1'
    const plain = scenarioOf([{ actions }], { host, port }, options)
    const servers = [{ host, port, transport, weight: 1 }]
    return playUsers({ ...plain, servers }, playOptions)
  }

  for (const transport of ['udp', 'udp6'] as const) {
    it(`${transport}: a request is a datagram, and so is an answer`, async () => {
      const got: string[] = []
      const type = transport === 'udp' ? 'udp4' : 'udp6'
      const port = await serve((text) => {
        got.push(text)
        return [`\xff${text}`]
      }, type)
      const { counters, taken } = await play(port, [ask('a'), ask('b\xe9', 'local')], { transport })
      assert.deepEqual(got, ['a\n', 'b\xe9\n'])
      assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_sent', 'size_rcv'), {
        tsts_acknowledged: 2,
        size_sent: 5,
        size_rcv: 7,
      })
      assert.deepEqual([taken['connect'], taken['tls']], [1, undefined])
    })
  }

  it('an answer may come in several datagrams', async () => {
    const port = await serve(() => ['o', 'k', '\n'])
    const { counters } = await play(port, [ask('a')])
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'size_rcv'), {
      tsts_acknowledged: 1,
      size_rcv: 3,
    })
  })

  it('nobody who listens is error_inet_econnrefused, and ends the user', async () => {
    const port = await serve(() => [])
    sockets.pop()!.close()
    const { counters } = await play(port, [ask('a'), ask('b')])
    assert.deepEqual(counters, {
      tsts_issued: 1,
      tsts_failed: 1,
      size_sent: 2,
      users_count: 1,
      finish_users_count: 1,
      error_inet_econnrefused: 1,
    })
  })

  it('a target that says nothing is error_timeout', async () => {
    const port = await serve(() => [])
    const { counters } = await play(port, [ask('a')], { options: { idleTimeoutMs: 50 } })
    assert.deepEqual(pick(counters, 'error_timeout', 'tsts_failed'), {
      error_timeout: 1,
      tsts_failed: 1,
    })
  })

  it('a request too long for a datagram is error_send_emsgsize, tried again max_retries times', async () => {
    const port = await serve(() => ['ok\n'])
    const options = { maxRetries: 2, retryTimeoutMs: 1 }
    const { counters } = await play(port, [ask('x'.repeat(70_000))], { options })
    assert.deepEqual(
      pick(counters, 'error_send_emsgsize', 'error_abort_max_send_retries', 'tsts_failed'),
      { error_send_emsgsize: 3, error_abort_max_send_retries: 1, tsts_failed: 1 },
    )
  })

  it('binds the source address and port', async () => {
    const ports: number[] = []
    const port = await serve((_text, from) => {
      ports.push(from)
      return ['ok\n']
    })
    const free = createSocket('udp4').bind(0, '127.0.0.9')
    await once(free, 'listening')
    const { port: min } = free.address()
    free.close()
    const sources = new SourceAddresses([{ type: 'ip', value: '127.0.0.9' }], { min, max: min }, 0)
    const { counters } = await play(port, [ask('a')], { play: { sources } })
    assert.equal(counters['tsts_acknowledged'], 1)
    assert.deepEqual(ports, [min])
  })

  it('no_ack goes on at once, and what comes later is only counted', async () => {
    const port = await serve(() => ['ok\n'])
    const think: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 80 }, line: 1 }
    const { counters } = await play(port, [ask('a', 'no_ack'), think])
    assert.deepEqual(pick(counters, 'request_noack', 'size_rcv', 'error_unknown_data'), {
      request_noack: 1,
      size_rcv: 3,
      error_unknown_data: 0,
    })
  })
})
