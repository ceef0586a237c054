/** What `~/.ssh/config` says of a host, as far as tsts heeds it. Source: ssh_config(5). */
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import SSHConfig from 'ssh-config'

export interface SshSettings {
  /** As the scenario names it. */
  readonly host: string
  /** Where to connect. */
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** Private keys in the order in which they are tried; those that are not there are left out by the caller. */
  readonly identityFiles: readonly string[]
  /** Whether only those keys are offered, not all that the agent has. */
  readonly identitiesOnly: boolean
  /** Socket of the agent; null: none is used. */
  readonly agentSocket: string | null
  /** Files with host keys, first the one that a new key is added to. */
  readonly knownHostsFiles: readonly string[]
  /** The name under which the host's key is looked up; null: `hostName` and port. */
  readonly hostKeyAlias: string | null
  /** Hosts to go through, in order; each as `[user@]host[:port]`, looked up in the configuration again. */
  readonly jumps: readonly string[]
}

/** The surroundings that settings depend on. */
export interface SshSurroundings {
  /** Text of `~/.ssh/config`; empty when there is none. */
  readonly config: string
  readonly home: string
  readonly user: string
  /** `SSH_AUTH_SOCK`. */
  readonly agentSocket: string | null
}

export function ownSurroundings(config: string): SshSurroundings {
  const { username } = userInfo()
  const agentSocket = process.env['SSH_AUTH_SOCK'] || null
  return { config, home: homedir(), user: username, agentSocket }
}

/** Keys that OpenSSH tries when nothing is configured. */
const defaultKeys: readonly string[] = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * @param target `[user@]host[:port]`, as in `client/@host` or ProxyJump; what it says wins over the configuration
 * @throws {Error} when the configuration cannot be read, or a value in it is unusable
 */
export function sshSettings(target: string, surroundings: SshSurroundings): SshSettings {
  const { user: givenUser, host, port: givenPort } = splitTarget(target)
  const { home, config } = surroundings
  const found = SSHConfig.parse(config).compute(host, { ignoreCase: true, matchExec: false })
  const text = (name: string): string | null => first(found[name])
  const list = (name: string): readonly string[] => all(found[name])
  const hostName = (text('hostname') ?? host).replaceAll('%h', host)
  const user = givenUser ?? text('user') ?? surroundings.user
  const port = portOf(givenPort ?? text('port') ?? '22', host)
  const tokens = { home, host, hostName, port: String(port), user, local: surroundings.user }
  const path = (value: string): string => expandPath(value, tokens)
  const identities = list('identityfile').filter((file) => file !== 'none')
  const agent = text('identityagent')
  const jump = text('proxyjump')
  const knownHosts = list('userknownhostsfile').flatMap(words).map(path)
  return {
    host,
    hostName,
    port,
    user,
    identityFiles:
      identities.length > 0
        ? identities.map(path)
        : defaultKeys.map((name) => join(home, '.ssh', name)),
    identitiesOnly: text('identitiesonly') === 'yes',
    agentSocket: agentSocketOf(agent, surroundings.agentSocket, path),
    knownHostsFiles: [
      ...(knownHosts.length > 0 ? knownHosts : [join(home, '.ssh/known_hosts')]),
      '/etc/ssh/ssh_known_hosts',
    ],
    hostKeyAlias: text('hostkeyalias'),
    jumps: jump === null || jump === 'none' ? [] : jump.split(',').map((each) => each.trim()),
  }
}

interface Target {
  readonly user: string | null
  readonly host: string
  readonly port: string | null
}

/** `[user@]host[:port]`, the host perhaps an IPv6 address in brackets; `ssh://` may stand before it. */
export function splitTarget(target: string): Target {
  const match =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?|([^:]*:[^:]*:.*?))\/?$/.exec(
      target,
    )
  if (match === null) throw new Error(`"${target}" is no host`)
  const [, user = null, bracketed, name, port = null, address] = match
  // An IPv6 address without brackets has no port behind it.
  return { user, host: bracketed ?? name ?? address!, port }
}

function portOf(text: string, host: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`port "${text}" for ${host} is none`)
}

function agentSocketOf(
  configured: string | null,
  fromEnvironment: string | null,
  path: (value: string) => string,
): string | null {
  if (configured === null || configured === 'SSH_AUTH_SOCK') return fromEnvironment
  return configured === 'none' ? null : path(configured)
}

interface Tokens {
  readonly home: string
  readonly host: string
  readonly hostName: string
  readonly port: string
  readonly user: string
  readonly local: string
}

/** `~` and the percent tokens that paths may have. Source: ssh_config(5), TOKENS. */
function expandPath(path: string, tokens: Tokens): string {
  const { home, host, hostName, port, user, local } = tokens
  const byLetter: { readonly [letter: string]: string } = {
    '%': '%',
    d: home,
    h: hostName,
    n: host,
    p: port,
    r: user,
    u: local,
  }
  return path
    .replace(/^~(?=\/|$)/, home)
    .replace(/%([%dhnpru])/g, (_, letter: string) => byLetter[letter]!)
}

type Found = string | string[] | Record<string, string>[] | undefined

function first(value: unknown): string | null {
  return all(value)[0] ?? null
}

function all(value: unknown): readonly string[] {
  const found = value as Found
  if (found === undefined) return []
  return (Array.isArray(found) ? found : [found]).filter((each) => typeof each === 'string')
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
