/** Hosts as lists of machines name them, whatever format the list has. */

export const inventoryFormats = [
  'auto',
  'ansible-ini',
  'ansible-yaml',
  'ansible-json',
  'terraform-output',
  'terraform-state',
  'known-hosts',
  'list',
] as const

export type InventoryFormat = (typeof inventoryFormats)[number]

export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

export interface ListedHost {
  /** How the list calls it. */
  readonly name: string
  /** Where it is reached; null: under its name. */
  readonly address: string | null
  readonly user: string | null
  readonly port: number | null
  /** Private keys, as the list writes them. */
  readonly keyFiles: readonly string[]
  /** Hosts to go through, as ProxyJump has them; null: none. */
  readonly jump: string | null
  readonly at: Place
}

export interface Listed {
  readonly hosts: readonly ListedHost[]
  /** What was left out or not understood, a line each, with its place. */
  readonly warnings: readonly string[]
}

/** A host that is nothing but a name. */
export function plainHost(name: string, at: Place): ListedHost {
  return { name, address: null, user: null, port: null, keyFiles: [], jump: null, at }
}

/** A list that cannot be read, with its place: told in one line. */
export class InventoryError extends Error {
  readonly code = 'E_USAGE'

  constructor(at: Place, text: string, hint: string | null = null) {
    super(`${placeText(at)}: ${text}${hint === null ? '' : ` (${hint})`}`)
  }
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`
}

/**
 * A port as a list writes it.
 *
 * @throws {InventoryError} when it is none
 */
export function portAt(value: unknown, at: Place): number {
  const port = Number(value)
  if (String(value).trim() !== '' && Number.isInteger(port) && port > 0 && port < 65_536) {
    return port
  }
  throw new InventoryError(at, `the port "${String(value)}" is none`, 'a number from 1 to 65535')
}

/**
 * A name or address as a list writes it.
 *
 * @throws {InventoryError} when no host can be called so
 */
export function hostNameAt(value: unknown, at: Place): string {
  const name = typeof value === 'string' ? value.trim() : ''
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name) || /^[0-9a-f:.]*:[0-9a-f:.%\w]*$/i.test(name)) {
    return name
  }
  throw new InventoryError(at, `${JSON.stringify(value)} is no name or address of a host`)
}
