/** How a person's own `ssh` reaches a host as we do: what a file given by `--ssh-config`, or a port, adds to its name. */
import { ownConfig } from './own-config.ts'
import {
  ownSurroundings,
  type SshSettings,
  type SshSurroundings,
  splitTarget,
  sshSettings,
} from './settings.ts'

/**
 * Arguments for `ssh` and `ssh-copy-id`, the host last. `ssh -F FILE` would do without `~/.ssh/config`, which we read
 * as well; so what the file says is said by options.
 *
 * @param target as the scenario names the host
 * @param own the user's own configuration
 * @param used what we read, that included
 */
export function sshArguments(
  target: string,
  own: SshSurroundings,
  used: SshSurroundings,
): readonly string[] {
  const { host } = splitTarget(target)
  const [known, wanted] = [sshSettings(host, own), sshSettings(target, used)]
  const port = wanted.port === known.port ? [] : ['-p', String(wanted.port)]
  return [...port, ...optionsOf(known, wanted).flatMap((option) => ['-o', option]), host]
}

/** The command that reaches a host, the host last. */
export function sshTo({
  sshCommand,
  sshConfig,
}: {
  readonly sshCommand: readonly string[] | null
  readonly sshConfig: string | null
}): (host: string) => readonly string[] {
  if (sshCommand !== null) return (host) => [...sshCommand, host]
  const own = ownSurroundings(ownConfig(null))
  const used = sshConfig === null ? own : ownSurroundings(ownConfig(sshConfig))
  return (host) => {
    try {
      return ['ssh', ...sshArguments(host, own, used)]
    } catch {
      return ['ssh', host] // what is wrong with its settings is told where they are used
    }
  }
}

function optionsOf(known: SshSettings, wanted: SshSettings): readonly string[] {
  const keys = wanted.identityFiles.filter((file) => !known.identityFiles.includes(file))
  const knownHosts = [known, wanted].map(({ knownHostsFiles }) => knownHostsFiles[0]!)
  return [
    ...(wanted.hostName === known.hostName ? [] : [`HostName=${wanted.hostName}`]),
    ...(wanted.user === known.user ? [] : [`User=${wanted.user}`]),
    ...keys.map((file) => `IdentityFile=${file}`),
    ...(wanted.jumps.join() === known.jumps.join() ? [] : [`ProxyJump=${wanted.jumps.join()}`]),
    ...(knownHosts[0] === knownHosts[1] ? [] : [`UserKnownHostsFile=${knownHosts[1]}`]),
    ...(wanted.hostKeyAlias === known.hostKeyAlias
      ? []
      : [`HostKeyAlias=${wanted.hostKeyAlias ?? wanted.hostName}`]),
  ]
}
