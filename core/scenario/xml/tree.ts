/** The tree of elements over a text that `expand` found to be well-formed. */
import { XMLParser } from 'fast-xml-parser'
import type { ScenarioElement } from '../declaration.ts'
import type { Position } from '../model.ts'
import { decodeReferences } from './references.ts'
import type { ExpandedText } from './source.ts'
import { startTagAt, type TagAttribute } from './tag.ts'

/** An element with what the rules about its content need. */
export interface XmlElement extends ScenarioElement {
  readonly children: readonly XmlElement[]
  /** Anything between its tags that is neither element, comment nor instruction. */
  readonly hasText: boolean
  /** Where its first text stands that is not blank (or a CDATA section); null when there is none. */
  readonly strayTextAt: () => Position | null
  /** Text that stands behind a comment or instruction, where Tsung does not look. */
  readonly hasLostText: boolean
}

/** Whether blanks around a value are dropped. */
export type IsToken = (element: string, attribute: string) => boolean

/** @returns the root element */
export function buildTree(body: ExpandedText, isToken: IsToken): XmlElement {
  const text = body.text()
  const roots = parser.parse(withoutQuotes(text)) as readonly Node[]
  const root = roots.find((node) => offsetsOf(node) !== null && kindOf(node) === 'element')
  if (root === undefined) throw new Error('a well-formed text has no root element')
  return elementOf(root, { body, text, isToken })
}

/** The library takes quotes and brackets in instructions for those of attributes; nothing else reads them. */
function withoutQuotes(text: string): string {
  if (!text.includes('<?')) return text
  return text.replace(/<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>/gs, (part) =>
    part.startsWith('<?') ? `<?${part.slice(2, -2).replace(/["'<>]/g, ' ')}?>` : part,
  )
}

/** What the library makes of an element, comment, section or text: one key besides its offsets. */
type Node = { readonly [name: string]: string | readonly Node[] }

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: true,
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  commentPropName: '#comment',
  cdataPropName: '#cdata',
  ignoreDeclaration: false,
  // Deeper nesting was refused before.
  maxNestedTags: 1000,
  // Names are read from the text itself.
  onDangerousProperty: (name: string) => `x${name}`,
  strictReservedNames: false,
})

interface Offsets {
  readonly startIndex: number
  readonly endIndex: number
}

const offsets = XMLParser.getMetaDataSymbol() as unknown as string

function offsetsOf(node: Node): Offsets | null {
  const found = node[offsets] as unknown as Offsets | undefined
  return found ?? null
}

interface Reading {
  readonly body: ExpandedText
  readonly text: string
  readonly isToken: IsToken
}

function elementOf(node: Node, reading: Reading): XmlElement {
  const { body, text } = reading
  const { startIndex, endIndex } = offsetsOf(node)!
  const tag = startTagAt(text, startIndex, unexpected)
  const content = contentOf(node)
  const children = content.filter((each) => offsetsOf(each) !== null && kindOf(each) === 'element')
  const elements = children.map((each) => elementOf(each, reading))
  const lost = lostText(content)
  return {
    name: tag.name,
    position: body.positionOf(startIndex),
    attributes: attributesOf(tag.name, tag.attributes, reading),
    children: elements,
    text: firstText(content),
    attributePosition: (name, at = 0) => {
      const attribute = tag.attributes.find((each) => each.name === name)
      if (attribute === undefined) return body.positionOf(startIndex)
      return body.positionOf(writtenAt(text, attribute, at))
    },
    hasText: content.some((each) => kindOf(each) === 'text' || kindOf(each) === 'cdata'),
    strayTextAt: () => {
      const skipped = children.map((each) => offsetsOf(each)!)
      const at = strayText(text, tag.end, tag.isEmpty ? tag.end : endIndex, skipped)
      return at === null ? null : body.positionOf(at)
    },
    hasLostText: lost,
  }
}

/** Where a character of a value stands: a reference is one of them. */
function writtenAt(text: string, { from, to }: TagAttribute, at: number): number {
  let place = from
  for (let passed = 0; passed < at && place < to; passed++) {
    const end = text[place] === '&' ? text.indexOf(';', place) : place
    place = end < 0 ? to : end + 1
  }
  return Math.min(place, to)
}

function attributesOf(
  element: string,
  attributes: readonly TagAttribute[],
  { text, isToken }: Reading,
): ReadonlyMap<string, string> {
  return new Map(
    attributes.map(({ name, from, to }) => {
      // Literal line ends and tabs are blanks; those written as references stay (XML 1.0, 3.3.3).
      const value = text.slice(from, to).replace(/[\t\n]/g, ' ')
      const decoded = decodeReferences(value, from, unexpected)
      return [name, isToken(element, name) ? decoded.replace(/ +/g, ' ').trim() : decoded]
    }),
  )
}

function kindOf(node: Node): 'element' | 'text' | 'cdata' | 'other' {
  if ('#text' in node) return 'text'
  if ('#cdata' in node) return 'cdata'
  const name = Object.keys(node)[0] ?? ''
  return name === '#comment' || name.startsWith('?') ? 'other' : 'element'
}

function contentOf(node: Node): readonly Node[] {
  const name = Object.keys(node)[0]
  const content = name === undefined ? [] : node[name]
  return Array.isArray(content) ? (content as readonly Node[]) : []
}

/** The text up to the first element, comment or instruction: text and CDATA sections that touch are one. */
function firstText(content: readonly Node[]): string {
  let text = ''
  for (const node of content) {
    const kind = kindOf(node)
    if (kind === 'element' || kind === 'other') break
    text += textOf(node)
  }
  return text
}

function lostText(content: readonly Node[]): boolean {
  let isBehind = false
  for (const node of content) {
    const kind = kindOf(node)
    if (kind === 'element' || kind === 'other') isBehind = true
    else if (isBehind && textOf(node).trim() !== '') return true
  }
  return false
}

function textOf(node: Node): string {
  const text = node['#text']
  if (typeof text === 'string') return decodeReferences(text, 0, unexpected)
  const [inner] = (node['#cdata'] ?? []) as readonly Node[]
  const section = inner?.['#text']
  return typeof section === 'string' ? section : ''
}

/** Where text begins between `from` and `to`, child elements, comments and instructions left aside. */
function strayText(
  text: string,
  from: number,
  to: number,
  children: readonly Offsets[],
): number | null {
  let at = from
  let child = 0
  while (at < to) {
    const next = children[child]
    if (next !== undefined && at === next.startIndex) {
      at = next.endIndex
      child++
    } else if (text.startsWith('<![CDATA[', at)) return at
    else if (text.startsWith('<!--', at)) at = text.indexOf('-->', at + 4) + 3
    else if (text.startsWith('<?', at)) at = text.indexOf('?>', at) + 2
    else if (text.startsWith('</', at)) return null
    else if (/\s/.test(text[at]!)) at++
    else if (/^&#(x0*(20|9|a|d)|0*(32|9|10|13));/i.test(text.slice(at, at + 12))) {
      at = text.indexOf(';', at) + 1
    } else return at
  }
  return null
}

/** `expand` has refused what could fail here. */
function unexpected(text: string, at: number): never {
  throw new Error(`${text} at ${at} of a text that was found well-formed`)
}
