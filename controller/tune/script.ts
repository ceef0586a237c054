/** The settings as a shell script for whoever runs `tsts`: it goes to each host, and can undo what it did. */
import { shellWord } from '../ssh/shell.ts'
import { limitsFile, limitsLine, type Tuning } from './settings.ts'

/** Hosts that get the same. */
export interface TunedHosts {
  /** In the scenario's order; empty: this machine alone. */
  readonly hosts: readonly string[]
  readonly isLocal: boolean
  readonly tuning: Tuning
}

export const sysctlFile = '/etc/sysctl.d/90-tsts.conf'
export const systemdFile = '/etc/systemd/system.conf.d/90-tsts.conf'
/** What the settings were before. */
export const undoFile = '/var/lib/tsts-tune.undo'

/**
 * @param scenario its file's name, for the comment at the top
 * @param sshTo the words of a command that reaches a host, the host last
 */
export function tuneScript(
  scenario: string,
  groups: readonly TunedHosts[],
  sshTo: (host: string) => readonly string[] = (host) => ['ssh', host],
): string {
  const remote = groups.filter(({ isLocal }) => !isLocal).flatMap(({ hosts }) => hosts)
  const parts = groups.map(groupText)
  return `#!/bin/sh
# Settings that ${scenario.replace(/[^\w.@-]/g, '?')} needs of its hosts, made by tsts tune.
#   sh tune.sh        sets them, now and for every start to come; it may be run again
#   sh tune.sh undo   takes everything back
# SSH is the program that reaches the hosts (default: ssh). The login has to be root's, or one that sudo takes without a password.
set -eu
mode=\${1:-apply}
case $mode in apply | undo) ;; *) echo "usage: sh $0 [undo]" >&2; exit 2 ;; esac

${reachText(remote, sshTo)}
# On HOST the script on standard input is run as root.
# shellcheck disable=SC2016 # the id is that of the host
on() { # HOST
  as_root='if [ "$(id -u)" = 0 ]; then exec sh -s "$@"; else exec sudo -n sh -s "$@"; fi'
  echo "== $1" >&2
  if [ "$1" = localhost ]; then
    sh -c "$as_root" sh "$mode"
  else
    reach "$1" "sh -c '$as_root' sh $mode"
  fi
}
${parts.join('')}`
}

/** Hosts that their name alone does not lead to have their options. */
function reachText(hosts: readonly string[], sshTo: (host: string) => readonly string[]): string {
  const cases = hosts.flatMap((host) => {
    const [, ...args] = sshTo(host)
    if (args.length === 1 && args[0] === host) return []
    return [`    ${shellName(host)}) set -- ${args.map(shellName).join(' ')} "$2" ;;\n`]
  })
  const ways = cases.length === 0 ? '' : `  case $1 in\n${cases.join('')}  esac\n`
  return `# shellcheck disable=SC2086 # SSH may have arguments
reach() { # HOST COMMAND
${ways}  \${SSH:-ssh} "$@"
}
`
}

function groupText({ hosts, isLocal, tuning }: TunedHosts): string {
  const names = isLocal ? ['localhost'] : hosts
  const notes = tuning.notes.map((note) => `# ${note}\n`).join('')
  if (tuning.sysctls.length === 0 && tuning.descriptors === null) {
    return `\n# ${names.join(' ')}: Linux's own settings are enough.\n${notes}`
  }
  const settings = `<<'SETTINGS'\n${hostScript(tuning)}SETTINGS\n`
  const [only, ...more] = names.map(shellName)
  if (more.length === 0) return `\n${notes}on ${only} ${settings}`
  return `\n${notes}for host in ${[only, ...more].join(' ')}; do\n  on "$host" ${settings}done\n`
}

/** What runs on the host, as root; \`$1\` is \`apply\` or \`undo\`. */
export function hostScript({ sysctls, descriptors }: Tuning): string {
  const lines = sysctls.flatMap(({ name, value, isLeast, reason }) => [
    `# ${reason}`,
    `${isLeast ? 'at_least' : 'set_to'} ${name} ${shellWord(value)}`,
  ])
  return `set -eu
undo=${undoFile}
if [ "$1" = undo ]; then
  if [ -f "$undo" ]; then sysctl -e -p "$undo"; fi
  changed=
  for file in ${sysctlFile} ${limitsFile} ${systemdFile}; do
    if [ -f "$file" ]; then rm "$file"; echo "$file is gone"; changed=yes; fi
  done
  if [ -z "$changed" ]; then echo "nothing of ours was set"; fi
  rm -f "$undo"
  exit 0
fi
changed=
mkdir -p ${sysctlFile.replace(/\/[^/]*$/, '')} ${undoFile.replace(/\/[^/]*$/, '')}
: > ${sysctlFile}
keep() { # NAME: how it was before the first time
  grep -qs "^$1 *=" "$undo" || sysctl -e "$1" >> "$undo"
}
set_to() { # NAME VALUE
  keep "$1"
  echo "$1 = $2" >> ${sysctlFile}
  changed=yes
}
at_least() { # NAME VALUE
  now=$(sysctl -n -e "$1")
  if [ -n "$now" ] && [ "\${#now}" -lt 19 ] && [ "$now" -le "$2" ]; then set_to "$1" "$2"; fi
}
${lines.length === 0 ? '' : `${lines.join('\n')}\n`}if [ -s ${sysctlFile} ]; then sysctl -e -p ${sysctlFile}; else rm ${sysctlFile}; fi
${descriptors === null ? '' : limitsText(descriptors)}if [ -z "$changed" ]; then echo "it has what it needs"; fi
`
}

function limitsText({ limit, reason }: NonNullable<Tuning['descriptors']>): string {
  const systemd = systemdFile.replace(/\/[^/]*$/, '')
  return `# ${reason}: logins get it from the next one on, services from the next start of the host on
has=$(ulimit -Hn)
if [ "$has" != unlimited ] && [ "$has" -lt ${limit} ]; then
  mkdir -p ${limitsFile.replace(/\/[^/]*$/, '')}
  cat > ${limitsFile} <<'LIMITS'
${limitsLine('*', limit)}
${limitsLine('root', limit)}
LIMITS
  changed=yes
  echo "nofile = ${limit} from the next login on (it was $has)"
fi
if [ -d /run/systemd/system ] && [ "$has" != unlimited ] && [ "$has" -lt ${limit} ]; then
  mkdir -p ${systemd}
  printf '[Manager]\\nDefaultLimitNOFILE=%s\\n' ${limit} > ${systemdFile}
  systemctl daemon-reexec
fi
`
}

function shellName(host: string): string {
  return /^[\w.:@=/,[\]-]+$/.test(host) && !host.includes('[') ? host : shellWord(host)
}
