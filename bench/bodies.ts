/**
 * Claim d: POST with a body of 1 KB, and answers of 16 KB, per second of one core beside the peers.
 *
 * `npm run bench:bodies -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { playClaims } from './support/http-claims.ts'
import { paths } from './support/nginx.ts'
import { options } from './support/options.ts'

const { users, ...rounds } = options({ pairs: 5, seconds: 5, users: 50 })

await playClaims(
  'bodies.ts',
  [
    { claim: 'd', what: `POST of 1 KB, ${users} users`, load: { users, bodyBytes: 1024 } },
    {
      claim: 'd',
      what: `GET of 16 KB, ${users} users`,
      load: { users, path: paths.big },
    },
  ],
  rounds,
)
