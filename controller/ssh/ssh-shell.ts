/** A host over ssh2: name, key and login checked, through its jump hosts if it has some. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import {
  fingerprint,
  hostKeyState,
  type KnownHostsFile,
  keyTypeOf,
  knownHostLine,
  knownKeyTypes,
  lookupName,
} from './known-hosts.ts'
import { Login } from './login.ts'
import { type SshSettings, type SshSurroundings, sshSettings } from './settings.ts'
import type { RemoteEnd, RemoteProcess, RemoteShell, SshOptions } from './shell.ts'
import { SshError } from './ssh-error.ts'

/** Jump hosts that may stand behind each other. */
const maxJumps = 8

/**
 * @param target `[user@]host[:port]`
 * @throws {SshError} when the host cannot be reached, is not the one it should be, or refuses the login
 */
export async function openSshShell(
  target: string,
  surroundings: SshSurroundings,
  options: SshOptions,
): Promise<RemoteShell> {
  const route = routeTo(sshSettings(target, surroundings), surroundings, 0)
  const clients: Client[] = []
  try {
    let through: Duplex | null = null
    for (const [index, settings] of route.entries()) {
      const client = await connect(settings, through, options)
      clients.push(client)
      const next = route[index + 1]
      through = next === undefined ? null : await forward(client, settings, next)
    }
    return new SshShell(target, clients)
  } catch (error) {
    for (const client of clients) client.destroy()
    throw error
  }
}

/** The hosts to connect to, one after the other; the last is the target. */
function routeTo(
  settings: SshSettings,
  surroundings: SshSurroundings,
  depth: number,
): readonly SshSettings[] {
  if (depth > maxJumps) {
    throw new SshError('E_SSH_UNREACHABLE', `ProxyJump of ${settings.host} leads in a circle`)
  }
  const [first, ...rest] = settings.jumps
  if (first === undefined) return [settings]
  const jumps = [
    ...routeTo(sshSettings(first, surroundings), surroundings, depth + 1),
    ...rest.map((jump) => sshSettings(jump, surroundings)),
  ]
  return [...jumps, settings]
}

class SshShell implements RemoteShell {
  readonly host: string
  readonly lost: Promise<string>
  readonly #clients: readonly Client[]
  #closing = false

  constructor(host: string, clients: readonly Client[]) {
    this.host = host
    this.#clients = clients
    this.lost = new Promise((resolve) => {
      for (const client of clients) {
        let why = 'the connection was closed by the host'
        client.on('error', (error) => {
          why = `the connection broke: ${error.message}`
        })
        client.on('close', () => resolve(this.#closing ? '' : why))
      }
    })
  }

  run(command: string): Promise<RemoteProcess> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new SshError('E_SSH_LOST', `${this.host} starts no command: ${why}`))
      try {
        this.#clients.at(-1)!.exec(command, (error, channel) => {
          if (error) fail(error.message)
          else resolve(processOf(channel))
        })
      } catch (error) {
        fail((error as Error).message)
      }
    })
  }

  close(): void {
    this.#closing = true
    // Without a farewell, which a host that does not answer any more would never take.
    for (const client of this.#clients.toReversed()) client.destroy()
  }
}

function processOf(channel: ClientChannel): RemoteProcess {
  let end: RemoteEnd = { code: null, signal: null }
  channel.on('exit', (code: number | null, signal?: string) => {
    end = { code, signal: signal ?? null }
  })
  const ended = new Promise<RemoteEnd>((resolve) => channel.on('close', () => resolve(end)))
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended }
}

function connect(
  settings: SshSettings,
  through: Duplex | null,
  options: SshOptions,
): Promise<Client> {
  const { host, hostName, port, user } = settings
  const login = new Login(settings, options)
  const keys = new HostKeys(settings, options)
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const config: ConnectConfig = {
      username: user,
      readyTimeout: options.loginMs,
      authHandler: login.handler,
      algorithms: keys.algorithms,
      hostVerifier: (key: Buffer) => keys.accepts(key),
      ...(through === null ? { host: hostName, port } : { sock: through }),
    }
    const onError = (error: Error & { readonly level?: string; readonly code?: string }): void => {
      reject(keys.refusal ?? explained(error, settings, login.tried))
      client.destroy()
    }
    // After the login, or the refusal, nobody listens to these: a later error is told with the loss.
    client.on('error', onError)
    client.once('close', () => onError(new Error('closed before the login')))
    client.once('ready', () => {
      // A probe of a clock must not wait for an acknowledgement of what went before.
      client.setNoDelay(true)
      resolve(client)
    })
    try {
      client.connect(config)
    } catch (error) {
      reject(new SshError('E_SSH_PROTOCOL', `${host}: ${(error as Error).message}`))
    }
  })
}

