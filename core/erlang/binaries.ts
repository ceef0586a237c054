/** Segments of `<<…>>`. Source: Erlang reference manual, "Bit syntax expressions". */
import { utf8ByteString } from '../byte-string.ts'
import { type BitReader, BitWriter } from './bits.ts'
import type { Bindings, Matcher } from './match.ts'
import type { Segment } from './syntax.ts'
import { asBinary, integer } from './term/coerce.ts'
import { Binary, badarg, type Term, VariableText } from './term/term.ts'

/** The binary that segments make. */
export function construct(
  segments: readonly Segment[],
  bindings: Bindings,
  matcher: Matcher,
): Binary {
  const writer = new BitWriter()
  for (const segment of segments) {
    writeSegment(segment, matcher.evaluate(segment.value, bindings), writer, bindings, matcher)
  }
  return new Binary(writer.end())
}

function writeSegment(
  segment: Segment,
  value: Term,
  writer: BitWriter,
  bindings: Bindings,
  matcher: Matcher,
): void {
  if (segment.kind === 'utf8') {
    const code = Number(integer(value))
    if (code < 0 || code > 0x10ffff) throw badarg()
    writer.bytes(utf8ByteString(String.fromCodePoint(code)))
    return
  }
  const bits = segmentBits(segment, bindings, matcher)
  if (bits !== null && bits < 0) throw badarg()
  if (segment.kind === 'integer') {
    matcher.machine.spend((bits ?? 8) / 64)
    writer.integer(integer(value), bits ?? 8, segment.little)
    return
  }
  const binary = asBinary(value)
  if (!(binary instanceof Binary)) throw badarg()
  const length = bits === null ? binary.bytes.length : bits / 8
  if (!Number.isInteger(length) || length > binary.bytes.length) throw badarg()
  matcher.machine.spend(length / 8)
  writer.bytes(binary.bytes.slice(0, length))
}

/** The next segment; null when there is no such one. */
export function readSegment(
  segment: Segment,
  reader: BitReader,
  bindings: Bindings,
  matcher: Matcher,
): Term | null {
  if (segment.kind === 'utf8') return reader.utf8()
  const bits = segmentBits(segment, bindings, matcher)
  if (segment.kind === 'integer') {
    if (bits === null) return reader.integer(8, segment.signed, segment.little)
    matcher.machine.spend(bits / 64)
    return bits < 0 ? null : reader.integer(bits, segment.signed, segment.little)
  }
  const bytes = bits !== null && bits < 0 ? null : reader.bytes(bits ?? reader.leftBits)
  return bytes === null ? null : new Binary(bytes)
}

/** Null when none is written; below 0 when it is no number of bits. */
export function segmentBits(
  { size, unit }: Segment,
  bindings: Bindings,
  matcher: Matcher,
): number | null {
  if (size === null) return null
  const value = matcher.evaluate(size, bindings)
  const units = value instanceof VariableText ? Number(value.text) : Number(value)
  return Number.isSafeInteger(units) && units >= 0 && units < 1e8 ? units * unit : -1
}
