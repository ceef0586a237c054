/** Which keys and passwords a host is offered, in OpenSSH's order: agent, key files, questions, password. */
import { readFileSync } from 'node:fs'
import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type BaseAgent,
  type ParsedKey,
} from 'ssh2'
import type { SshSettings } from './settings.ts'
import type { SshOptions } from './shell.ts'

const { createAgent, utils } = ssh2

type Method = AnyAuthMethod

/** One login: offers one method after the other and remembers what was offered. */
export class Login {
  readonly #settings: SshSettings
  readonly #options: SshOptions
  readonly #tried: string[] = []
  readonly #waiting: (() => Promise<Method | null>)[]

  constructor(settings: SshSettings, options: SshOptions) {
    this.#settings = settings
    this.#options = options
    this.#waiting = [
      () => this.#none(),
      () => this.#agent(),
      ...settings.identityFiles.map((file) => () => this.#keyFile(file)),
      () => this.#password(),
    ]
  }

  /** What was offered, for people. */
  get tried(): string {
    return this.#tried.length === 0 ? 'no key was found' : this.#tried.join(', ')
  }

  /** For ssh2: the next method that the server still takes. */
  readonly handler: AuthHandlerMiddleware = (left, _partial, next) => {
    const allowed = left as readonly string[] | null
    const offer = async (): Promise<Method | false> => {
      for (;;) {
        const step = this.#waiting.shift()
        if (step === undefined) return false
        const method = await step()
        if (method !== null && (allowed === null || isAllowed(method, allowed))) return method
      }
    }
    const give = (method: Method | false): void => next(method as never)
    offer().then(give, () => give(false))
  }

  /** Asks which methods there are. */
  async #none(): Promise<Method> {
    return { type: 'none', username: this.#settings.user } as Method
  }

  async #agent(): Promise<Method | null> {
    const { agentSocket, identitiesOnly, identityFiles, user } = this.#settings
    if (agentSocket === null) return null
    const agent = createAgent(agentSocket)
    this.#tried.push('the keys of the agent')
    const offered = identitiesOnly ? onlyKeys(agent, publicKeys(identityFiles)) : agent
    return { type: 'agent', username: user, agent: offered } as Method
  }

  async #keyFile(path: string): Promise<Method | null> {
    const text = readKey(path)
    if (text === null) return null
    let key = parsed(text, undefined)
    if (key instanceof Error && /passphrase/i.test(key.message)) {
      const passphrase = await this.#options.askSecret(`Passphrase of ${path}: `)
      if (passphrase === null) {
        this.#tried.push(`${path} (needs a passphrase, and there is no terminal to ask for it)`)
        return null
      }
      key = parsed(text, passphrase)
    }
    if (key instanceof Error) {
      this.#tried.push(`${path} (cannot be used: ${key.message})`)
      return null
    }
    this.#tried.push(path)
    return { type: 'publickey', username: this.#settings.user, key } as unknown as Method
  }

  async #password(): Promise<Method | null> {
    const { user, host } = this.#settings
    const password = await this.#options.askSecret(`Password of ${user}@${host}: `)
    if (password === null) return null
    this.#tried.push('a password')
    return { type: 'password', username: user, password } as Method
  }
}

function isAllowed(method: Method, allowed: readonly string[]): boolean {
  const { type } = method as { readonly type: string }
  return type === 'none' || allowed.includes(type === 'agent' ? 'publickey' : type)
}

function readKey(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null // most default keys are not there
  }
}

function parsed(text: Buffer, passphrase: string | undefined): ParsedKey | Error {
  const key = utils.parseKey(text, passphrase)
  return Array.isArray(key) ? key[0]! : (key as ParsedKey | Error)
}

/** Public keys of the files, as far as they can be told without a passphrase. */
function publicKeys(files: readonly string[]): readonly Buffer[] {
  return files.flatMap((file) => {
    const text = readKey(`${file}.pub`) ?? readKey(file)
    const key = text === null ? null : parsed(text, undefined)
    return key === null || key instanceof Error ? [] : [key.getPublicSSH()]
  })
}

/** The agent with those keys alone. */
function onlyKeys(agent: BaseAgent, keys: readonly Buffer[]): BaseAgent {
  const filtered = Object.create(agent) as BaseAgent
  filtered.getIdentities = (callback) =>
    agent.getIdentities((error, found) => {
      const wanted = ((found ?? []) as ParsedKey[]).filter((each) => {
        const key = parsed(each as unknown as Buffer, undefined)
        return !(key instanceof Error) && keys.some((known) => known.equals(key.getPublicSSH()))
      })
      callback(error as undefined, wanted as never)
    })
  return filtered
}
