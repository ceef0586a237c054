/** The way to another host's agent: a shell there, in which everything that a relay needs is made ready. */
import { makeReady, type ReadyHost, type Supply } from '../ssh/remote-host.ts'
import { type RemoteShell, shellWord } from '../ssh/shell.ts'
import type { Way } from './transport.ts'

export interface RemoteOptions {
  readonly host: string
  /** Opens the shell. @throws {SshError} */
  readonly open: () => Promise<RemoteShell>
  /** What runs on the host. */
  readonly bundle: Buffer
  /** Path of Node there; null: it is looked for. */
  readonly node: string | null
  /** What the host may get besides the bundle, and from whom. */
  readonly supply: Supply
  /** Name of the run, unique on the host; letters, digits and `-`. */
  readonly run: string
}

/** Opens ways to a host; what was found out the first time is not asked again. */
export function remoteWays(options: RemoteOptions): () => Promise<Way> {
  let ready: ReadyHost | null = null
  return async () => {
    const shell = await opened(options)
    try {
      ready ??= await makeReady(shell, options.bundle, options.node, options.supply)
    } catch (error) {
      shell.close()
      throw error
    }
    const { node, bundle } = ready
    const folder = bundle.replace(/\/[^/]+\/[^/]+$/, `/runs/${options.run}`)
    return {
      run: (role) => shell.run(`exec ${[node, bundle, role, folder].map(shellWord).join(' ')}`),
      lost: shell.lost,
      close: () => shell.close(),
    }
  }
}

/** Nobody waits for a host that cannot be reached. */
async function opened({ open, supply, host }: RemoteOptions): Promise<RemoteShell> {
  try {
    return await open()
  } catch (error) {
    supply.tree?.failed(host)
    throw error
  }
}
