/** What RFC 6455 and RFC 7692 ask of a client that reads, case by case, each cut in every way that matters. */
import assert from 'node:assert/strict'
import { constants, deflateRawSync } from 'node:zlib'
import { eachPart } from '../support/cuts.ts'
import { Driver } from '../support/websocket-driver.ts'
import { binary, closing, frame, ping, pong, text } from '../support/websocket-frames.ts'

type Bytes = Buffer | readonly Buffer[]
/** Title, what the server sends, what comes of it (see `outcomeOf`). */
type Case = readonly [title: string, bytes: Bytes, outcome: string]

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const long = 'BAsd7&jh23'.repeat(6500)
const utf8 = 'Hello-µ@ßöäüàá-UTF-8!!'
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

/**
 * `messages: …` with those that came, then what was sent (`pong x`, `close 1002`), then the counter of what was broken,
 * or `closed`.
 */
function outcomeOf(bytes: Buffer, cuts: readonly number[], connect = {}, extensions = ''): string {
  const driver = new Driver(connect, extensions)
  driver.ask({ type: 'receive', expected: { count: 1000, filter: '', deadlineMs: 0 } })
  let end = ''
  try {
    eachPart(bytes, cuts, (part) => {
      const progress = driver.decode(part)
      if (progress !== 'more') end = progress
    })
  } catch (error) {
    end = (error as { readonly code: string }).code.replace('error_websocket_', '')
  }
  const count = driver.counted.filter((name) => name === 'websocket_messages').length
  const messages = count === 0 ? [] : driver.content.split('\n').slice(0, count)
  const sent = driver.sent.map(({ opcode, payload, isMasked, isFinal }) => {
    assert.ok(isMasked && isFinal)
    if (opcode === 10) return `pong ${payload}`.trim()
    assert.equal(opcode, 8)
    const code = payload === '' ? '' : ` ${payload.charCodeAt(0) * 256 + payload.charCodeAt(1)}`
    return `close${code}`
  })
  const told = messages.length === 0 ? [] : [`messages: ${messages.join('|')}`]
  return [...told, ...sent, end].filter((part) => part !== '').join(', ')
}

function cutsOf(length: number): readonly (readonly number[])[] {
  const everywhere = Array.from({ length: Math.min(length, 400) }, (_, at) => at)
  const one = length <= 200 ? everywhere.map((at) => [at]) : [[1], [2], [3], [9], [length - 1]]
  return [[], everywhere, ...one]
}

function check(cases: readonly Case[], connect = {}, extensions = ''): void {
  for (const [title, given, outcome] of cases) {
    it(title, () => {
      const bytes = Buffer.concat([given].flat() as Buffer[])
      for (const cuts of cutsOf(bytes.length)) {
        assert.equal(outcomeOf(bytes, cuts, connect, extensions), outcome, `cut at ${cuts}`)
      }
    })
  }
}

describe('1: framing', () => {
  check(
    [0, 1, 125, 126, 127, 128, 65_535, 65_536].flatMap((length) => {
      const payload = '*'.repeat(length)
      return [
        [`1.1: a text of ${length} bytes`, text(payload), `messages: ${payload}`] as Case,
        [`1.2: ${length} bytes`, binary(payload), `messages: ${payload}`] as Case,
      ]
    }),
  )
  check([
    ['a length of 16 bits where 7 would do', hex('82 7e 00 02 61 62'), 'messages: ab'],
    [
      'a length of 64 bits where 7 would do',
      hex('82 7f 00 00 00 00 00 00 00 02 61 62'),
      'messages: ab',
    ],
    ['a masked frame', hex('82 81 01 02 03 04 60'), 'close 1002, protocol'],
  ])
})

describe('2: pings and pongs', () => {
  check([
    ['2.1: a ping of nothing', ping(), 'pong'],
    ['2.2: a ping of text', ping('Hello, world!'), 'pong Hello, world!'],
    [
      '2.3: a ping of bytes that are no text',
      ping('\u0000\u00ff\u00fe'),
      'pong \u0000\u00ff\u00fe',
    ],
    ['2.4: a ping of 125 bytes', ping('\u00fe'.repeat(125)), `pong ${'\u00fe'.repeat(125)}`],
    ['2.5: a ping of 126 bytes', ping('*'.repeat(126)), 'close 1002, protocol'],
    ['2.7: a pong that nobody asked for', pong(), ''],
    ['2.8: a pong with a payload', pong('x'), ''],
    ['2.9: a pong, then a ping', [pong('x'), ping('y')], 'pong y'],
    [
      '2.10: ten pings',
      Array.from({ length: 10 }, (_, at) => ping(`${at}`)),
      Array.from({ length: 10 }, (_, at) => `pong ${at}`).join(', '),
    ],
  ])
})

