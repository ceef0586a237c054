/** From Ansible's groups and variables to hosts and how they are reached. */
import { shellWords } from './ansible-ini.ts'
import type { Groups, Variable } from './groups.ts'
import {
  hostNameAt,
  InventoryError,
  type Listed,
  type ListedHost,
  type Place,
  placeText,
  portAt,
} from './model.ts'

/** The names under which a value has been known; the first that is there counts. Source: Ansible's guide, "Connecting to hosts". */
const names = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  key: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  connection: ['ansible_connection'],
} as const

const sshArguments = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args']

/** How deep a value may refer to others. */
const maxTemplates = 10

/** @throws {InventoryError} when a value is unusable */
export function hostsOfGroups(groups: Groups): Listed {
  const warnings: string[] = []
  const hosts = [...groups.hosts.values()].map(({ name, at }) => {
    const found = new HostVariables(name, groups.varsOf(name), warnings)
    return hostFrom(name, at, found)
  })
  return { hosts, warnings: [...new Set(warnings)] }
}

function hostFrom(name: string, at: Place, vars: HostVariables): ListedHost {
  const connection = vars.text(names.connection)
  // Ansible plays such a host on its own machine.
  if (connection?.text === 'local') {
    return {
      name: 'localhost',
      address: null,
      user: null,
      port: null,
      keyFiles: [],
      jump: null,
      at,
    }
  }
  const address = vars.text(names.address)
  const port = vars.text(names.port)
  const key = vars.text(names.key)
  return {
    name,
    address: address === null ? null : hostNameAt(address.text, address.at),
    user: vars.text(names.user)?.text ?? null,
    port: port === null ? null : portAt(port.text, port.at),
    keyFiles: key === null ? [] : [key.text],
    jump: jumpOf(vars),
    at,
  }
}

/** `-J HOST` or `-o ProxyJump=HOST` among the arguments of ssh. */
function jumpOf(vars: HostVariables): string | null {
  for (const name of sshArguments) {
    const found = vars.text([name])
    if (found === null) continue
    const words = shellWords(found.text, found.at)
    for (const [index, word] of words.entries()) {
      if (word === '-J') return words[index + 1] ?? null
      const option = /^(?:-o)?ProxyJump[= ](.+)$/i.exec(word)
      if (option !== null) return option[1]!
    }
    vars.warn(found.at, `${name} is not heeded but for ProxyJump: ${found.text}`)
  }
  return null
}

class HostVariables {
  readonly #host: string
  readonly #vars: ReadonlyMap<string, Variable>
  readonly #warnings: string[]

  constructor(host: string, vars: ReadonlyMap<string, Variable>, warnings: string[]) {
    this.#host = host
    this.#vars = vars
    this.#warnings = warnings
  }

  /** The first that is there, with what it refers to filled in; null: none, or it cannot be known. */
  text(wanted: readonly string[]): { readonly text: string; readonly at: Place } | null {
    for (const name of wanted) {
      const variable = this.#vars.get(name)
      if (variable === undefined || variable.value === null || variable.value === '') continue
      const text = this.#filledIn(variable, 0)
      if (text !== null) return { text, at: variable.at }
      const value = String(variable.value)
      this.warn(variable.at, `${name} of ${this.#host} cannot be told without Ansible: ${value}`)
    }
    return null
  }

  warn(at: Place, text: string): void {
    const hint = 'ansible-inventory --list knows more'
    this.#warnings.push(`${placeText(at)}: ${text} (${hint})`)
  }

  /** `{{ name }}` is; filters, lookups and the rest of Jinja are not: null. */
  #filledIn({ value, at }: Variable, depth: number): string | null {
    if (typeof value === 'object') return null
    const text = String(value)
    if (depth > maxTemplates) throw new InventoryError(at, `${text} refers to itself`)
    let isKnown = !text.includes('{%')
    const filled = text.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
      if (name === 'inventory_hostname') return this.#host
      const other = this.#vars.get(name)
      const inner = other === undefined ? null : this.#filledIn(other, depth + 1)
      if (inner === null) isKnown = false
      return inner ?? ''
    })
    return isKnown ? filled : null
  }
}
