/** What a server must not send: errors by name, bounded memory, and users that go on. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { stream } from '../../core/random.ts'
import { damaged, noise } from '../../plugins/conformance-bytes.ts'
import { websocketDeclaration } from '../../plugins/websocket/declaration.ts'
import { eachPart } from '../support/cuts.ts'
import { Driver } from '../support/websocket-driver.ts'
import { closing, frame, ping, text } from '../support/websocket-frames.ts'
import { connect, message, playSession, think } from '../support/websocket-play.ts'
import { startScripted } from '../support/websocket-target.ts'

const names = websocketDeclaration.counters.map(({ name }) => name)
const isKnown = (name: string): boolean =>
  names.includes(name) || /^websocket_close_\d{4}$/.test(name)

const recorded = Buffer.concat([
  text('{"a":1}'),
  frame(0x01, 'one'),
  ping('p'),
  frame(0x80, 'two'),
  frame(0x82, 'x'.repeat(300)),
  closing(1001, 'bye'),
])
const agreed = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'

describe('fuzzed frames', () => {
  for (const compression of ['off', 'stream'] as const) {
    it(`are messages or a declared error, whatever the cuts (compression: ${compression})`, () => {
      const random = stream('fuzz', compression)
      const header = compression === 'off' ? '' : agreed
      for (let round = 0; round < 3000; round++) {
        const bytes = Buffer.from(round % 3 === 0 ? noise(random) : damaged(recorded, random))
        if (compression !== 'off' && round % 2 === 0) bytes[0]! |= 0x40
        const cuts = Array.from({ length: round % 4 }, () => Math.floor(random() * bytes.length))
        const driver = new Driver({ compression, needs: { keeps: true, measures: false } }, header)
        driver.ask({
          type: 'receive',
          expected: { count: 2, filter: round % 2 ? '' : 'a', deadlineMs: 0 },
        })
        try {
          eachPart(bytes, cuts, (part) => void driver.decode(part))
        } catch (error) {
          assert.ok(isKnown((error as { readonly code: string }).code), String(error))
        }
        for (const name of driver.counted) assert.ok(isKnown(name), name)
      }
    })
  }

  it('after a handshake of any bytes is a declared error or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat()), (given, cuts) => {
        const driver = new Driver()
        const connection = driver.connection.constructor as new (
          user: unknown,
        ) => typeof driver.connection
        const fresh = new connection(driver.user)
        fresh.ask({ type: 'connect', deadlineMs: 0 } as never, driver.sink)
        try {
          eachPart(
            Buffer.from(`HTTP/1.1 101 ${given}\r\n\r\n${given}`),
            cuts,
            (part) => void fresh.decode(part, driver.sink),
          )
        } catch (error) {
          assert.equal((error as { readonly code: string }).code, 'error_websocket_handshake')
        }
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  it('from a server cost users their connection, never their life, and little memory', async () => {
    const random = stream('fuzz', 'server')
    const target = await startScripted({
      onFrame: ({ opcode }, { socket }) => {
        if (opcode !== 2) return
        socket.write(Buffer.from(damaged(recorded, random)))
        socket.write(Buffer.from(noise(random)))
        setTimeout(() => socket.destroy(), 20)
      },
    })
    const before = process.memoryUsage().rss
    try {
      const rounds = 20
      const users = 20
      const { counters, gauges } = await playSession(
        `${connect}<for var="i" from="1" to="${rounds}" incr="1">${message('q')}${think(10)}</for>`,
        target.port,
        { users },
      )
      assert.equal(counters['users_count'] ?? users, users)
      assert.equal(counters['tsts_issued'], users * (rounds + 1))
      const over = (counters['tsts_acknowledged'] ?? 0) + (counters['tsts_failed'] ?? 0)
      assert.equal(over, users * (rounds + 1))
      assert.equal(gauges.connected, 0)
      const errors = Object.keys(counters).filter((name) => name.startsWith('error_'))
      assert.ok(errors.includes('error_websocket_protocol'))
      for (const name of errors) {
        assert.ok(
          isKnown(name) || /^error_(closed_in_answer|inet_\w+|send_\w+|connect_\w+)$/.test(name),
          name,
        )
      }
      assert.ok(process.memoryUsage().rss - before < 150_000_000)
    } finally {
      await target.close()
    }
  })

  it('of endless length hold no more than they may', async () => {
    const part = frame(0x00, 'x'.repeat(65_000))
    const target = await startScripted({
      onFrame: ({ opcode }, { socket }) => {
        if (opcode !== 2) return
        socket.write(frame(0x02, 'x'))
        const more = (): void => {
          while (!socket.destroyed && socket.write(part));
        }
        socket.on('drain', more)
        more()
      },
    })
    try {
      const { counters } = await playSession(`${connect}${message('q')}${think(1)}`, target.port)
      assert.equal(counters['error_websocket_too_long'], 1)
      assert.ok(counters['size_rcv']! < 70_000_000)
    } finally {
      await target.close()
    }
  })
})
