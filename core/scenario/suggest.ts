/**
 * What was probably meant by a word that is not known.
 *
 * @returns `did you mean …?`, or undefined when nothing is near enough
 */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  const near = nearest(word, known)
  return near === null ? undefined : `did you mean ${near}?`
}

/** The known word with the fewest changes from `word`; null when it takes more than a third of its letters. */
export function nearest(word: string, known: Iterable<string>): string | null {
  // Long words are no slips of a finger, and cost most to compare.
  if (word.length > 60) return null
  const wanted = word.toLowerCase()
  let best: string | null = null
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const changes = changesBetween(wanted, candidate.toLowerCase())
    if (changes < fewest) {
      best = candidate
      fewest = changes
    }
  }
  return best
}

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
function changesBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1)
      }
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
