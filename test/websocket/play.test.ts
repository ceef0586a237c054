/** Sessions against servers that are real, or that say exactly what they are told. */
import assert from 'node:assert/strict'
import { pick } from '../support/play.ts'
import { binary, closing, frame, ping, text } from '../support/websocket-frames.ts'
import {
  ask,
  booksOf,
  close,
  connect,
  errorsOf,
  message,
  playSession,
  think,
} from '../support/websocket-play.ts'
import { agreeing, type Script, Targets } from '../support/websocket-target.ts'

const targets = new Targets()

/** Answers a message with what it says, a word a frame: `a,b` is two messages. */
const byWords: Script = {
  onFrame: ({ opcode, payload }, { socket }) => {
    if (opcode === 8) socket.write(frame(0x88, payload))
    else if (opcode <= 2) for (const word of payload.split(',')) socket.write(text(word))
  },
}

describe('WebSocket sessions', () => {
  afterEach(() => targets.close())

  it('connect, say and hear, and close, against ws', async () => {
    const { port, server } = await targets.ws()
    const closed = new Promise<[number, string]>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('close', (code, reason) => resolve([code, reason.toString()]))
      })
    })
    const check =
      '<match do="log" when="match">user</match><dyn_variable name="uid" jsonpath="uid"/>'
    const played = await playSession(
      connect +
        message('{"user":1, "uid":"a7"}', '', check) +
        message('{"uid":"%%_uid%%"}', 'frame="text"', '<match do="log" when="match">a7</match>') +
        message('%%_uid%%', 'ack="no_ack"') +
        close,
      port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(booksOf(played), [5, 4, 0, 1])
    assert.deepEqual(pick(played.counters, 'websocket_succ', 'websocket_close_1000', 'match'), {
      websocket_succ: 1,
      websocket_close_1000: 1,
      match: 2,
    })
    assert.deepEqual(await closed, [1000, 'close'])
    assert.equal(played.gauges.connected, 0)
  })

  it('keep the line ends of a text, and write it in UTF-8 into text frames', async () => {
    const target = await targets.scripted(byWords)
    await playSession(
      `${connect}${message('  \n  caf\u00e9 \n ')}${message('caf\u00e9', 'frame="text"')}${message('\u20ac', 'frame="text"')}`,
      target.port,
    )
    assert.deepEqual(
      target.frames.map(({ opcode, payload }) => [opcode, payload]),
      [
        [2, '\n  caf\u00e9 \n'],
        [1, 'caf\u00c3\u00a9'],
        [1, '\u00e2\u0082\u00ac'],
      ],
    )
  })

  it('answer pings while they wait and while they think, and a ping answers nothing', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode, payload }, { socket }) => {
        if (opcode !== 2) return
        socket.write(ping(`before ${payload}`))
        setTimeout(() => socket.write(text('answer')), 30)
        setTimeout(() => socket.write(ping('later')), 60)
      },
    })
    const played = await playSession(
      `${connect}${message('q', '', '<match do="log" when="match">^answer$</match>')}${think(120)}`,
      target.port,
    )
    assert.deepEqual(
      target.frames.map(({ opcode, payload, isMasked }) => [opcode, payload, isMasked]),
      [
        [2, 'q', true],
        [10, 'before q', true],
        [10, 'later', true],
      ],
    )
    assert.deepEqual(pick(played.counters, 'match', 'async_data_sent'), {
      match: 1,
      async_data_sent: 1,
    })
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
  })

  it('join fragments, with pings between them', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode }, { socket }) => {
        if (opcode !== 2) return
        for (const [at, part] of [
          frame(0x01, 'one '),
          ping(),
          frame(0x00, 'two '),
          frame(0x80, 'three'),
        ].entries()) {
          setTimeout(() => socket.write(part), 10 * at)
        }
      },
    })
    const { counters } = await playSession(
      `${connect}${message('q', '', '<match do="log" when="match">^one two three$</match>')}`,
      target.port,
    )
    assert.deepEqual(pick(counters, 'match', 'websocket_messages'), {
      match: 1,
      websocket_messages: 1,
    })
  })

  it('notice a close in think time, and open the WebSocket again for the next message', async () => {
    const target = await targets.scripted({
      ...byWords,
      onOpen: ({ socket, number }) => {
        if (number === 1) setTimeout(() => socket.write(closing(1001, 'going')), 20)
      },
    })
    const played = await playSession(
      `${ask('connect', 'path="/a"')}${think(80)}${message('q')}${message('r')}`,
      target.port,
    )
    assert.deepEqual(booksOf(played), [3, 3, 0, 0])
    assert.deepEqual(
      target.frames.map(({ opcode, payload }) => [opcode, payload]),
      [
        [8, '\u0003\u00e9'],
        [2, 'q'],
        [2, 'r'],
      ],
    )
    assert.deepEqual(
      target.heads.map((head) => head.split(' ')[1]),
      ['/a', '/a'],
    )
    assert.deepEqual(pick(played.counters, 'websocket_succ', 'websocket_close_1001'), {
      websocket_succ: 2,
      websocket_close_1001: 1,
    })
  })

  it('open it again after a connection that was cut, and fail where that is refused', async () => {
    const target = await targets.scripted({
      answer: (_head, accept, number) =>
        number === 3 ? 'HTTP/1.1 503 Busy\r\n\r\n' : `${agreeing(accept)}\r\n`,
      onOpen: ({ socket, number }) => {
        if (number < 3) setTimeout(() => socket.destroy(), 20)
      },
      onFrame: ({ payload }, { socket }) => void socket.write(text(payload)),
    })
    const played = await playSession(
      `${connect}${think(60)}${message('a')}${think(60)}${message('b')}${message('c')}`,
      target.port,
    )
    assert.deepEqual(booksOf(played), [4, 3, 1, 0])
    assert.deepEqual(errorsOf(played), { error_websocket_handshake: 1 })
    assert.deepEqual(
      target.frames.map(({ payload }) => payload),
      ['a', 'c'],
    )
  })

  it('send what wants no answer once the WebSocket is open again', async () => {
    const target = await targets.scripted({
      ...byWords,
      onOpen: ({ socket, number }) => {
        if (number === 1) setTimeout(() => socket.destroy(), 20)
      },
    })
    const played = await playSession(
      `${connect}${think(60)}${message('a', 'ack="no_ack"')}${message('b', 'expect="2"')}${close}`,
      target.port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(
      target.frames.map(({ opcode, payload }) => [opcode, payload.slice(2)]),
      [
        [2, ''],
        [2, ''],
        [8, 'close'],
      ],
    )
    assert.deepEqual(booksOf(played), [4, 3, 0, 1])
  })

  it('a close frame in place of an answer fails the request, with its reason', async () => {
    const target = await targets.scripted({
      onFrame: ({ opcode }, { socket, number }) => {
        if (opcode === 2) socket.write(number === 1 ? closing(1011, 'too bad') : text('ok'))
      },
    })
    const played = await playSession(`${connect}${message('q')}${message('r')}`, target.port)
    assert.deepEqual(errorsOf(played), { error_websocket_closed: 1 })
    assert.deepEqual(played.examples, ['error_websocket_closed: 1011 too bad'])
    assert.deepEqual(booksOf(played), [3, 2, 1, 0])
    assert.deepEqual(
      target.frames.map(({ opcode }) => opcode),
      [2, 8, 2],
    )
  })

  it('close with a code and a reason, and a server that just cuts has closed too', async () => {
    const target = await targets.scripted({
      onFrame: (_frame, { socket, number }) => {
        if (number === 1) socket.end()
        else socket.write(closing(4000))
      },
    })
    const bye = ask('close', 'code="4001" reason="user %%_tsung_userid%%"')
    const played = await playSession(`${connect}${bye}${connect}${bye}`, target.port)
    assert.deepEqual(booksOf(played), [4, 4, 0, 0])
    assert.equal(target.frames[0]!.payload, '\u000f\u00a1user 1')
    assert.equal(played.counters['websocket_close_4000'], 1)
  })

  it('a connect while connected, and what needs a WebSocket without one, are told', async () => {
    const { port } = await targets.ws()
    const played = await playSession(
      message('before') + connect + connect + message('q') + close + message('after') + close,
      port,
    )
    assert.deepEqual(errorsOf(played), {
      error_websocket_not_connected: 3,
      error_websocket_connected: 1,
    })
    assert.deepEqual(booksOf(played), [7, 3, 4, 0])
  })

  it('large messages go both ways', async () => {
    const { port } = await targets.ws()
    const big = 'x'.repeat(300_000)
    const played = await playSession(
      `${connect}${message(big, '', `<match do="log" when="match">^x+$</match>`)}${message(big, 'fragment="1000"')}`,
      port,
    )
    assert.deepEqual(booksOf(played), [3, 3, 0, 0])
    assert.equal(played.counters['match'], 1)
  })

  it('a push wakes those who wait for one, and no others', async () => {
    const target = await targets.scripted({
      onOpen: ({ socket }) => {
        setTimeout(() => socket.write(ping()), 10)
        setTimeout(() => socket.write(binary('push')), 60)
        setTimeout(() => socket.write(binary('push')), 200)
      },
    })
    const { samples } = await playSession(
      `${connect}<thinktime value="wait_bidi"/>${think(20)}<thinktime value="wait_bidi"/>`,
      target.port,
    )
    assert.ok(samples['session']!.max >= 195)
  })

  it('bidi="false" ends users to whom a push comes, as Tsung does', async () => {
    const target = await targets.scripted({
      onOpen: ({ socket }) => void setTimeout(() => socket.write(text('push')), 20),
    })
    const played = await playSession(`${connect}${think(100)}${message('q')}`, target.port, {
      attributes: 'bidi="false"',
    })
    assert.deepEqual(errorsOf(played), { error_unknown_data: 1 })
  })
})
