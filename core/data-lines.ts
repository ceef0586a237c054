/**
 * The lines of a data file (`file_server`). Source: reference tsung-core.md, 1.12.1.
 *
 * Split at LF; a CR before it belongs to the line's end, which Tsung keeps; trailing empty lines are no lines, inner ones
 * are.
 */
const lf = 10
const cr = 13

/**
 * Where lines begin, and behind the last one where the next would: there is one more of them than lines.
 *
 * @param bytes shorter than 4 GiB
 */
export function lineStarts(bytes: Uint8Array): Uint32Array {
  const size = contentSize(bytes)
  if (size === 0) return new Uint32Array(1)
  let lines = 1
  for (let at = bytes.indexOf(lf); at >= 0 && at < size; at = bytes.indexOf(lf, at + 1)) lines++
  const starts = new Uint32Array(lines + 1)
  let at = 0
  for (let line = 1; line < lines; line++) {
    at = bytes.indexOf(lf, at) + 1
    starts[line] = at
  }
  starts[lines] = size + 1
  return starts
}

/** Where a line ends: the index behind its last byte. */
export function lineEnd(bytes: Uint8Array, starts: Uint32Array, line: number): number {
  const end = starts[line + 1]! - 1
  return end > starts[line]! && bytes[end - 1] === cr ? end - 1 : end
}

/** Up to the end of the last line that is not empty. */
function contentSize(bytes: Uint8Array): number {
  let size = bytes.length
  for (;;) {
    const start = size === 0 ? 0 : bytes.lastIndexOf(lf, size - 1) + 1
    const isEmpty = size === start || (size === start + 1 && bytes[start] === cr)
    if (!isEmpty) return size
    if (start === 0) return 0
    size = start - 1
  }
}
