/**
 * Claim e: TLS 1.3 beside the peers: requests per second on connections that stay, and new connections per second, each
 * a full handshake (P-256, no resumption) with one GET.
 *
 * `npm run bench:tls -- [--pairs 5] [--seconds 5] [--users 50] [--json]`
 */
import { playClaims } from './support/http-claims.ts'
import { options } from './support/options.ts'

const { users, ...rounds } = options({ pairs: 5, seconds: 5, users: 50 })

await playClaims(
  'tls.ts',
  [
    { claim: 'e', what: `keep-alive GET by TLS, ${users} users`, load: { users, tls: true } },
    {
      claim: 'e',
      what: `TLS connect, GET, close, ${users} users`,
      load: { users, tls: true, close: true },
    },
  ],
  rounds,
)