describe('3: reserved bits', () => {
  check([
    ['3.1: the third', frame(0x91, 'a'), 'close 1002, protocol'],
    [
      '3.2: behind a message',
      [text('a'), frame(0xa1, 'b'), ping()],
      'messages: a, close 1002, protocol',
    ],
    [
      '3.3: the second and third',
      [text('a'), frame(0xb1, 'b')],
      'messages: a, close 1002, protocol',
    ],
    [
      '3.4: the first, without compression',
      [text('a'), frame(0xc1, 'b')],
      'messages: a, close 1002, protocol',
    ],
    ['3.5: the first and third', frame(0xd2, 'b'), 'close 1002, protocol'],
    ['3.6: in a ping', frame(0xe9, 'b'), 'close 1002, protocol'],
    ['3.7: in a close', frame(0xf8), 'close 1002, protocol'],
  ])
})

describe('4: opcodes that are none', () => {
  check(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode): Case => [
        `4: ${opcode}`,
        [text('a'), frame(0x80 | opcode, 'x'), ping()],
        'messages: a, close 1002, protocol',
      ],
    ),
  )
})

describe('5: fragments', () => {
  check([
    ['5.1: a ping in fragments', [frame(0x09, 'a'), frame(0x80, 'b')], 'close 1002, protocol'],
    ['5.2: a pong in fragments', [frame(0x0a, 'a'), frame(0x80, 'b')], 'close 1002, protocol'],
    ['5.3: a text in two', [frame(0x01, 'one'), frame(0x80, 'two')], 'messages: onetwo'],
    [
      '5.6: with a ping between',
      [frame(0x01, 'one'), ping('p'), frame(0x80, 'two')],
      'messages: onetwo, pong p',
    ],
    ['5.9: a continuation of nothing', [frame(0x80, 'x'), text('a')], 'close 1002, protocol'],
    [
      '5.11: an unfinished continuation of nothing',
      [frame(0x00, 'x'), text('a')],
      'close 1002, protocol',
    ],
    [
      '5.12: a continuation behind a message',
      [text('a'), frame(0x80, 'x')],
      'messages: a, close 1002, protocol',
    ],
    [
      '5.15: two messages in fragments, then a continuation',
      [frame(0x01, 'a'), frame(0x80, 'b'), frame(0x00, 'c'), text('d')],
      'messages: ab, close 1002, protocol',
    ],
    ['5.18: a text within a text', [frame(0x01, 'a'), text('b')], 'close 1002, protocol'],
    ['bytes within a text', [frame(0x01, 'a'), binary('b')], 'close 1002, protocol'],
    [
      '5.19: five parts, two pings',
      [
        frame(0x01, '1'),
        frame(0x00, '2'),
        ping('p'),
        frame(0x00, '3'),
        frame(0x00, '4'),
        ping('q'),
        frame(0x80, '5'),
      ],
      'messages: 12345, pong p, pong q',
    ],
    ['empty parts', [frame(0x01), frame(0x00), frame(0x80)], 'messages: '],
    ['an empty part at the end', [frame(0x02, 'a'), frame(0x80)], 'messages: a'],
    ['a close within a message', [frame(0x01, 'a'), closing(1000)], 'close 1000, closed'],
    [
      'messages of both kinds',
      [text('a'), binary('b'), frame(0x02, 'c'), frame(0x80, 'd')],
      'messages: a|b|cd',
    ],
  ])
})

