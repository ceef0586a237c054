/** From listed hosts to `<clients>`, and to what ssh_config(5) has to say of them. */
import { resolve } from 'node:path'
import { type SshSurroundings, sshSettings } from '../ssh/settings.ts'
import type { ListedHost } from './model.ts'

/** Attributes that all clients get. */
export interface ClientAttributes {
  readonly cpu: string
  readonly weight: string | null
  readonly maxusers: string | null
}

/**
 * @param targets values of `host`
 * @param indent before `<clients>`, which itself has none
 * @param lineEnd as the scenario has it
 */
export function clientsText(
  targets: readonly string[],
  { cpu, weight, maxusers }: ClientAttributes,
  indent: string = '',
  lineEnd: string = '\n',
): string {
  const more = Object.entries({ cpu, weight, maxusers })
    .filter((each): each is [string, string] => each[1] !== null)
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('')
  const step = indent === '' || !indent.includes('\t') ? '  ' : '\t'
  const lines = targets.map(
    (host) => `${indent}${step}<client host="${attributeText(host)}"${more}/>`,
  )
  return ['<clients>', ...lines, `${indent}</clients>`].join(lineEnd)
}

/** The name by which our own ssh, with the user's configuration, reaches the host as the list says. */
export interface Target {
  readonly target: string
  /** What a name cannot say; null: nothing is missing. */
  readonly missing: string | null
}

/** Without a fragment of a configuration: `host[:port]`, as short as it can be. */
export function targetOf(host: ListedHost, surroundings: SshSurroundings): Target {
  const name = host.name.toLowerCase()
  if (name === 'localhost') return { target: name, missing: null }
  const known = sshSettings(name, surroundings)
  const isNamed = host.address === null || known.hostName === host.address.toLowerCase()
  const place = isNamed ? name : host.address!.toLowerCase()
  const { user, port, identityFiles, jumps } = sshSettings(place, surroundings)
  const isOwnPort = host.port === null || host.port === port
  // An attribute of the type NMTOKEN has no brackets, which an IPv6 address with a port needs, and no "@".
  const hasPort = !isOwnPort && !place.includes(':')
  const missing = [
    ...(host.user === null || host.user === user ? [] : [`User ${host.user}`]),
    ...(isOwnPort || hasPort ? [] : [`Port ${host.port}`]),
    ...host.keyFiles
      .filter((file) => !identityFiles.includes(homed(file, surroundings)))
      .map((file) => `IdentityFile ${file}`),
    ...(host.jump === null || host.jump === jumps.join(',') ? [] : [`ProxyJump ${host.jump}`]),
  ]
  return {
    target: hasPort ? `${place}:${host.port}` : place,
    missing: missing.length === 0 ? null : missing.join(', '),
  }
}

/**
 * What ssh_config(5) has to say of the hosts, by the names that the list has.
 *
 * @returns empty when the user's own configuration says it all
 */
export function sshConfigText(hosts: readonly ListedHost[], surroundings: SshSurroundings): string {
  const blocks = hosts.flatMap((host): readonly string[] => {
    const name = host.name.toLowerCase()
    if (name === 'localhost') return []
    const known = sshSettings(name, surroundings)
    const address = host.address?.toLowerCase() ?? null
    const lines = [
      address === null || address === known.hostName ? null : `HostName ${address}`,
      host.user === null || host.user === known.user ? null : `User ${word(host.user)}`,
      host.port === null || host.port === known.port ? null : `Port ${host.port}`,
      ...host.keyFiles
        .map((file) => homed(file, surroundings))
        .filter((file) => !known.identityFiles.includes(file))
        .map((file) => `IdentityFile ${word(file)}`),
      host.jump === null || host.jump === known.jumps.join(',') ? null : `ProxyJump ${host.jump}`,
    ].filter((line) => line !== null)
    return lines.length === 0
      ? []
      : [`Host ${name}\n${lines.map((line) => `  ${line}\n`).join('')}`]
  })
  return blocks.join('')
}

function homed(file: string, { home }: SshSurroundings): string {
  return resolve(file.replace(/^~(?=\/|$)/, home))
}

function word(text: string): string {
  return /\s/.test(text) ? `"${text}"` : text
}

function attributeText(text: string): string {
  return text.replace(/[&<"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '"': '&quot;' })[char]!)
}
