/** Sessions against servers that are real, or that say exactly what they are told. */
import assert from 'node:assert/strict'
import { type Played, pick } from '../support/play.ts'
import { binary, closing, frame, ping, text } from '../support/websocket-frames.ts'
import { ask, close, connect, message, playSession, think } from '../support/websocket-play.ts'
import {
  acceptOf,
  agreeing,
  type Script,
  startScripted,
  startWs,
} from '../support/websocket-target.ts'

const opened: (() => Promise<void>)[] = []

async function scripted(script: Script): ReturnType<typeof startScripted> {
  const target = await startScripted(script)
  opened.push(target.close)
  return target
}

async function ws(...options: Parameters<typeof startWs>): ReturnType<typeof startWs> {
  const target = await startWs(...options)
  opened.push(target.close)
  return target
}

const books = ['tsts_issued', 'tsts_acknowledged', 'tsts_failed', 'request_noack'] as const

/** Issued, acknowledged, failed, not acknowledged. */
function booksOf({ counters }: Played): readonly number[] {
  return books.map((name) => counters[name] ?? 0)
}

function errorsOf({ counters }: Played): { readonly [name: string]: number } {
  return Object.fromEntries(Object.entries(counters).filter(([name]) => name.startsWith('error_')))
}

/** Answers a message with what it says, a word a frame: `a,b` is two messages. */
const byWords: Script = {
  onFrame: ({ opcode, payload }, { socket }) => {
    if (opcode === 8) socket.write(frame(0x88, payload))
    else if (opcode <= 2) for (const word of payload.split(',')) socket.write(text(word))
  },
}

describe('WebSocket sessions', () => {
  afterEach(async () => {
    for (const end of opened.splice(0)) await end()
  })

  it('connect, say and hear, and close, against ws', async () => {
    const { port, server } = await ws()
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

  it('send the handshake of Tsung, with the port in Host', async () => {
    const target = await scripted(byWords)
    await playSession(
      '<request subst="true"><websocket type="connect" path="/chat?u=%%_tsung_userid%%" subprotocols="a, b"><http_header name="X-A" value="%%_tsung_userid%%"/><http_header name="X-B" value="2"/></websocket></request>',
      target.port,
    )
    const [head] = target.heads
    assert.equal(
      head!.replace(/(Key: )[A-Za-z0-9+/]{22}==/, '$1KEY'),
      `GET /chat?u=1 HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: 127.0.0.1\r\nSec-WebSocket-Key: KEY\r\nSec-WebSocket-Version: 13\r\nX-A: 1\r\nX-B: 2\r\nSec-WebSocket-Protocol: a, b\r\n\r\n`,
    )
  })

  it('keep the line ends of a text, and write it in UTF-8 into text frames', async () => {
    const target = await scripted(byWords)
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
    const target = await scripted({
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
    const target = await scripted({
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

  for (const [what, answer] of [
    [
      'a list of connection tokens',
      (accept: string) => agreeing(accept).replace(': Upgrade', ': keep-alive, Upgrade'),
    ],
    [
      'names in any case',
      (accept: string) =>
        agreeing(accept)
          .toLowerCase()
          .replace(accept.toLowerCase(), accept)
          .replace('http/1.1', 'HTTP/1.1'),
    ],
    ['no blank behind colons', (accept: string) => agreeing(accept).replaceAll(': ', ':')],
    [
      'an interim answer before',
      (accept: string) => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${agreeing(accept)}`,
    ],
  ] as const) {
    it(`take a handshake with ${what}`, async () => {
      const target = await scripted({ ...byWords, answer: (_, accept) => `${answer(accept)}\r\n` })
      const played = await playSession(`${connect}${message('q')}`, target.port)
      assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    })
  }

  it('take a handshake in pieces, with a message right behind it', async () => {
    const target = await scripted({
      answer: (_head, accept) => `${agreeing(accept).slice(0, 40)}`,
      onOpen: ({ socket, head }) => {
        const accept = agreeing(acceptOf(head))
        setTimeout(
          () =>
            socket.write(Buffer.concat([Buffer.from(`${accept.slice(40)}\r\n`), text('welcome')])),
          30,
        )
      },
    })
    const played = await playSession(
      `${connect}${ask('receive', '', '', '<match do="log" when="match">^welcome$</match>')}`,
      target.port,
    )
    assert.deepEqual(errorsOf(played), {})
    assert.deepEqual(pick(played.counters, 'match', 'websocket_messages'), {
      match: 1,
      websocket_messages: 1,
    })
  })

  for (const [what, answer, says] of [
    [
      'another status',
      () => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
      'HTTP/1.1 403 Forbidden',
    ],
    ['a wrong key', () => `${agreeing('AAAA')}\r\n`, 'a wrong Sec-WebSocket-Accept'],
    [
      'no upgrade',
      (accept: string) => `${agreeing(accept).replace('Upgrade: websocket\r\n', '')}\r\n`,
      'no Upgrade: websocket',
    ],
    [
      'a subprotocol nobody asked for',
      (accept: string) => `${agreeing(accept)}Sec-WebSocket-Protocol: x\r\n\r\n`,
      'the subprotocol x, which was not asked for',
    ],
    [
      'an extension nobody asked for',
      (accept: string) => `${agreeing(accept)}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
      'the extension permessage-deflate, which was not asked for',
    ],
    ['what is no HTTP', () => 'SSH-2.0-x\r\n', 'no HTTP: SSH-2.0-x'],
    [
      'an endless head',
      () => `HTTP/1.1 101 X\r\n${'X: y\r\n'.repeat(20_000)}`,
      'a head of more than 65536 bytes',
    ],
  ] as const) {
    it(`are refused by ${what}, and go on`, async () => {
      const target = await scripted({ answer: (_, accept) => answer(accept) })
      const played = await playSession(`${connect}${message('q')}${close}`, target.port)
      assert.deepEqual(errorsOf(played), {
        error_websocket_handshake: 1,
        error_websocket_not_connected: 2,
      })
      assert.equal(played.counters['websocket_fail'], 1)
      assert.equal(played.examples[0], `error_websocket_handshake: ${says}`)
      assert.deepEqual(booksOf(played), [3, 0, 3, 0])
      assert.deepEqual(target.frames, [])
    })
  }

  it('take the subprotocol that the server chooses', async () => {
    const { port } = await ws({ handleProtocols: () => 'b' })
    const played = await playSession(ask('connect', 'subprotocols="a, b"') + message('q'), port)
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
  })

  it('notice a close in think time, and open the WebSocket again for the next message', async () => {
    const target = await scripted({
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
    const target = await scripted({
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
    const target = await scripted({
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
    const target = await scripted({
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
    const target = await scripted({
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
    const { port } = await ws()
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
    const { port } = await ws()
    const big = 'x'.repeat(300_000)
    const played = await playSession(
      `${connect}${message(big, '', `<match do="log" when="match">^x+$</match>`)}${message(big, 'fragment="1000"')}`,
      port,
    )
    assert.deepEqual(booksOf(played), [3, 3, 0, 0])
    assert.equal(played.counters['match'], 1)
  })

  it('a push wakes those who wait for one, and no others', async () => {
    const target = await scripted({
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
    const target = await scripted({
      onOpen: ({ socket }) => void setTimeout(() => socket.write(text('push')), 20),
    })
    const played = await playSession(`${connect}${think(100)}${message('q')}`, target.port, {
      attributes: 'bidi="false"',
    })
    assert.deepEqual(errorsOf(played), { error_unknown_data: 1 })
  })
})
