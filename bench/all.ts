/**
 * Runs every claim, one after the other, and writes bench/RESULTS.md. The soak and the connected users only with
 * `--long`; `--pairs` is handed on.
 *
 * `npm run bench -- [--pairs 5] [--long] [--only http,idle] [--to bench/RESULTS.md]`
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './support/machine.ts'
import { finished, start } from './support/processes.ts'
import { readResults } from './support/results.ts'
import { type Outcome, page } from './support/results-page.ts'

interface Script {
  readonly name: string
  readonly isLong?: true
  /** It prints text, not `--json`, and has no `--pairs`. */
  readonly isText?: true
  readonly takesPairs?: true
  readonly arguments?: readonly string[]
}

const scripts: readonly Script[] = [
  { name: 'http.ts', takesPairs: true },
  { name: 'sessions.ts', takesPairs: true },
  { name: 'language.ts', takesPairs: true },
  { name: 'bodies.ts', takesPairs: true },
  { name: 'tls.ts', takesPairs: true },
  { name: 'websocket.ts', takesPairs: true },
  { name: 'idle.ts', takesPairs: true },
  { name: 'arrivals.ts', takesPairs: true },
  { name: 'merge.ts', isText: true },
  { name: 'fleet.ts', isText: true },
  { name: 'startup.ts', isText: true },
  { name: 'wire.ts', isText: true },
  { name: 'soak.ts', isLong: true },
  { name: 'websocket-hold.ts', isLong: true },
  { name: 'million.ts', isLong: true, arguments: ['100000'] },
]

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    to: { type: 'string', default: fileURLToPath(new URL('RESULTS.md', import.meta.url)) },
  },
})

/** The script that runs: it ends what it started when it is told to. */
let running: ChildProcess | null = null
let interrupted = false
const interrupt = (): void => {
  interrupted = true
  running?.kill('SIGTERM')
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt)

const measuredOn = machine()
const outcomes: Outcome[] = []
const only = values.only?.split(',')
const chosen = scripts.filter(({ name }) => only?.includes(name.replace('.ts', '')) ?? true)
if (chosen.length === 0) throw new TypeError(`--only ${values.only} names no script`)
for (const script of chosen) {
  const outcome = await outcomeOf(script)
  if (interrupted) break
  outcomes.push(outcome)
  // After each, so that what was measured is kept when a later one is interrupted.
  writeFileSync(values.to, page(measuredOn, outcomes))
}
const failed = outcomes.filter(({ type }) => type === 'failed').length
console.log(`${values.to} is written${failed > 0 ? `; ${failed} scripts failed` : ''}`)
process.exitCode = interrupted ? 130 : failed > 0 ? 1 : 0

async function outcomeOf(script: Script): Promise<Outcome> {
  const { name } = script
  const path = fileURLToPath(new URL(name, import.meta.url))
  if (!existsSync(path)) return { type: 'left out', script: name, why: 'there is no such script' }
  if (script.isLong && !values.long && only === undefined) {
    return { type: 'left out', script: name, why: 'long: `npm run bench -- --long` runs it' }
  }
  console.error(`-- ${name}`)
  const flags = [
    ...(script.arguments ?? []),
    ...(script.takesPairs ? ['--pairs', values.pairs] : []),
    ...(script.isText ? [] : ['--json']),
  ]
  const command = [process.execPath, '--import', 'tsx', path, ...flags]
  try {
    running = start(null, command)
    running.stderr!.pipe(process.stderr, { end: false })
    const output = await finished(running, command, script.isText ? [0, 1] : [0])
    if (script.isText) return { type: 'text', script: name, text: output.trim() }
    const results = readResults(output)
    if (results === null) return { type: 'failed', script: name, why: 'it printed no results' }
    return { type: 'rows', results }
  } catch (error) {
    return { type: 'failed', script: name, why: (error as Error).message }
  }
}
