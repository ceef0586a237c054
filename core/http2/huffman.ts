/**
 * The Huffman code of header compression.
 *
 * It is canonical: lengths alone give the codes. Source: RFC 7541, 5.2 and appendix B.
 */
import { ErrorCode, Http2Error } from './frames.ts'

/** Bits of the code of each byte; the 256th ends a string, and must not occur. */
const lengths: readonly number[] = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  [30],
].flat()
const endOfString = 256
const longest = 30
/** A string is filled up with fewer than 8 ones. */
const maxFillBits = 7

const codes: readonly number[] = canonicalCodes()

function canonicalCodes(): readonly number[] {
  const found = new Array<number>(lengths.length).fill(0)
  let code = 0
  for (let bits = 1; bits <= longest; bits++) {
    code *= 2
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === bits) found[symbol] = code++
    }
  }
  return found
}

/**
 * The tree, four bits a step: `steps[16 * node + bits]` is the next node, with the byte that was passed on the way in
 * bits 8 to 15 and `emits` when there is one. No step passes two: the shortest code has 5 bits.
 */
const emits = 1 << 16
const isBad = 1 << 17
const steps = new Uint32Array(256 * 16)
/** Whether a string may end at a node: the bits since the last byte are ones, fewer than 8. */
const mayEnd = new Uint8Array(256)
plant()

function plant(): void {
  const tree: (readonly [number, number])[] = []
  const grow = (): number => tree.push([-1, -1]) - 1
  grow()
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    let node = 0
    for (let bit = lengths[symbol]! - 1; bit >= 0; bit--) {
      const side = (codes[symbol]! >>> bit) & 1
      // Leaves are numbered from -2 down.
      let next = tree[node]![side]!
      if (bit === 0) next = -2 - symbol
      else if (next === -1) next = grow()
      tree[node] = side === 0 ? [next, tree[node]![1]] : [tree[node]![0], next]
      node = next
    }
  }
  for (const [node] of tree.entries()) {
    for (let bits = 0; bits < 16; bits++) steps[16 * node + bits] = step(tree, node, bits)
  }
  for (let node = 0, depth = 0; depth <= maxFillBits; depth++) {
    mayEnd[node] = 1
    node = tree[node]![1]
  }
}

function step(tree: readonly (readonly [number, number])[], from: number, bits: number): number {
  let node = from
  let passed = 0
  for (let bit = 3; bit >= 0; bit--) {
    node = tree[node]![(bits >>> bit) & 1]!
    if (node > -2) continue
    const symbol = -2 - node
    if (symbol === endOfString) return isBad
    passed = emits | (symbol << 8)
    node = 0
  }
  return passed | node
}

/**
 * @param target at least 8 bytes for 5 of the code
 * @returns bytes that were written
 * @throws {Http2Error} what stands there is no such code
 */
export function huffmanDecode(
  bytes: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
): number {
  let node = 0
  let length = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    const first = steps[16 * node + (byte >>> 4)]!
    if ((first & emits) !== 0) target[length++] = (first >>> 8) & 255
    const second = steps[16 * (first & 255) + (byte & 15)]!
    if ((second & emits) !== 0) target[length++] = (second >>> 8) & 255
    if (((first | second) & isBad) !== 0) throw badCode()
    node = second & 255
  }
  if (mayEnd[node] === 0) throw badCode()
  return length
}

function badCode(): Http2Error {
  return new Http2Error(ErrorCode.compressionError, 'a header has a bad Huffman code')
}

/** @param text byte string @returns null: the code is not shorter */
export function huffmanEncode(text: string): string | null {
  let bits = 0
  for (let at = 0; at < text.length; at++) bits += lengths[text.charCodeAt(at)]!
  if (bits >= 8 * text.length) return null
  let coded = ''
  let held = 0
  let heldBits = 0
  for (let at = 0; at < text.length; at++) {
    const symbol = text.charCodeAt(at)
    // Up to 7 bits of before and 30 more: no 32-bit integer.
    held = held * 2 ** lengths[symbol]! + codes[symbol]!
    heldBits += lengths[symbol]!
    while (heldBits >= 8) {
      heldBits -= 8
      const byte = Math.floor(held / 2 ** heldBits)
      coded += String.fromCharCode(byte)
      held -= byte * 2 ** heldBits
    }
  }
  if (heldBits === 0) return coded
  return coded + String.fromCharCode((held << (8 - heldBits)) | (255 >>> heldBits))
}
