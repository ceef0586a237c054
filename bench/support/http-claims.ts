/** The scripts whose claim is one request again and again: tsts and all peers in turn, nginx as the target. */
import { contenders, type HttpLoad } from './contenders.ts'
import { paths, startNginx } from './nginx.ts'
import { compare } from './pairs.ts'
import { absent, peerNames } from './peers.ts'
import { withFolder } from './processes.ts'
import { type Budget, print, type Row } from './results.ts'

export interface HttpClaim {
  readonly claim: string
  readonly what: string
  /** What differs from keep-alive GETs of 13 bytes without TLS. */
  readonly load: Partial<HttpLoad> & Pick<HttpLoad, 'users'>
  /** By the peer's name. */
  readonly budgets?: { readonly [peer: string]: Budget }
}

export interface Rounds {
  readonly pairs: number
  /** Of one round. */
  readonly seconds: number
  readonly json: boolean
}

/** nginx on core 0, the client on core 1; prints the rows. */
export async function playClaims(
  script: string,
  claims: readonly HttpClaim[],
  { pairs, seconds, json }: Rounds,
): Promise<void> {
  await withFolder(async (folder) => {
    const nginx = await startNginx(folder, { core: 0, tls: claims.some(({ load }) => load.tls) })
    const rows: Row[] = []
    const missing = [...absent(peerNames)]
    for (const { claim, what, load, budgets = {} } of claims) {
      const port = load.tls ? nginx.tlsPort : nginx.port
      const plain = { path: paths.hello, tls: false, close: false, bodyBytes: 0 }
      const compared = await compare({
        claim,
        what,
        contenders: contenders({ ...plain, ...load, seconds, port }, folder, peerNames),
        nginx,
        pairs,
        budgets,
      })
      rows.push(...compared.rows)
      missing.push(...compared.failed)
    }
    print({ script, rows, missing }, json)
  })
}
