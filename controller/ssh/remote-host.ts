/**
 * Makes a host ready over a shell: finds a Node there and brings the bundle, which stays under its hash.
 *
 * Nothing but a POSIX `sh` is needed besides Node. Scripts go in by standard input, so that it does not matter which
 * shell the user logs in with.
 */
import type { FileOffer } from '../../core/wire/messages.ts'
import type { SpreadTree } from '../spread/tree.ts'
import { fetchTo, type HostTools, sendTo } from './deliver.ts'
import { RemoteGiver } from './giver.ts'
import { bundleFile, type HostFile } from './host-file.ts'
import { type OwnNode, type Platform, platformObstacle } from './own-node.ts'
import { type RemoteShell, runToEnd, shellWord } from './shell.ts'
import { SshError } from './ssh-error.ts'
import { sshFailed, systemSshError } from './system-ssh.ts'

/** The oldest Node that plays. */
export const leastNode: readonly [major: number, minor: number] = [20, 19]

export interface ReadyHost {
  /** Absolute path of Node. */
  readonly node: string
  readonly nodeVersion: string
  /** Absolute path of the bundle. */
  readonly bundle: string
  /** Whether the bundle had to be brought. */
  readonly wasCold: boolean
  /** What was brought; empty: everything was there. */
  readonly brought: readonly Brought[]
}

export interface Brought {
  /** For people. */
  readonly what: string
  /** The host that gave it; null: it was sent from here. */
  readonly from: string | null
  /** That went out from here. */
  readonly sentBytes: number
}

/** What a host may get besides the bundle, and from whom. */
export interface Supply {
  /** This machine's Node, for hosts that have none that plays; null: they are refused. */
  readonly ownNode: (() => Promise<OwnNode>) | null
  /** Hosts that have files give them on; null: all are sent from here. */
  readonly tree: SpreadTree | null
  /** Told of bytes that have gone out; 0: something goes on elsewhere. */
  readonly onBytes: (count: number) => void
}

const noSupply: Supply = { ownNode: null, tree: null, onBytes: () => undefined }

/** Where people have Node, besides PATH; a `*` is expanded by the shell. The last: one that we have sent. */
const nodePlaces: readonly string[] = [
  '/usr/local/bin/node',
  '/usr/bin/node',
  '/opt/node/bin/node',
  '/opt/nodejs/bin/node',
  '"$HOME"/.local/bin/node',
  '"$HOME"/.volta/bin/node',
  '"$HOME"/.nvm/versions/node/*/bin/node',
  '"$HOME"/.local/share/fnm/node-versions/*/installation/bin/node',
  '"$HOME"/.asdf/shims/node',
  '/snap/bin/node',
  '"$HOME"/.cache/tsts/node-*',
]

/**
 * @param bundle what runs there (`dist/launcher.mjs`)
 * @param node path of Node on the host (`--remote-node`); null: it is looked for
 * @throws {SshError} `E_REMOTE_NODE` when there is no Node that plays, `E_REMOTE` when a file cannot be kept
 */
export async function makeReady(
  shell: RemoteShell,
  bundle: Buffer,
  node: string | null,
  supply: Supply = noSupply,
): Promise<ReadyHost> {
  try {
    const file = bundleFile(bundle)
    const found = probed(shell.host, await sh(shell, probeScript(file, node)))
    const supplier = new Supplier(shell, found, supply)
    const chosen =
      found.nodes.find(({ version }) => isSupported(version)) ??
      (await supplier.bringNode(nodeError(shell.host, found.nodes, node), node !== null))
    if (!found.hasBundle) await supplier.bring(file)
    const path = `${found.folder}/${file.path}`
    supplier.giveOn({ node: chosen.path, bundle: path }, file)
    const { brought } = supplier
    return {
      node: chosen.path,
      nodeVersion: chosen.version,
      bundle: path,
      wasCold: !found.hasBundle,
      brought,
    }
  } catch (error) {
    supply.tree?.failed(shell.host)
    throw error
  }
}

interface FoundNode {
  readonly path: string
  readonly version: string
}

/** What was found on a host. */
interface Found {
  readonly nodes: readonly FoundNode[]
  /** Of everything of ours, absolute. */
  readonly folder: string
  readonly hasBundle: boolean
  readonly tools: HostTools
  readonly platform: Platform
  /** By which we reached it; null: it is not known. */
  readonly address: string | null
}

/** Brings one host what it lacks. */
class Supplier {
  readonly brought: Brought[] = []
  readonly #shell: RemoteShell
  readonly #found: Found
  readonly #supply: Supply
  #nodeFile: HostFile | null = null

  constructor(shell: RemoteShell, found: Found, supply: Supply) {
    this.#shell = shell
    this.#found = found
    this.#supply = supply
  }

