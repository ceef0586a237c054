/**
 * permessage-deflate. What is sent never refers to messages before; what comes may, if the server says so: then its last
 * 32 KiB are kept. Source: RFC 7692, 7.2.
 */
import { Deflate, Inflate, inflateSync } from 'fflate'
import { fromBytes, toBytes } from '../../core/byte-string.ts'
import { ProtocolError } from '../api.ts'
import { deflateCounter, tooLongCounter, utf8Counter } from './frames.ts'
import { utf8After } from './utf8.ts'

const windowBytes = 32 * 1024
/** What a sync flush ends with, which is left out; then an empty last block, that the library may see the end. */
const tail: readonly number[] = [0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]
/** The library makes 1032 bytes of one at most: a step is bounded. */
const sliceBytes = 4096

/** What most messages fit into; one for all. */
const shared = new Uint8Array(64 * 1024)

/** @param payload byte string */
export function compressed(payload: string): string {
  const parts: string[] = []
  const stream = new Deflate((part) => void parts.push(fromBytes(part)))
  stream.push(toBytes(payload))
  stream.flush(true)
  // fflate 0.8.3 misplaces what follows the first byte of a flush; behind that byte there is nothing or a zero.
  const first = parts.pop()!.charAt(0)
  const message = parts.join('') + first
  return readsAs(message, payload) ? message : `${message}\0`
}

function readsAs(message: string, payload: string): boolean {
  try {
    const out = new Uint8Array(payload.length + 1)
    return fromBytes(inflateSync(withTail(toBytes(message)), { out })) === payload
  } catch (error) {
    if (isOfLibrary(error)) return false
    throw error
  }
}

function withTail(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + tail.length)
  bytes.set(message)
  bytes.set(tail, message.length)
  return bytes
}

/** Decompresses the messages of one connection. */
export class Inflater {
  readonly #maxBytes: number
  readonly #keepsContext: boolean
  /** The end of what came; null: nothing is kept. */
  #context: Uint8Array | null = null

  constructor(maxBytes: number, keepsContext: boolean) {
    this.#maxBytes = maxBytes
    this.#keepsContext = keepsContext
  }

  /**
   * @param message the payload as it came; changed by nobody
   * @returns lent until the next message of any connection
   * @throws {ProtocolError} when it cannot be read, is too long, or a text that is not UTF-8
   */
  message(message: Uint8Array, isText: boolean): Uint8Array {
    let payload: Uint8Array
    try {
      payload = this.#inflated(withTail(message))
    } catch (error) {
      if (!isOfLibrary(error)) throw error
      throw new ProtocolError(deflateCounter, (error as Error).message)
    }
    if (isText && utf8After(0, payload, 0, payload.length) !== 0) {
      throw new ProtocolError(utf8Counter, 'a text is not UTF-8')
    }
    if (this.#keepsContext) this.#keep(payload)
    return payload
  }

  #inflated(bytes: Uint8Array): Uint8Array {
    const dictionary = this.#context
    const options = dictionary === null ? { out: shared } : { out: shared, dictionary }
    if (bytes.length <= shared.length / 8) {
      try {
        const payload = inflateSync(bytes, options)
        if (payload.length < shared.length) return payload
      } catch (error) {
        if (!isRange(error)) throw error
      }
    }
    return this.#long(bytes)
  }

  /** Step by step, so that what becomes too long is noticed in time. */
  #long(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    let length = 0
    const take = (part: Uint8Array): void => {
      length += part.length
      if (length > this.#maxBytes) {
        throw new ProtocolError(tooLongCounter, `more than ${this.#maxBytes} bytes inflated`)
      }
      parts.push(part)
    }
    const stream =
      this.#context === null ? new Inflate(take) : new Inflate({ dictionary: this.#context }, take)
    for (let from = 0; from < bytes.length; from += sliceBytes) {
      stream.push(bytes.slice(from, from + sliceBytes), from + sliceBytes >= bytes.length)
    }
    const payload = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      payload.set(part, at)
      at += part.length
    }
    return payload
  }

  #keep(payload: Uint8Array): void {
    if (payload.length >= windowBytes || this.#context === null) {
      this.#context = payload.slice(-windowBytes)
      return
    }
    const before = this.#context
    const kept = Math.min(before.length, windowBytes - payload.length)
    const context = new Uint8Array(kept + payload.length)
    context.set(before.subarray(before.length - kept))
    context.set(payload, kept)
    this.#context = context
  }
}

/** Its errors have a number; a stored block that does not fit is a RangeError. */
function isOfLibrary(error: unknown): boolean {
  return typeof (error as { readonly code?: unknown }).code === 'number' || isRange(error)
}

function isRange(error: unknown): boolean {
  return error instanceof RangeError
}
