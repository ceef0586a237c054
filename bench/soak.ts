/**
 * Claim j: memory stays flat. The realistic session arrives at half of the core's capacity for 10 minutes; resident
 * memory (PSS) of launcher and controller every second; the least-squares slope over the second half has to be within
 * two standard errors of none.
 *
 * `npm run bench:soak -- [--minutes 10] [--json]`
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { playFile } from './support/contenders.ts'
import { median, slopeOf } from './support/figures.ts'
import { memoryOf } from './support/memory.ts'
import { startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { finished, marked, start, withFolder } from './support/processes.ts'
import { print, type Row } from './support/results.ts'
import { assertAllAnswered, okCodes, readSummary, tstsCommand } from './support/run-tsts.ts'
import { closedLoad, forever, scenario } from './support/scenario.ts'
import { scriptedSession } from './support/session.ts'

const thinkSeconds = 0.05
const requestsASession = 5
const probeSeconds = 10
const probeUsers = 400
const sources = 60
const kinds = { launcher: 'launcher.mjs launcher', controller: 'controller/main.js run' } as const
type Kind = keyof typeof kinds
/** Seconds since the first sample, and bytes. */
type Series = (readonly [second: number, bytes: number])[]

const { minutes, json } = options({ minutes: 10 })

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0 })
  const rate = Math.max(1, Math.floor((await capacity(nginx.port, folder)) / 2))
  console.error(`half of capacity: ${rate} sessions/s for ${minutes} minutes`)
  const file = join(folder, 'soak.xml')
  writeFileSync(
    file,
    scenario({
      port: nginx.port,
      sources,
      load: `<arrivalphase phase="1" duration="${Math.round(minutes * 60)}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase>`,
      session: scriptedSession(thinkSeconds),
    }),
  )
  const series = await soak(file, folder)
  const rows = (Object.keys(kinds) as Kind[]).map((kind) => rowOf(kind, series[kind], rate))
  print({ script: 'soak.ts', rows, missing: [] }, json)
})

/** Sessions per second as fast as they go, each on a connection of its own. */
async function capacity(port: number, folder: string): Promise<number> {
  const file = join(folder, 'capacity.xml')
  const closing = '<http_header name="Connection" value="close"/>'
  const session = forever(scriptedSession(thinkSeconds / 10, closing))
  const load = closedLoad(probeUsers, probeSeconds)
  writeFileSync(file, scenario({ port, sources, ...load, session }))
  return (await playFile(file, folder, probeSeconds)).rate / requestsASession
}

async function soak(file: string, folder: string): Promise<{ readonly [K in Kind]: Series }> {
  const logs = mkdtempSync(join(folder, 'soak-'))
  const command = tstsCommand(file, logs)
  const ended = finished(start(1, command), command, okCodes)
  const series: { readonly [K in Kind]: Series } = { launcher: [], controller: [] }
  const startMs = performance.now()
  const sampling = setInterval(() => {
    const processes = marked()
    for (const kind of Object.keys(kinds) as Kind[]) {
      const found = processes.find(({ command }) => command.includes(kinds[kind]))
      const memory = found === undefined ? null : memoryOf(found.pid)
      if (memory !== null) {
        series[kind].push([(performance.now() - startMs) / 1000, memory.pssBytes])
      }
    }
  }, 1000)
  try {
    await ended
  } finally {
    clearInterval(sampling)
  }
  assertAllAnswered(readSummary(logs))
  return series
}

function rowOf(kind: Kind, series: Series, rate: number): Row {
  // Without the users' arrival and leave-taking.
  const whole = series.slice(2, -2)
  const second = whole.slice(Math.floor(whole.length / 2))
  const { slope, standardError } = slopeOf(second)
  const kibAMinute = (bytesASecond: number): number => (bytesASecond * 60) / 1024
  const middle = median(second.map(([, bytes]) => bytes)) / 1024 / 1024
  return {
    claim: 'j',
    what: `${kind}, ${minutes} minutes at ${rate} sessions/s: growth in the second half`,
    unit: 'KiB PSS a minute',
    ours: [kibAMinute(slope)],
    peer: null,
    budget: { of: 'ours', better: 'lower', must: kibAMinute(2 * standardError), wish: null },
    note: `standard error ${kibAMinute(standardError).toFixed(1)}; median ${middle.toFixed(1)} MiB`,
  }
}
