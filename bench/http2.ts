/**
 * Keep-alive requests per second of one core by HTTP/2: tsts beside h2load, and beside itself by HTTP/1.1. nginx on core
 * 0, the client on core 1, no think time; each user with a connection of its own, then all on one.
 *
 * `npm run bench:http2 -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Contender, playFile, type Round } from './support/contenders.ts'
import { paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { absent, isInstalled } from './support/peers.ts'
import { run, withFolder } from './support/processes.ts'
import { print, type Row } from './support/results.ts'
import { closedLoad, forever, scenario } from './support/scenario.ts'

const { users, pairs, seconds, json } = options({ pairs: 5, seconds: 5, users: 50 })
const clientCore = 1

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0, http2: true })
  const rows: Row[] = []
  const missing = [...absent(['h2load'])]
  for (const [what, shared] of [
    [`HTTP/2 keep-alive GET, ${users} users with a connection each`, 1],
    [`HTTP/2 keep-alive GET, ${users} users on one connection`, users],
  ] as const) {
    const compared = await compare({
      claim: 'h2',
      what,
      contenders: [
        tsts('tsts', folder, nginx.http2Port, http2(shared)),
        tsts('tsts by HTTP/1.1', folder, nginx.port, ''),
        ...(isInstalled('h2load') ? [h2load(nginx.http2Port, users / shared, shared)] : []),
      ],
      nginx,
      pairs,
      budgets: {},
    })
    rows.push(...compared.rows)
    missing.push(...compared.failed)
  }
  print({ script: 'http2.ts', rows, missing }, json)
})

function http2(shared: number): string {
  const option = (name: string, value: number): string =>
    `<option type="ts_http" name="${name}" value="${value}"/>`
  return option('http_version', 2) + option('http2_users_per_connection', shared)
}

function tsts(name: string, folder: string, port: number, options: string): Contender {
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.xml`)
  const session = forever(`<request><http url="${paths.hello}" method="GET"/></request>`)
  return {
    name,
    run: () => {
      writeFileSync(file, scenario({ port, options, ...closedLoad(users, seconds), session }))
      return playFile(file, folder, seconds)
    },
  }
}

function h2load(port: number, connections: number, streams: number): Contender {
  return {
    name: 'h2load',
    run: async (): Promise<Round> => {
      const { output, cpuMs } = await run(clientCore, [
        'h2load',
        '-t1',
        `-c${connections}`,
        `-m${streams}`,
        `-D${seconds}`,
        `http://127.0.0.1:${port}${paths.hello}`,
      ])
      const numberIn = (pattern: RegExp): number => Number(pattern.exec(output)?.[1])
      return {
        rate: numberIn(/finished in [^,]+, ([\d.]+) req\/s/),
        answers: numberIn(/(\d+) 2xx/),
        cpuMs,
      }
    },
  }
}
