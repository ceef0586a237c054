/** The default reading of elements and options: plain data that the declarations describe. */
import { byteString } from '../core/byte-string.ts'
import { constantTemplate } from '../core/dynvars/template.ts'
import type {
  Ack,
  AttributeDeclaration,
  CompileContext,
  ElementDeclaration,
  Json,
  OptionDeclaration,
  ParseContext,
  ParsedRequest,
  ScenarioElement,
  Template,
} from './api.ts'

export type Data = { readonly [name: string]: Json }

/** Characters of a label. */
const labelLength = 60

export function readRequest(
  element: ScenarioElement,
  elements: readonly ElementDeclaration[],
  ack: Ack,
  context: ParseContext,
): ParsedRequest & { readonly data: Data } {
  const data = readElement(element, elements, context)
  const said = data['ack']
  const label = [element.name, ...[...element.attributes].map(([name, text]) => `${name}=${text}`)]
  return {
    ack: typeof said === 'string' ? (said as Ack) : ack,
    data,
    label: shortened(label.join(' ')),
  }
}

/** By the name of the option; null: the plugin has none. */
export function readOptions(
  elements: readonly ScenarioElement[],
  options: readonly OptionDeclaration[],
): Json {
  if (options.length === 0) return null
  const given = new Map(elements.map((element) => [element.attributes.get('name'), element]))
  return Object.fromEntries(
    options.map(({ name, attributes }): [string, Json] => {
      const element = given.get(name)
      const declaration = own(attributes, 'value')
      if (declaration === undefined) return [name, element !== undefined]
      return [name, typed(element?.attributes.get('value'), declaration)]
    }),
  )
}

/** Texts that may hold variables become templates, where the request says that they are replaced. */
export function compileData(
  name: string,
  data: Data,
  elements: readonly ElementDeclaration[],
  context: CompileContext,
): { readonly [name: string]: unknown } {
  const declaration = elements.find((each) => each.name === name)!
  const { subst } = context
  const compiled = (text: Json | undefined, isReplaced: boolean): Template | null => {
    if (typeof text !== 'string') return null
    return isReplaced ? context.template(text) : constantTemplate(text)
  }
  const request: { [name: string]: unknown } = { ...data }
  for (const [attribute, declared] of Object.entries(declaration.attributes)) {
    if (isText(declared)) request[attribute] = compiled(data[attribute], subst !== 'false')
  }
  if (hasText(declaration)) request['text'] = compiled(data['text'], subst === 'true')
  for (const child of childrenOf(declaration, elements)) {
    const all = (data[child.name] ?? []) as readonly Data[]
    request[child.name] = all.map((each) => compileData(child.name, each, elements, context))
  }
  return request
}

/** The elements that stand in another. */
export function childrenOf(
  { name }: Pick<ElementDeclaration, 'name'>,
  elements: readonly ElementDeclaration[],
): readonly ElementDeclaration[] {
  return elements.filter(({ parents }) => parents.includes(name))
}

/** Whether an element has text of its own. */
export function hasText({ content }: Pick<ElementDeclaration, 'content'>): boolean {
  return content === 'text' || content === 'mixed'
}

function readElement(
  element: ScenarioElement,
  elements: readonly ElementDeclaration[],
  context: ParseContext,
): Data {
  const declaration = elements.find(({ name }) => name === element.name)!
  const data: { [name: string]: Json } = {}
  for (const [name, declared] of Object.entries(declaration.attributes)) {
    const given = element.attributes.get(name)
    data[name] = typed(given, declared)
    if (given !== undefined && isText(declared) && context.subst !== 'false') {
      context.checkMarkers(given, element.attributePosition(name))
    }
  }
  if (hasText(declaration)) {
    data['text'] = element.text
    if (context.subst === 'true') context.checkMarkers(element.text, element.position)
  }
  for (const child of childrenOf(declaration, elements)) {
    data[child.name] = element.children
      .filter(({ name }) => name === child.name)
      .map((each) => readElement(each, elements, context))
  }
  return data
}

/** @param given undefined: it is absent. What is none of its type was reported, and counts for nothing. */
function typed(given: string | undefined, declaration: AttributeDeclaration): Json {
  const text = given ?? declaration.default
  if (text === undefined) return null
  if (isText(declaration)) return text
  switch (declaration.type) {
    case 'integer':
    case 'number':
      return declaration.values?.includes(text) === true ? text : Number(text)
    case 'boolean':
      return text === 'true'
    default:
      return byteString(text)
  }
}

/** It may hold variables. */
function isText({ type, substitutable }: AttributeDeclaration): boolean {
  return substitutable === true || type === 'integer_or_variable'
}

function own<T>(record: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function shortened(text: string): string {
  return text.length <= labelLength ? text : `${text.slice(0, labelLength)}…`
}
