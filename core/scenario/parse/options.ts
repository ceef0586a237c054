/** `<options>`: those of no protocol here, the others to their plugins. Source: reference tsung-core.md, 1.9. */
import type { OptionDeclaration, PluginDeclaration } from '../declaration.ts'
import { genericOptions } from '../elements/generic-options.ts'
import { optionElements } from '../elements/options.ts'
import { faultOf, isIdentifier, isInteger, unquoted } from '../lexical.ts'
import type { FileServer, Options, TlsOptions } from '../model.ts'
import type { Report } from '../report.ts'
import { suggestion } from '../suggest.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Files } from './files.ts'
import { streamOptionsOf } from './stream-options.ts'
import { noDefaults, parseThinkTimeOption, type ThinkTimeDefaults } from './think-time.ts'
import { childrenOf, integerOf, isTrue } from './values.ts'

export interface ParsedOptions {
  /** Without what plugins make of theirs. */
  readonly options: Omit<Options, 'plugins'>
  readonly thinkTime: ThinkTimeDefaults
  /** The options of each plugin, by session type, in order. */
  readonly typed: ReadonlyMap<string, readonly XmlElement[]>
  /** Whether somebody said how many users wait for each other. */
  readonly hasGlobalNumber: boolean
}

/** @param root the whole scenario */
export function parseOptions(
  root: XmlElement,
  plugins: readonly PluginDeclaration[],
  files: Files,
  report: Report,
): ParsedOptions {
  const [section] = childrenOf(root, 'options')
  const all = childrenOf(section, 'option').filter(({ attributes }) => attributes.has('name'))
  const generic = all.filter(({ attributes }) => !attributes.has('type'))
  const typed = new Map<string, XmlElement[]>()
  for (const element of all) {
    const type = element.attributes.get('type')
    if (type === undefined) checkGeneric(element, report)
    else if (typesWithOptions.includes(type)) {
      checkTyped(
        element,
        plugins.find((plugin) => plugin.type === type),
        report,
      )
      typed.set(type, [...(typed.get(type) ?? []), element])
    }
  }
  const named = (name: string): readonly XmlElement[] =>
    generic.filter(({ attributes }) => attributes.get('name') === name)
  const thinkTimes = named('thinktime').map((element) => parseThinkTimeOption(element, report))
  const globalNumbers = [
    ...named('global_number'),
    ...(typed.get('ts_jabber') ?? []).filter((element) => isNamed(element, 'global_number')),
  ]
  return {
    options: {
      ...numbersOf(named),
      rateLimit: rateLimitOf(named('rate_limit').at(-1), report),
      globalNumber: Math.max(1, integerIn(globalNumbers, 100)),
      portsRange: portsRangeOf(named('ports_range').at(-1), report),
      tls: tlsOf(named, report),
      streams: streamOptionsOf(named),
      fileServers: fileServersOf(generic, files),
    },
    thinkTime: thinkTimes.at(-1) ?? noDefaults,
    typed,
    hasGlobalNumber: globalNumbers.length > 0,
  }
}

/** Others were reported. */
const typesWithOptions: readonly string[] =
  optionElements.find(({ name }) => name === 'option')?.attributes['type']?.values ?? []

/** The options of that name, in order. */
export type Named = (name: string) => readonly XmlElement[]
type Numbers =
  | 'seed'
  | 'connectTimeoutMs'
  | 'maxRetries'
  | 'retryTimeoutMs'
  | 'idleTimeoutMs'
  | 'globalAckTimeoutMs'

function numbersOf(named: Named): Pick<Options, Numbers> {
  return {
    seed: integerIn(named('seed'), null),
    connectTimeoutMs: integerIn(named('connect_timeout'), null),
    maxRetries: integerIn(named('max_retries'), 3),
    retryTimeoutMs: integerIn(named('retry_timeout'), 10),
    idleTimeoutMs: integerIn([...named('tcp_timeout'), ...named('idle_timeout')], 600_000),
    globalAckTimeoutMs: integerIn(named('global_ack_timeout'), null),
  }
}

