/** bench/RESULTS.md */
import type { Machine } from './machine.ts'
import { type Results, type Row, tell } from './results.ts'

export type Outcome =
  | { readonly type: 'rows'; readonly results: Results }
  | { readonly type: 'text'; readonly script: string; readonly text: string }
  | { readonly type: 'left out' | 'failed'; readonly script: string; readonly why: string }

/** One script, run once: what bench/RESULTS.json holds. */
export interface Run {
  readonly machine: Machine
  readonly outcome: Outcome
}

const columns =
  '| claim | what | unit | tsts | peer | ratio | budget: must (wish) | met |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'

/**
 * @param runs at least one; a script that is run again takes the place of its earlier run
 * @param notRun names of the other scripts
 */
export function page(runs: readonly Run[], notRun: readonly string[] = []): string {
  const outcomes = runs.map(({ outcome }) => outcome)
  const rows = outcomes.flatMap((outcome) => (outcome.type === 'rows' ? outcome.results.rows : []))
  const missing = [...outcomes.flatMap(missingOf), ...notRun.map((name) => `${name}: not run yet`)]
  const parts = [
    '# Results\n\nWritten by `npm run bench` from what was measured (RESULTS.json). Medians, with lower and upper quartile in brackets; ratios are\ntaken pair by pair. The budget is that of the design; a ratio is asked of ours divided by the peer’s.\n',
    machineText(runs),
    `## Claims\n\n${columns}${rows.map(rowText).join('')}`,
    notesText(rows),
    ...outcomes.map(textOf),
    missing.length === 0 ? '' : `## Not measured\n\n${list([...new Set(missing)])}`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

/** Versions are those of the last run: all have to be those of one machine to be compared. */
function machineText(runs: readonly Run[]): string {
  const { processor, cores, memoryGiB, kernel, versions } = runs.at(-1)!.machine
  const lines = [
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${kernel}`,
    versions.map(([name, version]) => `${name} ${version}`).join(', '),
  ]
  const rows = runs.map(({ machine, outcome }) => {
    const tsts = machine.versions.find(([name]) => name === 'tsts')?.[1] ?? ''
    const cells = [scriptOf(outcome), machine.date, tsts, machine.loadAverage.toFixed(1)]
    return `| ${cells.map(cell).join(' | ')} |\n`
  })
  const head = '| script | run on | tsts | load average before |\n| --- | --- | --- | --- |\n'
  return `## Machine\n\n${list(lines)}\n${head}${rows.join('')}`
}

export function scriptOf(outcome: Outcome): string {
  return outcome.type === 'rows' ? outcome.results.script : outcome.script
}

function rowText(row: Row): string {
  const { ours, peer, ratio, budget, met } = tell(row)
  const beside = row.peer === null ? '' : `${row.peer.name} ${peer}`
  const cells = [row.claim, row.what, row.unit, ours, beside, ratio, budget, met]
  return `| ${cells.map(cell).join(' | ')} |\n`
}

function notesText(rows: readonly Row[]): string {
  const noted = rows.filter(({ note }) => note !== '')
  if (noted.length === 0) return ''
  const lines = noted.map(({ claim, what, note }) => `${claim}, ${what}: ${note}`)
  return `## Seen beside\n\n${list(lines)}`
}

function textOf(outcome: Outcome): string {
  return outcome.type === 'text' ? `## ${outcome.script}\n\n\`\`\`\n${outcome.text}\n\`\`\`\n` : ''
}

function missingOf(outcome: Outcome): readonly string[] {
  switch (outcome.type) {
    case 'rows':
      return outcome.results.missing.map(firstLine)
    case 'text':
      return []
    case 'left out':
      return [`${outcome.script}: ${outcome.why}`]
    case 'failed':
      return [`${outcome.script} FAILED: ${firstLine(outcome.why)}`]
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0]!
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}\n`).join('')
}
