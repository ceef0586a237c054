/**
 * Whether bytes are UTF-8, a piece at a time.
 *
 * | state | wants                                   |
 * | ----- | --------------------------------------- |
 * | 0     | a first byte: what came is whole        |
 * | 1–3   | so many bytes 80..BF                    |
 * | 4     | A0..BF, then 1 (after E0: nothing over-long) |
 * | 5     | 80..9F, then 1 (after ED: no surrogate) |
 * | 6     | 90..BF, then 2 (after F0: nothing over-long) |
 * | 7     | 80..8F, then 2 (after F4: not above U+10FFFF) |
 *
 * Source: RFC 3629, 4.
 */

/** @returns the state behind the bytes; −1: they are not UTF-8 */
export function utf8After(state: number, bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (state === 0 && byte < 0x80) continue
    state = state === 0 ? afterFirst(byte) : afterNext(state, byte)
    if (state < 0) return -1
  }
  return state
}

function afterFirst(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return -1
  if (byte < 0xe0) return 1
  if (byte === 0xe0) return 4
  if (byte === 0xed) return 5
  if (byte < 0xf0) return 2
  if (byte === 0xf0) return 6
  return byte === 0xf4 ? 7 : 3
}

function afterNext(state: number, byte: number): number {
  if (byte < lowest[state]! || byte > highest[state]!) return -1
  return then[state]!
}

const lowest = [0, 0x80, 0x80, 0x80, 0xa0, 0x80, 0x90, 0x80]
const highest = [0, 0xbf, 0xbf, 0xbf, 0xbf, 0x9f, 0xbf, 0x8f]
const then = [0, 0, 1, 2, 1, 1, 2, 2]