/** The last value that was given. */
function integerIn<T extends number | null>(
  elements: readonly XmlElement[],
  byDefault: T,
): number | T {
  const last = elements.findLast(({ attributes }) => attributes.has('value'))
  return (last === undefined ? null : integerOf(last, 'value')) ?? byDefault
}

function isNamed(element: XmlElement, name: string): boolean {
  return element.attributes.get('name') === name
}

const cannotBeSet: ReadonlySet<string> = new Set([
  'tcp_rcv_buffer',
  'tcp_snd_buffer',
  'udp_rcv_buffer',
  'udp_snd_buffer',
  'tcp_reuseaddr',
  'tcp_reuseport',
  'ip_transparent',
  'ip_bind_address_no_port',
])

/** Options of protocols and transports that are not played yet. */
const withoutEffect: ReadonlySet<string> = new Set([
  'max_ssh_startup_per_core',
  'job_notify_port',
  'bosh_path',
])

function checkGeneric(element: XmlElement, report: Report): void {
  const name = element.attributes.get('name') ?? ''
  const position = element.attributePosition('name')
  const declaration = genericOptions.find((option) => option.name === name)
  if (declaration === undefined) {
    const text = `there is no option ${name}: it does nothing`
    const names = genericOptions.map((option) => option.name)
    report.warning('W_UNKNOWN_OPTION', text, position, suggestion(name, names))
    return
  }
  if (!checkAttributes(element, declaration, report)) return
  const [agent] = childrenOf(element, 'user_agent')
  if (agent !== undefined) {
    const text = `the option ${name} has no use for <user_agent>`
    const hint = '<option type="ts_http" name="user_agent"> has'
    report.warning('W_UNUSED_ATTRIBUTE', text, agent.position, hint)
  }
  const given = element.attributes.get('value')?.trim()
  if (name === 'tcp_timeout' && given !== undefined && !isInteger(given)) {
    const text = `tcp_timeout: "${given}" is not a whole number, the option does nothing`
    report.warning('W_UNUSED_ATTRIBUTE', text, element.attributePosition('value'))
  }
  const value = declaration.attributes['value']
  const isOff = value?.type === 'boolean' && !isTrue(element, 'value')
  if (cannotBeSet.has(name) && !isOff) {
    const text = `${name} cannot be set from Node: the system’s setting holds`
    report.warning('W_CANNOT_SET', text, position)
  } else if (withoutEffect.has(name)) {
    const text = `the option ${name} has no effect: what it is for cannot be played yet`
    report.warning('W_NO_EFFECT', text, position)
  } else if (name === 'hibernate') {
    const text = 'hibernate has no effect: waiting users take little memory anyway'
    report.warning('W_NO_EFFECT', text, position)
  }
}

function checkTyped(
  element: XmlElement,
  plugin: PluginDeclaration | undefined,
  report: Report,
): void {
  if (plugin === undefined) return
  const name = element.attributes.get('name') ?? ''
  const declaration = plugin.options.find((option) => option.name === name)
  if (declaration !== undefined) {
    checkAttributes(element, declaration, report)
    return
  }
  const names = plugin.options.map((option) => option.name)
  const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  const hint = suggestion(name, names) ?? has
  const text = `${plugin.type} has no option "${name}"`
  report.error('E_UNKNOWN_OPTION', text, element.attributePosition('name'), hint)
}

/** Values by the table of options, and attributes that the option has no use for; false after an error. */
function checkAttributes(
  element: XmlElement,
  { name, attributes }: OptionDeclaration,
  report: Report,
): boolean {
  let isGood = true
  for (const [attribute, value] of element.attributes) {
    if (attribute === 'name' || attribute === 'type') continue
    const declaration = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined
    const position = element.attributePosition(attribute)
    if (declaration === undefined) {
      const text = `the option ${name} has no use for ${attribute}`
      report.warning('W_UNUSED_ATTRIBUTE', text, position)
      continue
    }
    // The others were checked with the element.
    if (attribute !== 'value') continue
    const trimmed = declaration.type === 'string' ? value : value.trim()
    const fault = faultOf(trimmed, declaration)
    if (fault !== null) {
      const text = `${attribute} of the option ${name}: ${fault.text}`
      report.error('E_BAD_ATTRIBUTE', text, position, fault.hint)
      isGood = false
    }
  }
  return isGood
}

