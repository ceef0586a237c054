/** XML declaration and DOCTYPE: what stands before the root element. Source: XML 1.0, 2.8 and 4.2. */
import { decodeCharacterReferences } from './references.ts'
import type { Source } from './source.ts'
import { type Fail, nameAt, skipBlanks } from './tag.ts'

/** Where text stands that an entity stands for. */
export interface Replacement {
  readonly text: string
  readonly source: Source
  /** Of the text's first character in the source. */
  readonly offset: number
  /** Whether `text` stands in the source as it is; else all of it is told at `offset`. */
  readonly isCopy: boolean
}

export type Entity =
  | { readonly type: 'internal'; readonly replacement: Replacement }
  | { readonly type: 'external'; readonly systemId: string; readonly at: number }

export interface Doctype {
  readonly name: string
  readonly systemId: string | null
  readonly at: number
  /** Attributes that the internal subset declares, as `element/@attribute`. */
  readonly attributes: ReadonlySet<string>
}

export interface Prolog {
  readonly doctype: Doctype | null
  readonly entities: ReadonlyMap<string, Entity>
  /** Where the document goes on. */
  readonly end: number
}

/** Reads up to the end of the DOCTYPE, or of the XML declaration when there is none. */
export function readProlog(source: Source, fail: Fail): Prolog {
  const { text } = source
  const declarationEnd = skipXmlDeclaration(text, fail)
  let at = declarationEnd
  for (;;) {
    at = skipBlanks(text, at)
    if (text.startsWith('<!--', at)) at = skipComment(text, at, fail)
    else if (text.startsWith('<?', at)) at = skipInstruction(text, at, fail)
    else break
  }
  if (!text.startsWith('<!DOCTYPE', at)) {
    return { doctype: null, entities: new Map(), end: declarationEnd }
  }
  return readDoctype(source, at, fail)
}

/**
 * @param isEntity of an entity's file, where the version may be left out
 * @returns where the document begins behind `<?xml …?>`; 0 when there is none
 */
export function skipXmlDeclaration(text: string, fail: Fail, isEntity = false): number {
  if (!/^<\?xml[ \t\n]/.test(text)) return 0
  const end = text.indexOf('?>')
  if (end < 0) fail('the XML declaration does not end', 0, 'it needs a "?>"')
  const pattern = isEntity ? textDeclaration : xmlDeclaration
  if (!pattern.test(text.slice(5, end))) {
    const hint = 'write <?xml version="1.0" encoding="UTF-8"?>'
    fail('the XML declaration cannot be read', 0, hint)
  }
  return end + 2
}

const version = declared('version')
const encoding = declared('encoding')
const standalone = declared('standalone')
const xmlDeclaration = new RegExp(`^${version}(?:${encoding})?(?:${standalone})?[ \\t\\n]*$`)
const textDeclaration = new RegExp(`^(?:${version})?(?:${encoding})?[ \\t\\n]*$`)

function declared(name: string): string {
  return `[ \\t\\n]+${name}[ \\t\\n]*=[ \\t\\n]*(?:"[^"]*"|'[^']*')`
}

/** @returns behind the comment that begins at `at` */
export function skipComment(text: string, at: number, fail: Fail): number {
  const end = text.indexOf('--', at + 4)
  if (end < 0) fail('the comment does not end', at, 'it needs a "-->"')
  if (text[end + 2] !== '>') fail('"--" cannot stand in a comment', end)
  return end + 3
}

/** @returns behind the processing instruction that begins at `at` */
export function skipInstruction(text: string, at: number, fail: Fail): number {
  const target = nameAt(text, at + 2)
  if (target === '') fail('a "<?" that begins no processing instruction', at)
  if (target.toLowerCase() === 'xml') {
    const hint = 'nothing may stand before it, not even a blank'
    fail('the XML declaration is not at the beginning of the file', at, hint)
  }
  const end = text.indexOf('?>', at)
  if (end < 0) fail(`the processing instruction <?${target} does not end`, at)
  return end + 2
}

function readDoctype(source: Source, begin: number, fail: Fail): Prolog {
  const { text } = source
  let at = skipBlanks(text, begin + '<!DOCTYPE'.length)
  const name = nameAt(text, at)
  if (name === '') fail('the DOCTYPE names no root element', begin)
  at = skipBlanks(text, at + name.length)
  const external = externalIdAt(text, at, fail)
  at = skipBlanks(text, external?.end ?? at)
  const entities = new Map<string, Entity>()
  const attributes = new Set<string>()
  if (text[at] === '[') {
    at = readSubset(source, at + 1, entities, attributes, fail)
    at = skipBlanks(text, at)
  }
  if (text[at] !== '>') fail('the DOCTYPE does not end', begin, 'it needs a ">"')
  const doctype = { name, systemId: external?.systemId ?? null, at: begin, attributes }
  return { doctype, entities, end: at + 1 }
}

