/** Header compression: the examples of RFC 7541, and any headers there and back. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Http2Error } from '../../core/http2/frames.ts'
import { HpackDecoder } from '../../core/http2/hpack-decoder.ts'
import { field, HpackEncoder } from '../../core/http2/hpack-encoder.ts'
import { huffmanDecode, huffmanEncode } from '../../core/http2/huffman.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const decode = (decoder: HpackDecoder, bytes: Uint8Array): string[] =>
  decoder.decode(bytes, 0, bytes.length)
const encode = (encoder: HpackEncoder, headers: readonly string[]): Buffer => {
  const fields = []
  for (let at = 0; at < headers.length; at += 2) fields.push(field(headers[at]!, headers[at + 1]!))
  return Buffer.from(encoder.encode(fields), 'latin1')
}

const firstRequest = [
  ...[':method', 'GET', ':scheme', 'http', ':path', '/'],
  ...[':authority', 'www.example.com'],
]
const secondRequest = [...firstRequest, 'cache-control', 'no-cache']
const thirdRequest = [
  ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html'],
  ...[':authority', 'www.example.com', 'custom-key', 'custom-value'],
]
const date = 'Mon, 21 Oct 2013 20:13:21 GMT'
const location = ['location', 'https://www.example.com']
const cookie = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'

/** Appendix C: each block follows those before it. */
const examples: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] =
  [
    [
      'C.3, requests without Huffman codes',
      [
        ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', firstRequest],
        ['8286 84be 5808 6e6f 2d63 6163 6865', secondRequest],
        ['8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65', thirdRequest],
      ],
    ],
    [
      'C.4, requests with Huffman codes',
      [
        ['8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', firstRequest],
        ['8286 84be 5886 a8eb 1064 9cbf', secondRequest],
        ['8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf', thirdRequest],
      ],
    ],
    [
      'C.6, answers with Huffman codes and a table of 256 bytes',
      [
        [
          '3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
          [':status', '302', 'cache-control', 'private', 'date', date, ...location],
        ],
        [
          '4883 640e ffc1 c0bf',
          [':status', '307', 'cache-control', 'private', 'date', date, ...location],
        ],
        [
          '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
          [
            ...[':status', '200', 'cache-control', 'private', 'date', date.replace(':21 ', ':22 ')],
            ...[...location, 'content-encoding', 'gzip', 'set-cookie', cookie],
          ],
        ],
      ],
    ],
  ]

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const value = fc.oneof(
  fc.constantFrom('', 'gzip, deflate', '200', 'x'.repeat(5000)),
  fc.stringMatching(/^[ -~]{0,60}$/),
  fc.array(fc.nat(255), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
)
const known = fc.constantFrom(':path', 'cookie', 'authorization', 'accept', 'user-agent', 'date')
const list = fc
  .array(fc.tuple(fc.oneof(name, known), value), { maxLength: 12 })
  .map((headers) => headers.flat())

describe('header compression', () => {
  for (const [title, blocks] of examples) {
    it(`reads RFC 7541, ${title}`, () => {
      const decoder = new HpackDecoder()
      for (const [block, headers] of blocks) assert.deepEqual(decode(decoder, hex(block)), headers)
    })
  }

  it('writes RFC 7541, C.4, as it stands there', () => {
    const encoder = new HpackEncoder()
    for (const [block, headers] of examples[1]![1]) {
      assert.equal(encode(encoder, headers).toString('hex'), hex(block).toString('hex'))
    }
  })

  it('every byte has a Huffman code, and any string is what it was', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
    for (const text of ['', 'a', all + 'e'.repeat(2000), 'www.example.com']) {
      const coded = huffmanEncode(text)
      if (coded === null) continue
      const target = new Uint8Array(2 * coded.length + 8)
      const bytes = Buffer.from(coded, 'latin1')
      const length = huffmanDecode(bytes, 0, bytes.length, target)
      assert.equal(Buffer.from(target.subarray(0, length)).toString('latin1'), text)
    }
    assert.equal(huffmanEncode('www.example.com')!.length, 12)
    assert.equal(huffmanEncode(all), null)
  })

  it('any blocks of one connection are what they were, whatever becomes of the table', () => {
    const sizes = fc.constantFrom(null, 0, 40, 300, 4096, 65_536)
    fc.assert(
      fc.property(fc.array(fc.tuple(list, sizes, sizes), { maxLength: 20 }), (blocks) => {
        const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()]
        for (const [headers, ...resized] of blocks) {
          for (const bytes of resized) if (bytes !== null) encoder.setTableBytes(bytes)
          assert.deepEqual(decode(decoder, encode(encoder, headers)), headers)
        }
      }),
    )
  })

  it('headers that come in the same bytes, on one connection or another, mean the same', () => {
    const numbers = Array.from({ length: 2000 }, (_, number) => number % 700)
    const decoders = [new HpackDecoder(), new HpackDecoder()]
    for (const number of numbers) {
      const headers = ['etag', `"${number}"`, `x-${number % 300}`, 'y', 'age', 'z'.repeat(number)]
      for (const decoder of decoders) {
        assert.deepEqual(decode(decoder, encode(new HpackEncoder(), headers)), headers)
      }
    }
  })

  it('a name by its number in the table is the one that stands there now', () => {
    const decoder = new HpackDecoder()
    for (const [block, headers] of [
      ['400161 0131', ['a', '1']],
      ['7e 0132', ['a', '2']],
      ['400162 0133', ['b', '3']],
      ['7e 0132', ['b', '2']],
    ] as const) {
      assert.deepEqual(decode(decoder, hex(block)), headers)
    }
  })

  it('what is the same again is a byte a header; secrets and lengths are never kept', () => {
    const encoder = new HpackEncoder()
    const headers = [...firstRequest, 'user-agent', 'tsts', 'x-own', 'y'.repeat(80)]
    encode(encoder, headers)
    assert.equal(encode(encoder, headers).length, headers.length / 2)
    const secret = ['authorization', 'Basic dTpw', 'cookie', 'id=1', 'content-length', '17']
    assert.deepEqual(encode(encoder, secret), encode(encoder, secret))
    assert.equal(encode(encoder, secret)[0]! & 0xf0, 0x10)
  })

  for (const [what, block] of [
    ['a number beyond the tables', 'be'],
    ['the number 0', '80'],
    ['a number without an end', 'ffffffffffffffff7f'],
    ['a string that is cut off', '400a6375'],
    ['a value that is missing', '4001610582'],
    ['a Huffman code that is filled up with noughts', '400161 8100'],
    ['a Huffman code that is filled up with 8 ones', '400161 82f8ff'],
    ['the end of strings within one', '400161 84fffffffc'],
    ['a table that grows beyond what it may', '3fe2ff03'],
    ['a table that changes in the middle', '8220'],
    ['nothing behind a first byte', '40'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const isOurs = (error: unknown): boolean => error instanceof Http2Error && error.code === 9
      assert.throws(() => decode(new HpackDecoder(), hex(block)), isOurs)
    })
  }

  it('bounds what a small block may unfold to', () => {
    const decoder = new HpackDecoder()
    const large = encode(new HpackEncoder(), ['x', '~'.repeat(3900)])
    decode(decoder, large)
    const bomb = Buffer.alloc(200, 0xbe)
    assert.throws(() => decode(decoder, bomb), { code: 11 })
  })

  it('any bytes are headers or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(new HpackDecoder(), bytes)
        } catch (error) {
          assert.ok(error instanceof Http2Error, String(error))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
