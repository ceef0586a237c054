/** A client's side of a connection that speaks HTTP/2, without a socket: what a test lets it read, and what it says. */
import { Flag, FrameType, preface } from '../../core/http2/frames.ts'
import { field } from '../../core/http2/hpack-encoder.ts'
import type { AnswerHead } from '../../launcher/http2-answer.ts'
import { Http2Session, type SessionOwner } from '../../launcher/http2-session.ts'
import type { Http2Stream, StreamOwner } from '../../launcher/http2-stream.ts'
import { frame, status200 } from './http2-frames.ts'

const { data, headers, settings } = FrameType
export const noSettings: Buffer = frame(settings, 0, 0, Buffer.alloc(0))

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

const get = [field(':method', 'GET'), field(':path', '/')]

/** Writes down what it is told. */
export class Client implements SessionOwner, StreamOwner {
  readonly told: string[] = []
  readonly session: Http2Session
  #written = ''
  #seen = 0

  constructor() {
    this.session = new Http2Session(this)
  }

  ask(body = '', isHead = false): Http2Stream {
    return this.session.request({ fields: get, body, isHead }, this)!
  }

  read(...frames: Buffer[]): void {
    this.session.read(Buffer.concat(frames))
  }

  /** Frames that were written since the last time. */
  frames(): Frame[] {
    const bytes = Buffer.from(this.#written, 'latin1')
    const found: Frame[] = []
    let at = this.#seen === 0 ? preface.length : this.#seen
    while (at < bytes.length) {
      const end = at + 9 + bytes.readUIntBE(at, 3)
      const [type, flags] = [bytes[at + 3]!, bytes[at + 4]!]
      found.push({
        type,
        flags,
        id: bytes.readUInt32BE(at + 5),
        payload: bytes.subarray(at + 9, end),
      })
      at = end
    }
    this.#seen = at
    return found
  }

  /** Bytes of bodies that were written since the last time. */
  bodyBytes(): number {
    const sent = this.frames().filter(({ type }) => type === data)
    return sent.reduce((sum, { payload }) => sum + payload.length, 0)
  }

  write(bytes: string): void {
    this.#written += bytes
  }
  settings(maxStreams: number): void {
    this.told.push(`settings ${maxStreams}`)
  }
  goingAway(code: number, lastStreamId: number): void {
    this.told.push(`going away ${code} ${lastStreamId}`)
  }
  sessionFailed(code: number, _detail: string): void {
    this.told.push(`failed ${code}`)
  }
  freed(): void {
    this.told.push('freed')
  }
  responded({ id }: Http2Stream, { status }: AnswerHead): void {
    this.told.push(`${id} head ${status}`)
  }
  data({ id }: Http2Stream, bytes: Uint8Array): void {
    this.told.push(`${id} data ${Buffer.from(bytes)}`)
  }
  trailers({ id }: Http2Stream, list: readonly string[]): void {
    this.told.push(`${id} trailers ${list}`)
  }
  ended({ id }: Http2Stream): void {
    this.told.push(`${id} ended`)
  }
  reset({ id }: Http2Stream, code: number): void {
    this.told.push(`${id} reset ${code}`)
  }
}

export function started(): Client {
  const client = new Client()
  client.read(noSettings)
  client.frames()
  client.told.length = 0
  return client
}

export const head = (id: number, flags = 0): Buffer =>
  frame(headers, Flag.endHeaders | flags, id, status200)
export const body = (id: number, text: string, flags = 0): Buffer =>
  frame(data, flags, id, Buffer.from(text))
export const setting = (number: number, value: number): Buffer => {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(number)
  payload.writeUInt32BE(value, 2)
  return frame(settings, 0, 0, payload)
}
/** As literals that are kept nowhere. */
export const block = (...list: string[]): Buffer =>
  Buffer.concat(
    list.flatMap((text, at) => {
      const bytes = Buffer.from(text, 'latin1')
      return [Buffer.from(at % 2 === 0 ? [0, bytes.length] : [bytes.length]), bytes]
    }),
  )
