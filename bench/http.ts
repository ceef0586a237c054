/**
 * Claim a: keep-alive requests per second of one core beside wrk, h2load, hey, autocannon, locust and Tsung. nginx on
 * core 0, the client on core 1, no think time, all in turn in the same run; 50 users, then 1,000.
 *
 * `npm run bench:http -- [--pairs 5] [--seconds 5] [--users N] [--json]`
 */
import { playClaims } from './support/http-claims.ts'
import { options } from './support/options.ts'
import type { Budget } from './support/results.ts'

const budgets: { readonly [peer: string]: Budget } = {
  wrk: { of: 'ratio', better: 'higher', must: 0.75, wish: 0.9 },
  tsung: { of: 'ratio', better: 'higher', must: 2.5, wish: 3.5 },
}

const { users, ...rounds } = options({ pairs: 5, seconds: 5, users: Infinity })
const counts = Number.isFinite(users) ? [users] : [50, 1000]

await playClaims(
  'http.ts',
  counts.map((count) => ({
    claim: 'a',
    what: `keep-alive GET, ${count} users`,
    load: { users: count },
    // Asked at 50 users only.
    budgets: count === 50 ? budgets : {},
  })),
  rounds,
)
