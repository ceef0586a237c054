/**
 * How often `tsts compare` is wrong about runs that do not differ, and how often it finds 5 % that are there.
 *
 *     npx tsx bench/comparison.ts [PAIRS [FIRST]]     PAIRS of each kind (default 400), seeds from FIRST on (default 1000)
 */
import { equalRuns, verdicts } from '../test/stats/made-up-runs.ts'

const pairCount = Number(process.argv[2] ?? 400)
const first = Number(process.argv[3] ?? 1000)

for (const [title, options, paired, borders] of equalRuns) {
  let wrong = 0
  let found = 0
  for (let seed = first; seed < first + pairCount; seed++) {
    const before = { seed: `a${seed}`, ...options }
    const equal = verdicts(before, { seed: `b${seed}`, ...options }, { borders, paired })
    if (equal.some((each) => each === 'better' || each === 'worse')) wrong++
    const slower = { seed: `b${seed}`, ...options, medianMs: 21 }
    if (verdicts(before, slower, { borders, paired })[3] === 'worse') found++
  }
  const percent = (count: number): string => `${((100 * count) / pairCount).toFixed(1)} %`
  console.log(`${title}: wrong ${percent(wrong)} of equal pairs, 5 % found in ${percent(found)}`)
}
