/**
 * Claim b: sessions (connect, one GET, close) per second of one core beside the peers: nginx on core 0, the client on
 * core 1, at the highest rate; tsts and Tsung use 60 source addresses.
 *
 * `npm run bench:sessions -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { playClaims } from './support/http-claims.ts'
import { options } from './support/options.ts'

const { users, ...rounds } = options({ pairs: 5, seconds: 5, users: 50 })

await playClaims(
  'sessions.ts',
  [
    {
      claim: 'b',
      what: `connect, GET, close, ${users} users`,
      load: { users, close: true },
      budgets: { tsung: { of: 'ratio', better: 'higher', must: 1.8, wish: 2.5 } },
    },
  ],
  rounds,
)
