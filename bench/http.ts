/**
 * Claim a: keep-alive requests per second of one core beside wrk, h2load, hey, autocannon, locust and Tsung. nginx on
 * core 0, the client on core 1, no think time, all in turn in the same run; 50 users, then 1,000.
 *
 * `npm run bench:http -- [--pairs 5] [--seconds 5] [--users N] [--json]`
 */
import { contenders } from './support/contenders.ts'
import { paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { absent, peerNames } from './support/peers.ts'
import { withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'

const budgets: { readonly [peer: string]: Budget } = {
  wrk: { of: 'ratio', better: 'higher', must: 0.75, wish: 0.9 },
  tsung: { of: 'ratio', better: 'higher', must: 2.5, wish: 3.5 },
}

const { pairs, seconds, users, json } = options({ pairs: 5, seconds: 5, users: Infinity })

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0 })
  const rows: Row[] = []
  const missing = [...absent(peerNames)]
  for (const count of Number.isFinite(users) ? [users] : [50, 1000]) {
    const load = {
      users: count,
      seconds,
      port: nginx.port,
      path: paths.hello,
      tls: false,
      close: false,
      bodyBytes: 0,
    }
    const compared = await compare({
      claim: 'a',
      what: `keep-alive GET, ${count} users`,
      contenders: contenders(load, folder, peerNames),
      nginx,
      pairs,
      seconds,
      // The budget is asked at 50 users.
      budgets: count === 50 ? budgets : {},
    })
    rows.push(...compared.rows)
    missing.push(...compared.failed)
  }
  print({ script: 'http.ts', rows, missing }, json)
})
