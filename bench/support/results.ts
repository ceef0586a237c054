/** What a bench hands on: measurements as they were, so that every figure of RESULTS.md can be taken anew. */
import { figure, isClose, median, medianInterval, quartiles, ratios, spread } from './figures.ts'

/** What DESIGN.md, section 9, asks of a row. */
export interface Budget {
  /** Whether it is asked of our own figure or of ours divided by the peer's. */
  readonly of: 'ours' | 'ratio'
  readonly better: 'higher' | 'lower'
  readonly must: number
  readonly wish: number | null
}

export interface Row {
  /** Letter of the claim, `a` to `j`. */
  readonly claim: string
  /** What was done, e.g. `keep-alive GET, 50 users`. */
  readonly what: string
  /** Of the figures, e.g. `requests/s`. */
  readonly unit: string
  /** One a pair. */
  readonly ours: readonly number[]
  readonly peer: { readonly name: string; readonly values: readonly number[] } | null
  readonly budget: Budget | null
  /** What else was seen, e.g. CPU; empty: nothing. */
  readonly note: string
}

export interface Results {
  /** File name of the script, without its folder; in RESULTS.json with its arguments. */
  readonly script: string
  readonly rows: readonly Row[]
  /** Peers that could not be compared with, and why: absent and how to get them, or how they failed. */
  readonly missing: readonly string[]
}

/** Cells of a row of RESULTS.md. */
export interface Told {
  readonly ours: string
  readonly peer: string
  readonly ratio: string
  readonly budget: string
  readonly met: 'yes, wish too' | 'yes' | 'NO' | ''
}

/** Prints rows for people, or with `asJson` one line of JSON for `bench/all.ts`. */
export function print(results: Results, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(results))
    return
  }
  for (const row of results.rows) console.log(textOf(row))
  for (const line of results.missing) console.log(line)
}

/** The last line of a script's output that is a document of `print`; null: there is none. */
export function readResults(output: string): Results | null {
  const line = output.split('\n').findLast((text) => text.startsWith('{"script":'))
  return line === undefined ? null : (JSON.parse(line) as Results)
}

export function textOf(row: Row): string {
  const { ours, peer, ratio, budget, met } = tell(row)
  const beside = row.peer === null ? '' : `; ${row.peer.name} ${peer}; ratio ${ratio}`
  const asked = budget === '' ? '' : `; budget ${budget}: ${met}`
  const note = row.note === '' ? '' : ` [${row.note}]`
  return `${row.claim}  ${row.what}: ${ours} ${row.unit}${beside}${asked}${note}`
}

export function tell(row: Row): Told {
  const pairs = row.peer === null ? [] : ratios(row.ours, row.peer.values)
  return {
    ours: spread(row.ours),
    peer: row.peer === null ? '' : spread(row.peer.values),
    ratio: pairs.length === 0 ? '' : ratioText(pairs, row.budget),
    budget: row.budget === null ? '' : budgetText(row.budget),
    met: row.budget === null ? '' : metBy(row, row.budget),
  }
}

/** Closer than 10 % to 1 or to the budget: the medians do not settle it. */
export function isRowClose(row: Row): boolean {
  if (row.peer === null) return false
  return isClose(median(ratios(row.ours, row.peer.values)), marksOf(row.budget))
}

/** `0.86 (0.84–0.88)`, quartiles; when it is close, `, 95 % 0.83–0.89`. */
function ratioText(pairs: readonly number[], budget: Budget | null): string {
  const { low, median: middle, high } = quartiles(pairs)
  const text = `${figure(middle)} (${figure(low)}–${figure(high)})`
  if (pairs.length < 2 || !isClose(middle, marksOf(budget))) return text
  const interval = medianInterval(pairs)
  return `${text}, 95 % ${figure(interval.low)}–${figure(interval.high)} of ${pairs.length} pairs`
}

function marksOf(budget: Budget | null): readonly number[] {
  if (budget?.of !== 'ratio') return [1]
  return budget.wish === null ? [1, budget.must] : [1, budget.must, budget.wish]
}

function budgetText({ better, must, wish }: Budget): string {
  const sign = better === 'higher' ? '≥' : '≤'
  return wish === null ? `${sign} ${figure(must)}` : `${sign} ${figure(must)} (${figure(wish)})`
}

function metBy(row: Row, { of, better, must, wish }: Budget): Told['met'] {
  if (of === 'ratio' && row.peer === null) return ''
  const value = median(of === 'ours' ? row.ours : ratios(row.ours, row.peer!.values))
  const reaches = (mark: number): boolean => (better === 'higher' ? value >= mark : value <= mark)
  if (!reaches(must)) return 'NO'
  return wish !== null && reaches(wish) ? 'yes, wish too' : 'yes'
}
