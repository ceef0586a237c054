/** Opening a WebSocket, against servers that say exactly what they are told. */
import assert from 'node:assert/strict'
import { pick } from '../support/play.ts'
import { text } from '../support/websocket-frames.ts'
import {
  ask,
  booksOf,
  close,
  connect,
  errorsOf,
  message,
  playSession,
} from '../support/websocket-play.ts'
import { acceptOf, agreeing, type Script, Targets } from '../support/websocket-target.ts'

const targets = new Targets()

/** Says back what it hears. */
const echoing: Script = {
  onFrame: ({ opcode, payload }, { socket }) => {
    if (opcode <= 2) socket.write(text(payload))
  },
}

describe('the opening handshake', () => {
  afterEach(() => targets.close())

  it('send the handshake of Tsung, with the port in Host', async () => {
    const target = await targets.scripted(echoing)
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
      const target = await targets.scripted({
        ...echoing,
        answer: (_, accept) => `${answer(accept)}\r\n`,
      })
      const played = await playSession(`${connect}${message('q')}`, target.port)
      assert.deepEqual(booksOf(played), [2, 2, 0, 0])
    })
  }

  it('take a handshake in pieces, with a message right behind it', async () => {
    const target = await targets.scripted({
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
      const target = await targets.scripted({ answer: (_, accept) => answer(accept) })
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
    const { port } = await targets.ws({ handleProtocols: () => 'b' })
    const played = await playSession(ask('connect', 'subprotocols="a, b"') + message('q'), port)
    assert.deepEqual(booksOf(played), [2, 2, 0, 0])
  })
})