describe('6: UTF-8', () => {
  const euro = hex('e2 82 ac')
  check([
    ['6.1: nothing in three parts', [frame(0x01), frame(0x00), frame(0x80)], 'messages: '],
    ['6.2: a text with many characters', text(utf8), `messages: ${bytesOf(utf8)}`],
    [
      '6.2: each byte in a part of its own',
      [frame(0x01, hex('ce')), frame(0x00, hex('ba')), frame(0x80, hex('e1 bd b9'))],
      `messages: ${bytesOf('\u03ba\u1f79')}`,
    ],
    [
      '6.3: what is no UTF-8',
      frame(0x81, hex('ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64')),
      'close 1007, utf8',
    ],
    ['6.4: found before the end', [frame(0x01, hex('ce ba f4 90 80 80'))], 'close 1007, utf8'],
    ['6.4: in a later part', [frame(0x01, 'ab'), frame(0x00, hex('ff'))], 'close 1007, utf8'],
    ['6.6: half a character', frame(0x81, euro.subarray(0, 2)), 'close 1007, utf8'],
    [
      '6.7: the first of two, three and four bytes',
      [frame(0x81, hex('c2 80')), frame(0x81, hex('e0 a0 80')), frame(0x81, hex('f0 90 80 80'))],
      `messages: ${bytesOf('\u0080')}|${bytesOf('\u0800')}|${bytesOf('\u{10000}')}`,
    ],
    [
      '6.9: the last of each',
      [
        frame(0x81, hex('7f')),
        frame(0x81, hex('df bf')),
        frame(0x81, hex('ef bf bf')),
        frame(0x81, hex('f4 8f bf bf')),
      ],
      `messages: \u007f|${bytesOf('\u07ff')}|${bytesOf('\uffff')}|${bytesOf('\u{10ffff}')}`,
    ],
    ['6.11: beyond the last', frame(0x81, hex('f4 90 80 80')), 'close 1007, utf8'],
    ['6.12: a continuation byte alone', frame(0x81, hex('80')), 'close 1007, utf8'],
    ['6.14: four bytes that lack one', frame(0x81, hex('f0 90 80 20')), 'close 1007, utf8'],
    ['6.16: bytes that never are', frame(0x81, hex('fe')), 'close 1007, utf8'],
    ['6.17: over-long, two bytes', frame(0x81, hex('c0 af')), 'close 1007, utf8'],
    ['6.17: over-long, three bytes', frame(0x81, hex('e0 80 af')), 'close 1007, utf8'],
    ['6.17: over-long, four bytes', frame(0x81, hex('f0 80 80 af')), 'close 1007, utf8'],
    ['6.19: over-long zero', frame(0x81, hex('c0 80')), 'close 1007, utf8'],
    ['6.20: a surrogate', frame(0x81, hex('ed a0 80')), 'close 1007, utf8'],
    ['6.21: a pair of surrogates', frame(0x81, hex('ed af bf ed bf bf')), 'close 1007, utf8'],
    [
      '6.22: characters that are none',
      text('\ufffe\uffff\ufdd0'),
      `messages: ${bytesOf('\ufffe\uffff\ufdd0')}`,
    ],
    ['bytes need not be UTF-8', frame(0x82, hex('ff c0 80')), 'messages: \u00ff\u00c0\u0080'],
  ])
})

describe('7: closing', () => {
  check([
    ['7.1: a close', closing(1000), 'close 1000, closed'],
    [
      '7.1: a message behind it',
      [text('a'), closing(1000), text('b')],
      'messages: a, close 1000, closed',
    ],
    ['7.1: a ping behind it', [closing(1000), ping()], 'close 1000, closed'],
    ['7.1: another close behind it', [closing(1000), closing(1001)], 'close 1000, closed'],
    ['7.3: no code', frame(0x88), 'close, closed'],
    ['7.3: half a code', frame(0x88, '\u0003'), 'close 1002, protocol'],
    ['7.3: a reason', closing(1000, 'bye'), 'close 1000, closed'],
    ['7.3: a reason of 123 bytes', closing(1000, '*'.repeat(123)), 'close 1000, closed'],
    ['7.3: a reason of 124 bytes', closing(1000, '*'.repeat(124)), 'close 1002, protocol'],
    [
      '7.5: a reason that is not UTF-8',
      frame(0x88, hex('03 e8 ce ba ed a0 80')),
      'close 1007, utf8',
    ],
    ...[
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
      4999,
    ].map((code): Case => [`7.7: the code ${code}`, closing(code), `close ${code}, closed`]),
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
      (code): Case => [`7.9, 7.13: the code ${code}`, closing(code), 'close 1002, protocol'],
    ),
  ])
})

