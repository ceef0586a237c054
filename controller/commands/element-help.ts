/** `tsts help ELEMENT` and `tsts help OPTION`: what the tables of elements and options say, for people. */
import {
  type AttributeDeclaration,
  type ElementDeclaration,
  type OptionDeclaration,
  sinceText,
} from '../../core/scenario/declaration.ts'
import { genericOptions } from '../../core/scenario/elements/generic-options.ts'
import { elementTable, type TableElement } from '../../core/scenario/elements.ts'
import { nearest } from '../../core/scenario/suggest.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarations } from '../../plugins/registry.ts'

type Protocols = readonly PluginDeclaration[]

/**
 * @param topic name of an element or an option; `<server>` is taken as well as `server`
 * @returns null when there is neither of that name
 */
export function elementHelp(topic: string, protocols: Protocols = declarations): string | null {
  const name = topic.replace(/^<|\/?>$/g, '')
  const element = elementTable(protocols).get(name)
  const parts = [
    ...(element === undefined ? [] : [elementText(element, protocols)]),
    ...optionsCalled(name, protocols).map(([type, option]) => optionText(option, type)),
  ]
  return parts.length === 0 ? null : parts.join('\n')
}

/** Every name that `elementHelp` knows. */
export function elementTopics(protocols: Protocols = declarations): readonly string[] {
  const options = [...genericOptions, ...protocols.flatMap((plugin) => plugin.options)]
  return [
    ...new Set([...elementTable(protocols).keys(), ...options.map(({ name }) => name)]),
  ].sort()
}

/** What to say of a topic that nobody knows. */
export function unknownTopic(topic: string, protocols: Protocols = declarations): string {
  const near = nearest(topic, elementTopics(protocols))
  const hint = near === null ? 'tsts help lists the commands' : `did you mean ${near}?`
  return `there is no element or option "${topic}": ${hint}`
}

function optionsCalled(
  name: string,
  protocols: Protocols,
): readonly (readonly [string | null, OptionDeclaration])[] {
  return [
    ...genericOptions
      .filter((option) => option.name === name)
      .map((option) => [null, option] as const),
    ...protocols.flatMap(({ type, options }) =>
      options.filter((option) => option.name === name).map((option) => [type, option] as const),
    ),
  ]
}

function elementText(element: TableElement, protocols: Protocols): string {
  const since = element.since === undefined ? '' : ` (${sinceText(element.since)})`
  const children = element.compiled?.names.map((name) => `<${name}>`) ?? []
  const plugin = protocols.find(({ requestElement }) => requestElement === element.name)
  const note =
    plugin === undefined || plugin.player !== undefined ? [] : ['This version cannot play it yet.']
  return `${[
    `<${element.name}>: ${element.doc}${since}`,
    ...note,
    '',
    `  stands in  ${element.parents.map((name) => `<${name}>`).join(' ') || 'nothing: it is the root'}`,
    `  holds      ${contentText(element, children)}`,
    `  example    ${exampleOf(element, children.length > 0)}`,
    ...attributesText(element.attributes),
  ].join('\n')}\n`
}

function contentText({ content, model }: ElementDeclaration, children: readonly string[]): string {
  switch (content) {
    case 'empty':
      return 'nothing, not even blanks'
    case 'text':
      return 'text'
    case 'mixed':
      return `text and ${children.join(' ')}`
    case 'elements':
      return model ?? children.join(' ')
    default:
      return content satisfies never
  }
}

function optionText(option: OptionDeclaration, type: string | null): string {
  const owner = type === null ? '' : ` type="${type}"`
  const value = option.attributes['value']
  const example = value === undefined ? '' : ` value="${value.default ?? sampleOf('value', value)}"`
  return `${[
    `option ${option.name}${type === null ? '' : ` of ${type}`}: ${option.doc}`,
    '',
    '  stands in  <options>',
    `  example    <option${owner} name="${option.name}"${example}/>`,
    ...attributesText(option.attributes),
  ].join('\n')}\n`
}

function attributesText(attributes: {
  readonly [name: string]: AttributeDeclaration
}): readonly string[] {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return []
  const width = Math.max(...entries.map(([name]) => name.length))
  const indent = ' '.repeat(width + 4)
  return [
    '',
    ...entries.flatMap(([name, attribute]) => [
      `  ${name.padEnd(width)}  ${attribute.doc}`,
      `${indent}${factsOf(attribute).join('; ')}`,
    ]),
  ]
}

function factsOf(attribute: AttributeDeclaration): readonly string[] {
  const { type, values, unit, min, max, required, since } = attribute
  const words = values?.join(', ')
  const kind = type === 'enum' ? `one of ${words}` : (kinds[type] ?? type)
  const inUnit = unit === undefined ? '' : ` (${unit})`
  return [
    `${kind}${inUnit}${type !== 'enum' && words !== undefined ? `, or ${words}` : ''}`,
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(required === true ? ['required'] : []),
    ...(attribute.default === undefined ? [] : [`default ${JSON.stringify(attribute.default)}`]),
    ...(attribute.substitutable === true ? ['%%_variables%% are replaced'] : []),
    ...(since === undefined ? [] : [sinceText(since)]),
  ]
}

const kinds: { readonly [type in AttributeDeclaration['type']]?: string } = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  identifier: 'name: a small letter, then letters, digits, _ and @',
  integer_or_variable: 'whole number or %%_variable%%',
  ip_range: 'range of IPv4 addresses',
  regexp: 'regular expression',
  path: 'path of a file',
}

/** The element with what it needs. */
function exampleOf(element: ElementDeclaration, hasChildren: boolean): string {
  const required = Object.entries(element.attributes)
    .filter(([, { required }]) => required === true)
    .map(([name, attribute]) => ` ${name}="${sampleOf(name, attribute)}"`)
    .join('')
  if (element.content === 'empty') {
    return `<${element.name}${required}/>`
  }
  return hasChildren && element.content === 'elements'
    ? `<${element.name}${required}> … </${element.name}>`
    : `<${element.name}${required}>text</${element.name}>`
}

function sampleOf(name: string, { type, values }: AttributeDeclaration): string {
  const known = samples[name]
  if (known !== undefined && (values === undefined || values.includes(known))) return known
  switch (type) {
    case 'enum':
      return values?.find((value) => value === 'ts_http') ?? values?.[0] ?? ''
    case 'boolean':
      return 'true'
    case 'integer':
    case 'number':
    case 'integer_or_variable':
      return '1'
    case 'identifier':
      return 'a_name'
    case 'ip_range':
      return '172.28.1-20.0-254'
    default:
      return '…'
  }
}

const samples: { readonly [name: string]: string } = {
  host: 'www.example.test',
  port: '80',
  type: 'tcp',
  url: '/index.html',
  unit: 'minute',
  duration: '10',
  from: '1',
  to: '10',
  var: 'i',
  probability: '100',
  new_type: 'ts_http',
  server_type: 'tcp',
}
