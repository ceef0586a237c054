/** Raw sessions against real sockets. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Ack, Action, RequestAction, Session } from '../../core/scenario/model.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import type { RawData } from '../../plugins/raw/data.ts'
import { raw } from '../../plugins/raw/plugin.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const plugins = { ts_raw: raw as AnyPlugin }

function send(data: RawData, ack: Ack, rest: Partial<RequestAction> = {}): RequestAction {
  return {
    type: 'request',
    plugin: 'ts_raw',
    ack,
    subst: 'true',
    tag: '',
    extractions: [],
    matches: [],
    data: data as never,
    label: 'raw',
    line: 1,
    ...rest,
  }
}

const text = (data: string, ack: Ack, rest: Partial<RequestAction> = {}): RequestAction =>
  send({ type: 'data', data }, ack, rest)

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})

interface Heard extends Played {
  /** All that came, over all connections. */
  readonly heard: string
}

/** @param answer to each read */
async function play(
  actions: readonly Action[],
  answer: (bytes: string, socket: Socket) => void,
  {
    session = {},
    users = 1,
  }: { readonly session?: Partial<Session>; readonly users?: number } = {},
): Promise<Heard> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      answer(bytes.toString('latin1'), socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const scenario = scenarioOf([{ type: 'ts_raw', actions, ...session }], { port })
    const variables = { n: '3', word: 'x' }
    return { ...(await playUsers(scenario, { plugins, users, variables })), heard }
  } finally {
    server.close()
  }
}

const echo = (bytes: string, socket: Socket): void => {
  socket.write(Buffer.from(bytes, 'latin1'))
}

describe('raw sessions', () => {
  it('local: the first bytes are the answer', async () => {
    const { counters, taken, heard } = await play(
      [text('ping', 'local'), send({ type: 'size', size: '%%_n%%' }, 'local')],
      echo,
    )
    assert.equal(heard, 'ping\0\0\0')
    assert.equal(taken['request'], 2)
    assert.deepEqual(pick(counters, 'size_sent', 'size_rcv'), { size_sent: 7, size_rcv: 7 })
  })

  it('no_ack: goes on at once, what comes later is counted and ignored', async () => {
    const { counters, heard } = await play(
      [text('one', 'no_ack'), text('two', 'no_ack'), think(60)],
      echo,
    )
    assert.equal(heard, 'onetwo')
    const names = ['request_noack', 'size_rcv', 'error_unknown_data']
    assert.deepEqual(pick(counters, ...names), {
      request_noack: 2,
      size_rcv: 6,
      error_unknown_data: 0,
    })
  })

  it('more bytes of the same answer are ignored while the user thinks', async () => {
    const twice = (bytes: string, socket: Socket): void => {
      socket.write(bytes)
      setTimeout(() => socket.write('more'), 10)
    }
    const { counters, taken } = await play([text('ping', 'local'), think(60)], twice)
    assert.equal(taken['request'], 1)
    assert.deepEqual(pick(counters, 'size_rcv', 'error_unknown_data'), {
      size_rcv: 8,
      error_unknown_data: 0,
    })
  })

  it('bidi: bytes that come unasked are counted', async () => {
    const { counters } = await play([text('ping', 'no_ack'), think(60)], echo, {
      session: { bidi: true },
    })
    assert.deepEqual(pick(counters, 'async_unknown_data_rcv', 'size_rcv'), {
      async_unknown_data_rcv: 1,
      size_rcv: 4,
    })
  })

  it('global: users wait for each other', async () => {
    const { taken, counters } = await play([text('ping', 'global')], () => undefined, { users: 3 })
    assert.equal(taken['request'], 3)
    assert.equal(counters['tsts_acknowledged'], 3)
  })

  it('a size that is none fails the request, and the user goes on', async () => {
    const { counters, heard } = await play(
      [send({ type: 'size', size: '%%_word%%' }, 'local'), text('ping', 'local')],
      echo,
    )
    assert.equal(heard, 'ping')
    const names = ['error_raw_datasize', 'tsts_issued', 'tsts_acknowledged', 'tsts_failed']
    assert.deepEqual(pick(counters, ...names), {
      error_raw_datasize: 1,
      tsts_issued: 2,
      tsts_acknowledged: 1,
      tsts_failed: 1,
    })
  })

  it('matches and extractions see the first bytes', async () => {
    const extractions = [
      {
        variable: 'id',
        extractor: { type: 're', pattern: 'id=(\\d+)', decodesHtml: false },
        line: 1,
      },
    ] as const
    const { heard } = await play(
      [text('id=7\xe9;', 'local', { extractions }), text('<%%_id%%>', 'local')],
      echo,
    )
    assert.equal(heard, 'id=7\xe9;<7>')
  })

  it('over udp a request is a datagram', async () => {
    const heard: string[] = []
    const socket = createSocket('udp4', (bytes, { address, port }) => {
      heard.push(bytes.toString('latin1'))
      socket.send(bytes, port, address)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    try {
      const { port } = socket.address()
      const actions = [text('ping\xff', 'local'), send({ type: 'size', size: '2' }, 'local')]
      const plain = scenarioOf([{ type: 'ts_raw', actions }], { port })
      const servers = [{ host: '127.0.0.1', port, transport: 'udp', weight: 1 }] as const
      const { taken } = await playUsers({ ...plain, servers }, { plugins })
      assert.deepEqual(heard, ['ping\xff', '\0\0'])
      assert.equal(taken['request'], 2)
    } finally {
      socket.close()
    }
  })
})
