/** Bytes cut at these places: each a fresh part that is overwritten once it was used, as lent bytes are. */
export function eachPart(
  bytes: Uint8Array,
  cuts: readonly number[],
  use: (part: Uint8Array) => void,
): void {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    if (to === from) continue
    const part = Buffer.from(bytes.subarray(from, to))
    use(part)
    part.fill(0x58)
    from = to
  }
}