function rateLimitOf(element: XmlElement | undefined, report: Report): Options['rateLimit'] {
  if (element === undefined) return null
  const kibPerS = integerOf(element, 'value') ?? 512
  const burstKib = integerOf(element, 'max') ?? kibPerS
  if (kibPerS === 0) {
    const text = 'rate_limit of 0: users would receive nothing'
    report.unplayable('U_UNUSABLE', text, element.position)
    return null
  }
  return { bytesPerMs: Math.floor((1024 * kibPerS) / 1000), burstBytes: 1024 * burstKib }
}

function portsRangeOf(element: XmlElement | undefined, report: Report): Options['portsRange'] {
  if (element === undefined || element.attributes.get('value') === 'off') return null
  const min = integerOf(element, 'min') ?? 1025
  const max = integerOf(element, 'max') ?? 65_534
  if (min > max || max > 65_535) {
    const text = `ports_range from ${min} to ${max} is no range of ports`
    report.unplayable('U_UNUSABLE', text, element.position)
    return null
  }
  return { min, max }
}

const tlsVersions: ReadonlyMap<string, string> = new Map([
  ['tlsv1', 'TLSv1'],
  ['tlsv1.1', 'TLSv1.1'],
  ['tlsv1.2', 'TLSv1.2'],
  ['tlsv1.3', 'TLSv1.3'],
])

function tlsOf(named: Named, report: Report): TlsOptions {
  const ciphers = named('ssl_ciphers').at(-1)?.attributes.get('value')
  const on = (name: string): boolean => {
    const last = named(name).findLast(({ attributes }) => attributes.has('value'))
    return last !== undefined && isTrue(last, 'value')
  }
  const reuses = named('ssl_reuse_sessions').at(-1)?.attributes.get('value')
  return {
    ciphers: ciphers === undefined || ciphers === 'negotiate' ? null : ciphers,
    version: versionOf(named('ssl_versions').at(-1), report),
    reuseSessions: reuses !== 'false',
    disableSni: on('ssl_disable_sni'),
    verify: on('ssl_verify'),
  }
}

function versionOf(element: XmlElement | undefined, report: Report): string | null {
  const value = element?.attributes.get('value')?.trim()
  if (element === undefined || value === undefined || value === 'negotiate') return null
  const position = element.attributePosition('value')
  const version = tlsVersions.get(unquoted(value))
  const hint = `write one of ${[...tlsVersions.keys()].map((each) => `'${each}'`).join(', ')}`
  if (version === undefined) {
    const near = suggestion(
      unquoted(value),
      [...tlsVersions.keys()].map((each) => `'${each}'`),
    )
    const text = `"${value}" is no version of TLS`
    // What Tsung takes for a word it takes for a version.
    if (isIdentifier(value)) report.unplayable('U_UNUSABLE', text, position, near ?? hint)
    else report.error('E_TLS_VERSION', text, position, near ?? hint)
    return null
  }
  if (value.includes('.') && !value.startsWith("'")) {
    const text = `${value} needs single quotes inside the double ones`
    report.error('E_TLS_VERSION', text, position, `write value="'${value}'"`)
  }
  return version
}

function fileServersOf(generic: readonly XmlElement[], files: Files): readonly FileServer[] {
  return generic.flatMap((element): readonly FileServer[] => {
    const local = isNamed(element, 'local_file_server')
    if (!local && !isNamed(element, 'file_server')) return []
    const path = element.attributes.get('value') ?? ''
    files.bytes(path, element.attributePosition('value'))
    const id = unquoted(element.attributes.get('id') ?? 'default')
    return [{ id, path, local }]
  })
}
