/** Bytes that no peer should send, for the conformance suite. */

export function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 1 + Math.floor(random() * 200) }, () => random() * 256)
}

/** The answer with one byte changed, a part left out, or a part said twice. */
export function damaged(answer: Uint8Array, random: () => number): Uint8Array {
  const from = Math.floor(random() * answer.length)
  const to = Math.min(answer.length, from + 1 + Math.floor(random() * 20))
  const before = answer.subarray(0, from)
  const kind = Math.floor(random() * 3)
  if (kind === 0) {
    const changed = answer.slice()
    if (changed.length > 0) changed[from] = random() * 256
    return changed
  }
  const repeated = kind === 1 ? [] : [...answer.subarray(from, to), ...answer.subarray(from, to)]
  return Uint8Array.from([...before, ...repeated, ...answer.subarray(to)])
}