  /** @param lack what is thrown when none may be sent; `isAsked`: the user said where it is */
  async bringNode(lack: SshError, isAsked: boolean): Promise<FoundNode> {
    const { host } = this.#shell
    if (this.#supply.ownNode === null || isAsked) throw lack
    const { file, version, platform } = await this.#supply.ownNode()
    const obstacle = platformObstacle(platform, this.#found.platform)
    if (obstacle !== null) {
      throw new SshError(
        'E_REMOTE_NODE',
        `${lack.message}; it cannot be sent: ${obstacle}`,
        lack.hint,
      )
    }
    await this.bring(file)
    this.#nodeFile = file
    const path = `${this.#found.folder}/${file.path}`
    const { stdout, stderr, code } = await runToEnd(this.#shell, `${shellWord(path)} --version`)
    if (code === 0 && stdout.trim() === `v${version}`) return { path, version }
    const why = (stderr.trim() || `exit code ${code}`).split('\n')[0]!
    const hint =
      'run tsts with the Node of nodejs.org, which needs no libraries, or install it there'
    const text = `the Node of this machine does not start on ${host}: ${why}`
    throw new SshError('E_REMOTE_NODE', text, hint)
  }

  async bring(file: HostFile): Promise<void> {
    const { tools, folder } = this.#found
    let sentBytes = 0
    const send = async (): Promise<void> => {
      sentBytes = await sendTo(this.#shell, folder, file, tools, this.#supply.onBytes)
    }
    const fetch = async (offer: FileOffer): Promise<void> => {
      await fetchTo(this.#shell, folder, file, tools, offer, () => this.#supply.onBytes(0))
    }
    const { tree } = this.#supply
    const { host } = this.#shell
    let from: string | null = null
    if (tree === null || tools.fetcher === null) await send()
    else from = await tree.bring(host, file.sha256, { fetch, send })
    this.brought.push({ what: file.what, from, sentBytes })
  }

  giveOn(program: { readonly node: string; readonly bundle: string }, bundle: HostFile): void {
    const { tree } = this.#supply
    if (tree === null) return
    const { folder, address } = this.#found
    const files = this.#nodeFile === null ? [bundle] : [bundle, this.#nodeFile]
    const paths = new Map(files.map(({ sha256, path }) => [sha256, `${folder}/${path}`]))
    const giver = address === null ? null : new RemoteGiver(this.#shell, program, paths)
    tree.ready(this.#shell.host, giver, [...paths.keys()])
  }
}

/** Prints each Node that there is with its version, what the host can do, and whether the bundle is there. */
function probeScript({ path, sha256 }: HostFile, node: string | null): string {
  const places = node === null ? nodePlaces : []
  const own = node === null ? '"$(command -v node 2>/dev/null)"' : shellWord(node)
  const [major, minor] = leastNode
  // The first that is new enough ends the search: a Node may take long to start.
  return `
for n in ${[own, ...places].join(' ')}; do
  [ -x "$n" ] && v=$("$n" --version 2>/dev/null) && echo "node $n $v" || continue
  x=\${v#v}; M=\${x%%.*}; r=\${x#*.}; m=\${r%%.*}
  { [ "$M" -gt ${major} ] || { [ "$M" -eq ${major} ] && [ "$m" -ge ${minor} ]; }; } 2>/dev/null && break
done
d="$HOME"/.cache/tsts
echo "folder $d"
f="$d"/${path}
if [ -f "$f" ] && [ "$(sha256sum < "$f" 2>/dev/null | cut -d' ' -f1)" = ${sha256} ]; then echo present; fi
echo "system $(uname -sm 2>/dev/null)"
echo "library $(getconf GNU_LIBC_VERSION 2>/dev/null)"
for tool in gzip bash curl; do command -v $tool >/dev/null 2>&1 && echo "tool $tool"; done
echo "connection $SSH_CONNECTION"
exit 0
`
}

function probed(host: string, text: string): Found {
  const lines = text.split('\n')
  const said = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
  const folder = said('folder')[0]
  if (folder === undefined) throw new SshError('E_REMOTE', `${host} told no folder: ${text}`)
  const tools = said('tool')
  const nodes = said('node').flatMap((line) => {
    const match = /^(.+) v(\S+)$/.exec(line)
    return match === null ? [] : [{ path: match[1]!, version: match[2]! }]
  })
  return {
    nodes,
    folder,
    hasBundle: lines.includes('present'),
    tools: {
      hasGzip: tools.includes('gzip'),
      fetcher: tools.includes('bash') ? 'bash' : tools.includes('curl') ? 'curl' : null,
    },
    platform: {
      system: said('system')[0] ?? '',
      glibc: /^glibc (\S+)/.exec(said('library')[0] ?? '')?.[1] ?? null,
    },
    address: said('connection')[0]?.split(' ')[2] ?? null,
  }
}

/** Runs a script and returns what it printed. */
async function sh(shell: RemoteShell, script: string): Promise<string> {
  const { stdout, stderr, code } = await runToEnd(shell, 'sh', script)
  if (code === 0) return stdout
  if (code === sshFailed) throw systemSshError(shell.host, stderr)
  const why = stderr.trim() || `exit code ${code}`
  throw new SshError('E_REMOTE', `${shell.host} cannot be looked at: ${why}`)
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
}

function nodeError(
  host: string,
  nodes: readonly { readonly path: string; readonly version: string }[],
  asked: string | null,
): SshError {
  const least = leastNode.join('.')
  const hint = 'install it, say where it is (--remote-node PATH), or let ours be sent (--send-node)'
  if (nodes.length > 0) {
    const found = nodes.map(({ path, version }) => `${path} is ${version}`).join(', ')
    return new SshError('E_REMOTE_NODE', `${host} has no Node >= ${least}: ${found}`, hint)
  }
  const where = asked === null ? 'neither in PATH nor in the usual places' : `not at ${asked}`
  return new SshError('E_REMOTE_NODE', `${host} has no Node: ${where}`, hint)
}
