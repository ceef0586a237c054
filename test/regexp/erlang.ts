/** What Erlang's `re` says of expressions. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** `invalid`, `nomatch`, or `match ` and the first group: byte strings. */
export type Verdict = string

export type Case = readonly [pattern: string, subject: string]

/** Null: there is no Erlang on this machine. */
export function askErlang(cases: readonly Case[]): readonly Verdict[] | null {
  const script = fileURLToPath(new URL('record.escript', import.meta.url))
  const input = cases.map((words) => `${words.map(hex).join(' ')}\n`).join('')
  const { stdout, error, status } = spawnSync('escript', [script], { input, encoding: 'latin1' })
  if (error !== undefined) return null
  if (status !== 0) throw new Error(`escript ended with ${status}`)
  return stdout.trimEnd().split('\n').map(verdict)
}

function verdict(line: string): Verdict {
  const [word, group] = line.split(' ')
  return word === 'match' ? `match ${Buffer.from(group ?? '', 'hex').toString('latin1')}` : line
}

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}