interface ExternalId {
  readonly systemId: string
  readonly end: number
}

function externalIdAt(text: string, at: number, fail: Fail): ExternalId | null {
  const keyword = ['SYSTEM', 'PUBLIC'].find((each) => text.startsWith(each, at))
  if (keyword === undefined) return null
  let next = skipBlanks(text, at + keyword.length)
  if (keyword === 'PUBLIC') next = skipBlanks(text, literalAt(text, next, fail).end)
  const { from, to, end } = literalAt(text, next, fail)
  return { systemId: text.slice(from, to), end }
}

function literalAt(
  text: string,
  at: number,
  fail: Fail,
): { readonly from: number; readonly to: number; readonly end: number } {
  const quote = text[at]
  if (quote !== '"' && quote !== "'") fail('a text in quotes is missing', at)
  const to = text.indexOf(quote as string, at + 1)
  if (to < 0) fail('a quoted text does not end', at)
  return { from: at + 1, to, end: to + 1 }
}

/** @returns behind the `]` */
function readSubset(
  source: Source,
  begin: number,
  entities: Map<string, Entity>,
  attributes: Set<string>,
  fail: Fail,
): number {
  const { text } = source
  let at = begin
  for (;;) {
    at = skipBlanks(text, at)
    if (text[at] === ']') return at + 1
    if (text.startsWith('<!--', at)) at = skipComment(text, at, fail)
    else if (text.startsWith('<?', at)) at = skipInstruction(text, at, fail)
    else if (text.startsWith('<!ENTITY', at)) at = readEntity(source, at, entities, fail)
    else if (/^<!(ELEMENT|ATTLIST|NOTATION)\b/.test(text.slice(at, at + 12))) {
      const end = declarationEnd(text, at, fail)
      const list = /^<!ATTLIST\s+(\S+)\s+(\S+)/.exec(text.slice(at, end))
      if (list !== null) attributes.add(`${list[1]}/@${list[2]}`)
      at = end
    } else if (text[at] === '%') fail('parameter entities are not supported', at)
    else if (at >= text.length) fail('the internal subset of the DOCTYPE does not end', begin)
    else fail('this cannot stand in the internal subset of the DOCTYPE', at)
  }
}

function readEntity(
  source: Source,
  begin: number,
  entities: Map<string, Entity>,
  fail: Fail,
): number {
  const { text } = source
  let at = skipBlanks(text, begin + '<!ENTITY'.length)
  const isParameter = text[at] === '%'
  if (isParameter) at = skipBlanks(text, at + 1)
  const name = nameAt(text, at)
  if (name === '') fail('the entity has no name', begin)
  at = skipBlanks(text, at + name.length)
  const external = externalIdAt(text, at, fail)
  let entity: Entity
  if (external !== null) {
    entity = { type: 'external', systemId: external.systemId, at: begin }
    at = external.end
  } else {
    const { from, to, end } = literalAt(text, at, fail)
    const raw = text.slice(from, to)
    const value = raw.includes('&#') ? decodeCharacterReferences(raw, from, fail) : raw
    const replacement = { text: value, source, offset: from, isCopy: value === raw }
    entity = { type: 'internal', replacement }
    at = end
  }
  at = skipBlanks(text, at)
  if (text[at] !== '>' && (external === null || !text.startsWith('NDATA', at))) {
    fail(`the declaration of the entity ${name} does not end`, begin, 'it needs a ">"')
  }
  const end = declarationEnd(text, at, fail)
  // The first declaration of a name is the one that counts.
  if (!isParameter && !entities.has(name)) entities.set(name, entity)
  return end
}

/** @returns behind the `>` that ends a declaration, quoted ones left aside */
function declarationEnd(text: string, begin: number, fail: Fail): number {
  let at = begin
  for (;;) {
    const character = text[at]
    if (character === '>') return at + 1
    if (character === undefined) fail('the declaration does not end', begin, 'it needs a ">"')
    at = character === '"' || character === "'" ? literalAt(text, at, fail).end : at + 1
  }
}
