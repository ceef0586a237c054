/**
 * Makes a host ready over a shell: finds a Node there and brings the bundle, which stays under its hash.
 *
 * Nothing but a POSIX `sh` is needed besides Node. Scripts go in by standard input, so that it does not matter which
 * shell the user logs in with.
 */
import { createHash } from 'node:crypto'
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
}

/** Where people have Node, besides PATH; a `*` is expanded by the shell. */
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
]

/** Everything of ours on a host is below it. */
const remoteFolder = '"$HOME"/.cache/tsts'

/**
 * @param bundle what runs there (`dist/launcher.mjs`)
 * @param node path of Node on the host (`--remote-node`); null: it is looked for
 * @throws {SshError} `E_REMOTE_NODE` when there is no Node that plays, `E_REMOTE` when the bundle cannot be kept
 */
export async function makeReady(
  shell: RemoteShell,
  bundle: Buffer,
  node: string | null,
): Promise<ReadyHost> {
  const hash = createHash('sha256').update(bundle).digest('hex')
  const found = await sh(shell, probeScript(hash, node))
  const lines = found.split('\n')
  const nodes = lines.flatMap((line) => {
    const match = /^node (\S+) v(.+)$/.exec(line)
    return match === null ? [] : [{ path: match[1]!, version: match[2]! }]
  })
  const chosen = nodes.find(({ version }) => isSupported(version))
  if (chosen === undefined) throw nodeError(shell.host, nodes, node)
  const path = /^bundle (.+)$/m.exec(found)?.[1]
  if (path === undefined) throw new SshError('E_REMOTE', `${shell.host} told no folder: ${found}`)
  const isThere = lines.includes('present')
  if (!isThere) await bring(shell, bundle, hash, path)
  return { node: chosen.path, nodeVersion: chosen.version, bundle: path, wasCold: !isThere }
}

/** Prints each Node that there is with its version, where the bundle belongs, and whether it is there. */
function probeScript(hash: string, node: string | null): string {
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
f=${remoteFolder}/${hash}/launcher.mjs
echo "bundle $f"
if [ -f "$f" ] && [ "$(sha256sum < "$f" 2>/dev/null | cut -d' ' -f1)" = ${hash} ]; then echo present; fi
exit 0
`
}

/** The bundle is written beside its place and then moved, so that a cut leaves no half of it. */
async function bring(
  shell: RemoteShell,
  bundle: Buffer,
  hash: string,
  path: string,
): Promise<void> {
  const script =
    `umask 077; f=${shellWord(path)}; mkdir -p "$(dirname "$f")" && ` +
    `cat > "$f.$$" && mv -f "$f.$$" "$f" && sha256sum < "$f"`
  const { stdout, stderr, code } = await runToEnd(shell, `sh -c ${shellWord(script)}`, bundle)
  if (code === 0 && stdout.startsWith(hash)) return
  if (code === sshFailed) throw systemSshError(shell.host, stderr)
  const why = stderr.trim() || `exit code ${code}`
  throw new SshError('E_REMOTE', `${shell.host} does not keep the bundle in ${path}: ${why}`)
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
  const hint = 'install it, or say where it is: --remote-node PATH'
  if (nodes.length > 0) {
    const found = nodes.map(({ path, version }) => `${path} is ${version}`).join(', ')
    return new SshError('E_REMOTE_NODE', `${host} has no Node >= ${least}: ${found}`, hint)
  }
  const where = asked === null ? 'neither in PATH nor in the usual places' : `not at ${asked}`
  return new SshError('E_REMOTE_NODE', `${host} has no Node: ${where}`, hint)
}
