/**
 * Runs every claim, one after the other, and writes bench/RESULTS.json and RESULTS.md. The soak and the connected users
 * only with `--long`; `--pairs` is handed on. With `--only` what the other scripts measured before is kept.
 *
 * `npm run bench -- [--pairs 5] [--long] [--only 'http,million 100000'] [--to bench]`
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './support/machine.ts'
import { finished, start } from './support/processes.ts'
import { readResults } from './support/results.ts'
import { type Outcome, page, type Run, scriptOf } from './support/results-page.ts'

interface Script {
  /** File and arguments, by which its results are known: one script may stand for two claims. */
  readonly name: string
  readonly isLong?: true
  /** It prints text, not `--json`, and has no `--pairs`. */
  readonly isText?: true
  readonly takesPairs?: true
}

const scripts: readonly Script[] = [
  { name: 'http.ts', takesPairs: true },
  { name: 'sessions.ts', takesPairs: true },
  { name: 'language.ts', takesPairs: true },
  { name: 'bodies.ts', takesPairs: true },
  { name: 'tls.ts', takesPairs: true },
  { name: 'websocket.ts', takesPairs: true },
  { name: 'http2.ts', takesPairs: true },
  { name: 'idle.ts', takesPairs: true },
  { name: 'mqtt.ts', takesPairs: true },
  { name: 'mqtt-idle.ts', takesPairs: true },
  { name: 'arrivals.ts', takesPairs: true },
  { name: 'merge.ts', isText: true },
  { name: 'mqtt-codec.ts', isText: true },
  { name: 'fleet.ts', isText: true },
  { name: 'startup.ts', takesPairs: true },
  { name: 'wire.ts', isText: true },
  { name: 'pace.ts', takesPairs: true },
  { name: 'soak.ts', isLong: true },
  { name: 'websocket-hold.ts', isLong: true },
  { name: 'million.ts 100000', isLong: true },
  { name: 'million.ts 1000000 --rate 2000', isLong: true },
]

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    to: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
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

const kept = join(values.to, 'RESULTS.json')
const runs: Run[] =
  values.only !== undefined && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : []
let failed = 0
const only = values.only?.split(',')
const chosen = scripts.filter(
  ({ name }) => only?.some((some) => `${name} `.replace('.ts', '').startsWith(`${some} `)) ?? true,
)
if (chosen.length === 0) throw new TypeError(`--only ${values.only} names no script`)
for (const script of chosen) {
  const measuredOn = machine()
  const outcome = await outcomeOf(script)
  if (interrupted) break
  if (outcome.type === 'failed') failed++
  put({ machine: measuredOn, outcome })
  // After each, so that what was measured is kept when a later one is interrupted.
  writeFileSync(kept, `${JSON.stringify(runs, null, 1)}\n`)
  const ran = runs.map((run) => scriptOf(run.outcome))
  const notRun = scripts.map(({ name }) => name).filter((name) => !ran.includes(name))
  writeFileSync(join(values.to, 'RESULTS.md'), page(runs, notRun))
}
console.log(
  `${join(values.to, 'RESULTS.md')} is written${failed > 0 ? `; ${failed} scripts failed` : ''}`,
)
process.exitCode = interrupted ? 130 : failed > 0 ? 1 : 0

/** In the order of the scripts. */
function put(run: Run): void {
  const order = (each: Run): number =>
    scripts.findIndex(({ name }) => name === scriptOf(each.outcome))
  const at = runs.findIndex((each) => order(each) >= order(run))
  if (at < 0) runs.push(run)
  else runs.splice(at, order(runs[at]!) === order(run) ? 1 : 0, run)
}

async function outcomeOf(script: Script): Promise<Outcome> {
  const { name } = script
  const [file, ...given] = name.split(' ')
  const path = fileURLToPath(new URL(file!, import.meta.url))
  if (!existsSync(path)) return { type: 'left out', script: name, why: 'there is no such script' }
  if (script.isLong && !values.long && only === undefined) {
    return { type: 'left out', script: name, why: 'long: `npm run bench -- --long` runs it' }
  }
  console.error(`-- ${name}`)
  const flags = [
    ...given,
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
    return { type: 'rows', results: { ...results, script: name } }
  } catch (error) {
    return { type: 'failed', script: name, why: (error as Error).message }
  }
}