function forward(client: Client, from: SshSettings, to: SshSettings): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, to.hostName, to.port, (error, channel) => {
      if (error === undefined) resolve(channel)
      else {
        const text = `${to.host} cannot be reached through ${from.host}: ${error.message}`
        reject(new SshError('E_SSH_UNREACHABLE', text))
      }
    })
  })
}

function explained(
  error: Error & { readonly level?: string; readonly code?: string },
  { host, hostName, port, user }: SshSettings,
  tried: string,
): SshError {
  const at = host === hostName ? `${host}:${port}` : `${host} (${hostName}:${port})`
  if (error.level === 'client-timeout') {
    const hint = 'does a server of SSH listen there, and is the host alive?'
    return new SshError('E_SSH_TIMEOUT', `${at} did not get as far as a login in time`, hint)
  }
  if (error.level === 'client-authentication') {
    const hint = `try: ssh -p ${port} ${user}@${hostName}`
    return new SshError('E_SSH_LOGIN', `${at} lets ${user} not in; tried ${tried}`, hint)
  }
  if (error.code !== undefined) {
    const hint = `try: ssh -p ${port} ${user}@${hostName}`
    return new SshError('E_SSH_UNREACHABLE', `${at}: ${error.message}`, hint)
  }
  return new SshError('E_SSH_PROTOCOL', `${at}: ${error.message}`)
}

/** Judges the key that a host shows. */
class HostKeys {
  readonly algorithms: NonNullable<ConnectConfig['algorithms']>
  /** Why the key was refused, if it was. */
  refusal: SshError | null = null
  readonly #settings: SshSettings
  readonly #acceptNew: boolean
  readonly #files: readonly KnownHostsFile[]
  readonly #name: string

  constructor(settings: SshSettings, { acceptNewHostKeys }: SshOptions) {
    const { hostKeyAlias, hostName, port, knownHostsFiles } = settings
    this.#settings = settings
    this.#acceptNew = acceptNewHostKeys
    this.#files = knownHostsFiles
      .filter((path) => existsSync(path))
      .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    this.#name = hostKeyAlias ?? lookupName(hostName, port)
    // The server is asked for a key of a type that we know, so that a new type of key is no surprise.
    const known = knownKeyTypes(this.#files, this.#name).flatMap(signatureTypes)
    this.algorithms = known.length === 0 ? {} : { serverHostKey: { prepend: known } as never }
  }

  accepts(key: Buffer): boolean {
    const state = hostKeyState(this.#files, this.#name, key)
    const { host, knownHostsFiles } = this.#settings
    const shown = `${keyTypeOf(key)} ${fingerprint(key)}`
    switch (state.type) {
      case 'known':
        return true
      case 'unknown': {
        if (this.#acceptNew) {
          keep(knownHostsFiles[0]!, knownHostLine(this.#name, key))
          return true
        }
        const hint = `compare it with the host's own; then ssh to it once, or give --accept-new-host-keys`
        this.#refuse(`the key of ${host} is not known: ${shown}`, hint)
        return false
      }
      case 'changed': {
        const where = `${state.file}:${state.line}`
        const hint = `if the host was set up anew: ssh-keygen -R '${this.#name}' -f ${state.file}`
        this.#refuse(`the key of ${host} is not the one in ${where}: it shows ${shown}`, hint)
        return false
      }
      default:
        this.#refuse(`the key of ${host} is revoked in ${state.file}:${state.line}`, null)
        return false
    }
  }

  #refuse(text: string, hint: string | null): void {
    this.refusal = new SshError('E_SSH_HOST_KEY', text, hint)
  }
}

/** Under which names a key of that type signs. */
function signatureTypes(keyType: string): readonly string[] {
  return keyType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [keyType]
}

function keep(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  appendFileSync(path, separator + line, { mode: 0o600 })
}
