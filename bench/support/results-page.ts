/** bench/RESULTS.md */
import type { Machine } from './machine.ts'
import { type Results, type Row, tell } from './results.ts'

export type Outcome =
  | { readonly type: 'rows'; readonly results: Results }
  | { readonly type: 'text'; readonly script: string; readonly text: string }
  | { readonly type: 'left out' | 'failed'; readonly script: string; readonly why: string }

const columns =
  '| claim | what | unit | tsts | peer | ratio | budget: must (wish) | met |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'

export function page(machine: Machine, outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((outcome) => (outcome.type === 'rows' ? outcome.results.rows : []))
  const missing = outcomes.flatMap(missingOf)
  const parts = [
    '# Results\n\nWritten by `npm run bench`. Medians, with lower and upper quartile in brackets; ratios are taken pair by pair.\nThe budget is that of the design; a ratio is asked of ours divided by the peer’s.\n',
    machineText(machine),
    `## Claims\n\n${columns}${rows.map(rowText).join('')}`,
    notesText(rows),
    ...outcomes.map(textOf),
    missing.length === 0 ? '' : `## Not measured\n\n${list([...new Set(missing)])}`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function machineText({
  date,
  processor,
  cores,
  memoryGiB,
  kernel,
  loadAverage,
  versions,
}: Machine): string {
  const lines = [
    `${date}; ${processor}, ${cores} cores, ${memoryGiB} GiB, ${kernel}; load average before: ${loadAverage.toFixed(1)}`,
    versions.map(([name, version]) => `${name} ${version}`).join(', '),
  ]
  return `## Machine\n\n${list(lines)}`
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
