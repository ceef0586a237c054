/** Removes what tsts has put on a host, but nothing that still runs. */
import { type RemoteShell, runToEnd } from './shell.ts'
import { SshError } from './ssh-error.ts'
import { sshFailed, systemSshError } from './system-ssh.ts'

export interface Cleaned {
  readonly bundles: number
  readonly nodes: number
  /** Folders of runs that nobody leads any more. */
  readonly runs: number
  /** Halves of files, and what else was there. */
  readonly others: number
  /** On the disk. */
  readonly bytes: number
  /** Names of runs that go on: they, their bundle and their Node stay. */
  readonly living: readonly string[]
  /** What could not be removed. */
  readonly stuck: readonly string[]
}

/** @throws {SshError} when the host cannot be looked at */
export async function cleanHost(shell: RemoteShell): Promise<Cleaned> {
  const { stdout, stderr, code } = await runToEnd(shell, 'sh', cleanScript('"$HOME"/.cache/tsts'))
  if (code === 0) return cleanedFrom(stdout)
  if (code === sshFailed) throw systemSshError(shell.host, stderr)
  const why = stderr.trim() || `exit code ${code}`
  throw new SshError('E_REMOTE', `${shell.host} cannot be cleaned: ${why}`)
}

/**
 * A script for a POSIX shell; it prints a line for each thing that it removes, or lets be.
 *
 * What a living process has in its command line is in use: an agent names its run, its bundle and its Node there.
 *
 * @param folder as the shell expands it
 * @param runs patterns of folders of runs elsewhere, as the shell expands them
 */
export function cleanScript(folder: string, runs: string = ''): string {
  return `
d=${folder}
if [ -r /proc/self/cmdline ]; then
  used=$(for p in /proc/[0-9]*; do { tr '\\0' ' ' < "$p/cmdline"; } 2>/dev/null; echo; done)
else
  used=$(ps -A -o args= 2>/dev/null)
fi
case $used in *sh*) ;; *) echo "its processes cannot be listed" >&2; exit 1;; esac
remove() {
  [ -e "$2" ] || return 0
  case $used in *"$2 "*|*"$2/"*) echo "living $1 \${2##*/}"; return 0;; esac
  kb=$(du -sk "$2" 2>/dev/null | cut -f1)
  if rm -rf "$2" 2>/dev/null; then echo "removed $1 \${kb:-0}"; else echo "stuck $2"; fi
}
for e in "$d"/runs/*${runs === '' ? '' : ` ${runs}`}; do remove run "$e"; done
for e in "$d"/* "$d"/.[!.]*; do
  case \${e##*/} in
    runs) rmdir "$e" 2>/dev/null;;
    node-*) remove node "$e";;
    ${'[0-9a-f]'.repeat(8)}*) remove bundle "$e";;
    *) remove other "$e";;
  esac
done
rmdir "$d" 2>/dev/null
exit 0
`
}

export function cleanedFrom(text: string): Cleaned {
  const counts = { run: 0, node: 0, bundle: 0, other: 0 }
  const living: string[] = []
  const stuck: string[] = []
  let bytes = 0
  for (const line of text.split('\n')) {
    const [did, what = '', ...rest] = line.split(' ')
    if (did === 'removed' && what in counts) {
      counts[what as keyof typeof counts]++
      bytes += Number(rest[0]) * 1024
    } else if (did === 'living' && what === 'run') living.push(rest.join(' '))
    else if (did === 'stuck') stuck.push([what, ...rest].join(' '))
  }
  const { run: runs, node: nodes, bundle: bundles, other: others } = counts
  return { bundles, nodes, runs, others, bytes, living, stuck }
}
