/** A server that says HTTP/2 frame by frame: what no well-behaved server can be made to say. */
import { createServer, type Server, type Socket } from 'node:net'

export const FrameType = { data: 0, headers: 1, rstStream: 3, settings: 4, goaway: 7 } as const
export const endStream = 1
export const endHeaders = 4

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const headBytes = 9

/** Source: RFC 9113, 4.1. */
export function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

export function word(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * at)
  return bytes
}

/** `:status: 200` by its index in the static table. */
export const status200: Buffer = Buffer.from([0x88])

/** @param asked a request has come whole; without bodies */
export function framesServer(asked: (streamId: number, socket: Socket) => void): Server {
  return createServer((socket) => {
    let held = Buffer.alloc(0)
    let greeted = false
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes])
      if (!greeted) {
        if (held.length < preface.length) return
        greeted = true
        held = held.subarray(preface.length)
        socket.write(frame(FrameType.settings, 0, 0, Buffer.alloc(0)))
      }
      while (held.length >= headBytes && held.length >= headBytes + held.readUIntBE(0, 3)) {
        const whole = held.subarray(0, headBytes + held.readUIntBE(0, 3))
        held = held.subarray(whole.length)
        if (whole[3] === FrameType.headers) asked(whole.readUInt32BE(5), socket)
      }
    })
  })
}
