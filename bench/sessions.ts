/**
 * Claim b: sessions (connect, one GET, close) per second of one core beside the peers: nginx on core 0, the client on
 * core 1, at the highest rate; tsts and Tsung use 60 source addresses.
 *
 * `npm run bench:sessions -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { contenders } from './support/contenders.ts'
import { paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { absent, peerNames } from './support/peers.ts'
import { withFolder } from './support/processes.ts'
import { print } from './support/results.ts'

const { pairs, seconds, users, json } = options({ pairs: 5, seconds: 5, users: 50 })

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0 })
  const load = {
    users,
    seconds,
    port: nginx.port,
    path: paths.hello,
    tls: false,
    close: true,
    bodyBytes: 0,
  }
  const { rows, failed } = await compare({
    claim: 'b',
    what: `connect, GET, close, ${users} users`,
    contenders: contenders(load, folder, peerNames),
    nginx,
    pairs,
    seconds,
    budgets: { tsung: { of: 'ratio', better: 'higher', must: 1.8, wish: 2.5 } },
  })
  print({ script: 'sessions.ts', rows, missing: [...absent(peerNames), ...failed] }, json)
})
