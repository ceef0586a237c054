/** What is wrong with what a plugin says of itself. Pure: looked at when it is loaded, and by the conformance suite. */
import { compileModel } from '../core/scenario/content-model.ts'
import { sinceText } from '../core/scenario/declaration.ts'
import { faultOf } from '../core/scenario/lexical.ts'
import { transports } from '../core/scenario/parse/servers.ts'
import type { AttributeDeclaration, ElementDeclaration, PluginDeclaration } from './api.ts'
import { declarations } from './registry.ts'

const attributeTypes: ReadonlySet<string> = new Set<AttributeDeclaration['type']>([
  'string',
  'integer',
  'number',
  'boolean',
  'enum',
  'identifier',
  'integer_or_variable',
  'ip_range',
  'regexp',
  'path',
])
const acks: readonly string[] = ['parse', 'local', 'global', 'no_ack', 'bidi_ack']
const contents: readonly string[] = ['empty', 'text', 'elements', 'mixed']
const kinds: readonly string[] = ['count', 'sum', 'sample']

/** Why tsts cannot work with it: empty, it can. */
export function declarationFaults(declaration: PluginDeclaration): readonly string[] {
  const { type, elements, requestElement, options, counters } = declaration
  const asked = elements.find(({ name }) => name === requestElement)
  return [
    ...(declaration.player === undefined ? [`nothing reads the requests of ${type}`] : []),
    ...(asked?.parents.includes('request') === true
      ? []
      : [`the element <${requestElement}> does not stand in <request>`]),
    ...twice(elements, 'element'),
    ...twice(options, 'option'),
    ...twice(counters, 'counter'),
    ...elements.flatMap((element) => elementFaults(element, declaration)),
    ...options.flatMap(({ name, attributes }) => tableFaults(attributes, `option ${name}`)),
    ...counterFaults(declaration),
    ...declaration.transports
      .filter((each) => !transports.includes(each))
      .map((each) => `there is no transport ${each}`),
    ...(declaration.transports.length === 0 ? ['it names no transport'] : []),
  ]
}

/** What is missing for those who read its help. */
export function documentationFaults(declaration: PluginDeclaration): readonly string[] {
  const { doc, elements, options, counters } = declaration
  const said: (readonly [what: string, doc: unknown])[] = [
    ['the protocol', doc],
    ...counters.map((each) => [`counter ${each.name}`, each.doc] as const),
    ...options.map((each) => [`option ${each.name}`, each.doc] as const),
    ...elements.map((each) => [`<${each.name}>`, each.doc] as const),
    ...[...elements, ...options].flatMap(({ name, attributes }) =>
      Object.entries(attributes).map(
        ([attribute, each]) => [`${attribute} of ${name}`, each.doc] as const,
      ),
    ),
  ]
  return said
    .filter(([, text]) => typeof text !== 'string' || text.trim() === '')
    .map(([what]) => `${what} has no doc`)
}

/** Elements of built-in protocols that may stand in another's: `<http_header>` in `<websocket>`. */
function lentTo(parent: string): readonly ElementDeclaration[] {
  return declarations
    .flatMap(({ elements }) => elements)
    .filter(({ parents }) => parents.includes(parent))
}

function elementFaults(
  { name, content, model, attributes, parents, since }: ElementDeclaration,
  { elements }: PluginDeclaration,
): string[] {
  const faults = tableFaults(attributes, `<${name}>`)
  if (!contents.includes(content)) faults.push(`content of <${name}> is ${content}`)
  if (parents.length === 0) faults.push(`<${name}> stands in nothing`)
  faults.push(...sinceFaults(since, `<${name}>`))
  if ((content === 'text' || content === 'mixed') && Object.hasOwn(attributes, 'text')) {
    faults.push(`<${name}> has text and an attribute called text`)
  }
  const ack = attributes['ack']
  if (ack !== undefined && (ack.values ?? ['']).some((value) => !acks.includes(value))) {
    faults.push(`ack of <${name}> has to be one of ${acks.join(', ')}`)
  }
  if (model === undefined) return faults
  try {
    const known = [...elements, ...lentTo(name)].map((each) => each.name)
    const unknown = compileModel(model).names.filter((each) => !known.includes(each))
    faults.push(...unknown.map((each) => `<${each}> in the model of <${name}> is not declared`))
  } catch (error) {
    faults.push(`the model of <${name}> cannot be read: ${(error as Error).message}`)
  }
  return faults
}

type Table = ElementDeclaration['attributes']

function tableFaults(table: Table, where: string): string[] {
  return Object.entries(table).flatMap(([name, attribute]) => {
    const what = `${name} of ${where}`
    const { type, values, required, onlyWith, since } = attribute
    const faults = sinceFaults(since, what)
    if (!attributeTypes.has(type)) return [...faults, `${what} has the type ${type}`]
    if (type === 'enum' && (values ?? []).length === 0) faults.push(`${what} has no values`)
    if (required === true && attribute.default !== undefined) {
      faults.push(`${what} is required and has a default`)
    }
    const fault = attribute.default === undefined ? null : faultOf(attribute.default, attribute)
    if (fault !== null) faults.push(`the default of ${what}: ${fault.text}`)
    if (onlyWith !== undefined && !Object.hasOwn(table, onlyWith.attribute)) {
      faults.push(`${what} depends on ${onlyWith.attribute}, which is not declared`)
    }
    return faults
  })
}

/** A version of Tsung, or `tsts`. */
function sinceFaults(since: string | undefined, what: string): string[] {
  if (since === undefined || since === 'tsts' || /^\d+\.\d+(\.\d+)?$/.test(since)) return []
  return [`${what} is ${sinceText(since)}: write a version, or tsts`]
}

function counterFaults({ counters }: PluginDeclaration): string[] {
  return counters.flatMap(({ name, kind, isError }) => [
    ...(/^[A-Za-z][\w.]*$/.test(name) ? [] : [`a counter cannot be called "${name}"`]),
    ...(kinds.includes(kind) ? [] : [`the kind of counter ${name} is ${kind}`]),
    ...(name.startsWith('error_') === isError
      ? []
      : [`${name}: the names of errors, and no others, begin with error_`]),
  ])
}

function twice(list: readonly { readonly name: string }[], what: string): string[] {
  const names = list.map(({ name }) => name)
  const repeated = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  return [...repeated].map((name) => `${what} ${name} is declared twice`)
}