describe('9: large messages', () => {
  check([
    ['9.1: a text', text(long), `messages: ${long}`],
    [
      '9.3: in parts',
      [frame(0x01, long), frame(0x00, long), frame(0x80, long)],
      `messages: ${long}${long}${long}`,
    ],
    ['more than is taken', hex('82 7f 00 00 00 00 04 00 00 01'), 'close 1009, too_long'],
    ['more than there can be', hex('82 7f ff ff ff ff ff ff ff ff'), 'close 1009, too_long'],
  ])
})

const agreed = 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n'
const packed = (payload: Buffer | string): Buffer =>
  deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

describe('12: compression', () => {
  const cases: readonly Case[] = [
    ['7.2.3.1: one block', frame(0xc1, hex('f2 48 cd c9 c9 07 00')), 'messages: Hello'],
    [
      '7.2.3.1: in two parts',
      [frame(0x41, hex('f2 48 cd')), frame(0x80, hex('c9 c9 07 00'))],
      'messages: Hello',
    ],
    [
      '7.2.3.3: a block without compression',
      frame(0xc1, hex('00 05 00 fa ff 48 65 6c 6c 6f 00')),
      'messages: Hello',
    ],
    ['7.2.3.4: a last block', frame(0xc1, hex('f3 48 cd c9 c9 07 00 00')), 'messages: Hello'],
    [
      '7.2.3.5: two blocks',
      frame(0xc1, hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00')),
      'messages: Hello',
    ],
    ['7.2.3.6: nothing', frame(0xc1, hex('00')), 'messages: '],
    ['a message that is not compressed', text('plain'), 'messages: plain'],
    [
      'a ping between parts',
      [frame(0x41, hex('f2 48 cd')), ping('p'), frame(0x80, hex('c9 c9 07 00'))],
      'messages: Hello, pong p',
    ],
    ['12.1: a long text', frame(0xc1, packed(long)), `messages: ${long}`],
    [
      '12.2: bytes',
      frame(0xc2, packed(Buffer.from([0, 255, 10]).subarray(0, 2))),
      'messages: \u0000\u00ff',
    ],
    ['what cannot be read', frame(0xc1, hex('ff ff ff')), 'close 1007, deflate'],
    ['what is no UTF-8', frame(0xc1, packed(hex('ff'))), 'close 1007, utf8'],
    [
      'the bit in a continuation',
      [frame(0x41, hex('f2')), frame(0xc0, hex('48'))],
      'close 1002, protocol',
    ],
    ['the bit in a ping', frame(0xc9), 'close 1002, protocol'],
    ['another bit', frame(0xa1, 'x'), 'close 1002, protocol'],
  ]
  check(cases, { compression: 'message' }, agreed)

  const context = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'
  check(
    [
      [
        '7.2.3.2: the second refers to the first',
        [frame(0xc1, hex('f2 48 cd c9 c9 07 00')), frame(0xc1, hex('f2 00 11 00 00'))],
        'messages: Hello|Hello',
      ],
    ],
    { compression: 'stream' },
    context,
  )
  check(
    [
      [
        'a context that was not to be kept',
        [frame(0xc1, hex('f2 48 cd c9 c9 07 00')), frame(0xc1, hex('f2 00 11 00 00'))],
        'messages: Hello, close 1007, deflate',
      ],
    ],
    { compression: 'message' },
    agreed,
  )
})

describe('13: agreeing on compression', () => {
  for (const [extension, isTaken] of [
    ['permessage-deflate', true],
    ['permessage-deflate; server_no_context_takeover', true],
    ['permessage-deflate; client_no_context_takeover; server_max_window_bits=9', true],
    ['permessage-deflate;server_max_window_bits="15"', true],
    ['permessage-deflate; server_max_window_bits=7', false],
    ['permessage-deflate; server_max_window_bits', false],
    ['permessage-deflate; client_max_window_bits=10', false],
    ['permessage-deflate; server_no_context_takeover=1', false],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', false],
    ['permessage-deflate; unknown', false],
    ['permessage-deflate, permessage-deflate', false],
    ['x-webkit-deflate-frame', false],
  ] as const) {
    it(`${isTaken ? 'takes' : 'refuses'} ${extension}`, () => {
      const open = (): Driver =>
        new Driver({ compression: 'message' }, `Sec-WebSocket-Extensions: ${extension}\r\n`)
      if (isTaken) open()
      else assert.throws(open, { code: 'error_websocket_handshake' })
    })
  }
})
