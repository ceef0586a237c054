/** One file of a scenario as text, and where offsets of the expanded scenario stand in the files. */
import type { Position } from '../model.ts'

export interface Source {
  /** As it is shown. */
  readonly file: string
  /** Decoded, line ends made LF. */
  readonly text: string
}

/** Where lines begin and which characters take two code units, found once per source. */
interface Landmarks {
  readonly lines: readonly number[]
  /** Offsets of the first halves of such characters. */
  readonly pairs: readonly number[]
}

const landmarksOf = new WeakMap<Source, Landmarks>()

/** Line and column of an offset (UTF-16) in a source; columns count characters, not code units. */
export function positionIn(source: Source, offset: number): Position {
  const { lines, pairs } = landmarks(source)
  const index = countNotAbove(lines, offset) - 1
  const start = lines[index]!
  const doubled = countNotAbove(pairs, offset - 1) - countNotAbove(pairs, start - 1)
  return { file: source.file, line: index + 1, column: offset - start - doubled + 1 }
}

function landmarks(source: Source): Landmarks {
  const known = landmarksOf.get(source)
  if (known !== undefined) return known
  const lines = [0]
  const pairs: number[] = []
  for (let at = 0; at < source.text.length; at++) {
    const unit = source.text.charCodeAt(at)
    if (unit === 10) lines.push(at + 1)
    else if (unit >= 0xd800 && unit <= 0xdbff) pairs.push(at)
  }
  const found = { lines, pairs }
  landmarksOf.set(source, found)
  return found
}

/** How many of the rising numbers are not above `wanted`. */
function countNotAbove(numbers: readonly number[], wanted: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! <= wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** A stretch of the expanded text that came from one place. */
interface Stretch {
  /** Offset in the expanded text. */
  readonly from: number
  readonly source: Source
  readonly offset: number
  /** Whether offsets grow together; else the whole stretch stands for one place. */
  readonly isCopy: boolean
}

/** Text put together from stretches of sources, in order; remembers where each came from. */
export class ExpandedText {
  readonly #parts: string[] = []
  readonly #stretches: Stretch[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Appends `source.text.slice(from, to)`. */
  copy(source: Source, from: number, to: number): void {
    if (from >= to) return
    this.#add(source.text.slice(from, to), { source, offset: from, isCopy: true })
  }

  /** Appends a text that stands for the place `offset`. */
  insert(text: string, source: Source, offset: number): void {
    if (text !== '') this.#add(text, { source, offset, isCopy: false })
  }

  text(): string {
    return this.#parts.join('')
  }

  positionOf(offset: number): Position {
    const stretch = this.#stretchAt(offset)
    if (stretch === undefined) return { file: '', line: 1, column: 1 }
    const inside = stretch.isCopy ? offset - stretch.from : 0
    return positionIn(stretch.source, stretch.offset + inside)
  }

  #add(text: string, place: Omit<Stretch, 'from'>): void {
    this.#parts.push(text)
    this.#stretches.push({ from: this.#length, ...place })
    this.#length += text.length
  }

  #stretchAt(offset: number): Stretch | undefined {
    let low = 0
    let high = this.#stretches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#stretches[middle]!.from <= offset) low = middle
      else high = middle - 1
    }
    return this.#stretches[low]
  }
}
