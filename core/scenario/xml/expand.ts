/**
 * From a scenario's file to one well-formed text without entities, and back from its offsets to the files.
 *
 * The whole of well-formedness is checked here, before the tree is built: the library that builds it lets much through.
 * What entities make of a text is bounded, so that a billion laughs are an error.
 */
import type { Position } from '../model.ts'
import { decode, hexOf } from './decode.ts'
import {
  type Doctype,
  type Entity,
  type Replacement,
  readProlog,
  skipComment,
  skipInstruction,
  skipXmlDeclaration,
} from './prolog.ts'
import { referenceAt } from './references.ts'
import { ExpandedText, positionIn, type Source } from './source.ts'
import { type Fail, nameAt, skipBlanks, startTagAt } from './tag.ts'
import { XmlError } from './xml-error.ts'

/** Characters of the expanded text. */
const maxLength = 64 * 1024 * 1024
const maxReferences = 200_000
const maxEntityDepth = 32
const maxElementDepth = 200

export interface Document {
  readonly doctype: Doctype | null
  /** Root element and what stands around it; entities are replaced, characters stay escaped. */
  readonly body: ExpandedText
}

/**
 * @param readEntity reads the file of a `SYSTEM` entity, or says why not
 * @param onSource is told each such file when it is decoded: before faults are found in it
 * @throws {XmlError} when the scenario is not well-formed
 */
export function expand(
  source: Source,
  readEntity: EntityReader,
  onSource: (source: Source) => void,
): Document {
  return new Expansion(source, readEntity, onSource).run()
}

/** @param position where the entity is used */
export type EntityReader = (
  systemId: string,
  position: Position,
) =>
  | { readonly file: string; readonly bytes: Uint8Array }
  | { readonly problem: string; readonly hint?: string }

/** A text whose references are being replaced. */
interface Input extends Replacement {
  /** The entity it is the text of; null: the scenario's file. */
  readonly entity: string | null
  readonly inclusion: number
  readonly depth: number
}

interface OpenElement {
  readonly name: string
  readonly source: Source
  /** Of its start tag in the source. */
  readonly place: number
  readonly inclusion: number
}

class Expansion {
  readonly #main: Source
  readonly #readEntity: EntityReader
  readonly #body = new ExpandedText()
  readonly #onSource: (source: Source) => void
  readonly #external = new Map<string, Replacement>()
  readonly #open: OpenElement[] = []
  /** Entities whose text is being read, outermost first. */
  readonly #path: string[] = []
  #entities: ReadonlyMap<string, Entity> = new Map()
  #references = 0
  #inclusions = 0
  #hasRoot = false

  constructor(source: Source, readEntity: EntityReader, onSource: (source: Source) => void) {
    this.#main = source
    this.#readEntity = readEntity
    this.#onSource = onSource
  }

  run(): Document {
    const source = this.#main
    const { doctype, entities, end } = readProlog(source, failIn(source))
    this.#entities = entities
    const text = source.text.slice(end)
    const input = { text, source, offset: end, isCopy: true, entity: null, inclusion: 0, depth: 0 }
    this.#content(input)
    const unclosed = this.#open.at(-1)
    if (unclosed !== undefined) {
      const position = positionIn(unclosed.source, unclosed.place)
      throw new XmlError('E_XML', `<${unclosed.name}> is not closed`, position)
    }
    if (!this.#hasRoot) {
      const position = positionIn(source, source.text.length)
      throw new XmlError('E_XML', 'there is no element', position)
    }
    return { doctype, body: this.#body }
  }

  #content(input: Input): void {
    const { text } = input
    const fail = failAt(input)
    let at = 0
    while (at < text.length) {
      const next = nextMarkup(text, at)
      this.#characters(input, at, next, fail)
      at = next
      if (at >= text.length) break
      at = text[at] === '&' ? this.#reference(input, at, fail) : this.#markup(input, at, fail)
    }
  }

  /** Text between tags: none outside the root, and no end of a CDATA section. */
  #characters(input: Input, from: number, to: number, fail: Fail): void {
    if (this.#open.length === 0) {
      const stray = skipBlanks(input.text, from)
      if (stray < to) this.#refuseOutside(input.text, stray, fail)
    }
    const end = input.text.slice(from, to).indexOf(']]>')
    if (end >= 0) fail('"]]>" cannot stand in text', from + end, 'write ]]&gt;')
    this.#copy(input, from, to)
  }

  #refuseOutside(text: string, at: number, fail: Fail): never {
    const character = String.fromCodePoint(text.codePointAt(at)!)
    const found = /\p{C}/u.test(character) ? hexOf(character.codePointAt(0)!) : `"${character}"`
    return this.#hasRoot
      ? fail(`${found} stands behind the end of the scenario`, at)
      : fail(`${found} stands before the first element`, at)
  }

  /** @returns behind the tag, comment, section or instruction that begins at `at` */
  #markup(input: Input, at: number, fail: Fail): number {
    const { text } = input
    if (text.startsWith('</', at)) return this.#endTag(input, at, fail)
    if (text.startsWith('<!--', at)) return this.#copy(input, at, skipComment(text, at, fail))
    if (text.startsWith('<?', at)) return this.#copy(input, at, skipInstruction(text, at, fail))
    if (text.startsWith('<![CDATA[', at)) {
      if (this.#open.length === 0) fail('text stands outside the root element', at)
      const end = text.indexOf(']]>', at)
      if (end < 0) fail('the CDATA section does not end', at, 'it needs a "]]>"')
      return this.#copy(input, at, end + 3)
    }
    if (text.startsWith('<!DOCTYPE', at)) fail('a DOCTYPE cannot stand here', at)
    return this.#startTag(input, at, fail)
  }

  #startTag(input: Input, at: number, fail: Fail): number {
    const { text } = input
    const tag = startTagAt(text, at, fail)
    if (this.#open.length === 0 && this.#hasRoot) {
      fail(`<${tag.name}> is a second root element`, at)
    }
    this.#hasRoot = true
    let from = at
    for (const attribute of tag.attributes) {
      const value = text.slice(attribute.from, attribute.to)
      if (!value.includes('&')) continue
      from = this.#value(input, from, attribute.from, attribute.to, fail)
    }
    this.#copy(input, from, tag.end)
    if (!tag.isEmpty) {
      if (this.#open.length >= maxElementDepth) {
        fail(`elements are nested more than ${maxElementDepth} deep`, at)
      }
      const { source, inclusion } = input
      this.#open.push({ name: tag.name, source, place: placeOf(input, at), inclusion })
    }
    return tag.end
  }

  #endTag(input: Input, at: number, fail: Fail): number {
    const { text } = input
    const name = nameAt(text, at + 2)
    const end = skipBlanks(text, at + 2 + name.length)
    if (name === '' || text[end] !== '>') fail('this end tag cannot be read', at)
    const element = this.#open.pop()
    if (element === undefined) fail(`</${name}> closes nothing`, at)
    if (element.name !== name) {
      const { line } = positionIn(element.source, element.place)
      fail(`</${name}> does not close <${element.name}> of line ${line}`, at, `</${element.name}>?`)
    }
    if (element.inclusion !== input.inclusion) {
      fail(`</${name}> stands in another entity than its <${name}>`, at)
    }
    return this.#copy(input, at, end + 1)
  }

  /**
   * A value with references, up to its end, and what stands before it in the tag.
   *
   * @returns where copying goes on
   */
  #value(input: Input, tagFrom: number, from: number, to: number, fail: Fail): number {
    const { text, source } = input
    const quote = text[from - 1]!
    let next = tagFrom
    for (let at = text.indexOf('&', from); at >= 0 && at < to; at = text.indexOf('&', at + 1)) {
      const reference = referenceAt(text, at, 0, fail)
      if (reference.type === 'character') continue
      this.#copy(input, next, at)
      const replaced = this.#inValue(reference.name, input.depth, (why) => fail(why, at))
      const escaped = replaced.replaceAll(quote, quote === '"' ? '&quot;' : '&apos;')
      this.#body.insert(escaped, source, placeOf(input, at))
      this.#checkSize((why) => fail(why, at))
      next = reference.end
    }
    return next
  }

  /** What an entity stands for inside a value; characters stay escaped. */
  #inValue(name: string, depth: number, refuse: (why: string) => never): string {
    const entity = this.#entityOf(name, depth, refuse)
    if (entity.type === 'external') {
      refuse(`the entity ${name} is a file, which cannot stand in an attribute`)
    }
    const { text } = entity.replacement
    if (text.includes('<')) refuse(`the entity ${name} has a "<", which no attribute may have`)
    this.#path.push(name)
    let result = ''
    let from = 0
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
      const reference = referenceAt(text, at, 0, (why) => refuse(`in the entity ${name}: ${why}`))
      if (reference.type === 'character') continue
      result += text.slice(from, at) + this.#inValue(reference.name, depth + 1, refuse)
      if (result.length > maxLength) refuse('the entities make the scenario too long')
      from = reference.end
    }
    this.#path.pop()
    return result + text.slice(from)
  }

  #reference(input: Input, at: number, fail: Fail): number {
    const reference = referenceAt(input.text, at, 0, fail)
    if (this.#open.length === 0) fail('a reference stands outside the root element', at)
    if (reference.type === 'character') return this.#copy(input, at, reference.end)
    const { name } = reference
    const refuse = (why: string, hint?: string): never =>
      failEntity(why, positionOf(input, at), hint)
    const entity = this.#entityOf(name, input.depth, refuse)
    const replacement =
      entity.type === 'internal'
        ? entity.replacement
        : this.#file(entity.systemId, positionOf(input, at), refuse)
    const inclusion = ++this.#inclusions
    const depthBefore = this.#open.length
    this.#path.push(name)
    this.#content({ ...replacement, entity: name, inclusion, depth: input.depth + 1 })
    this.#path.pop()
    if (this.#open.length > depthBefore) {
      const { name: element } = this.#open.at(-1)!
      refuse(`the entity ${name} opens <${element}> and does not close it`)
    }
    return reference.end
  }

  #entityOf(name: string, depth: number, refuse: (why: string, hint?: string) => never): Entity {
    const entity = this.#entities.get(name)
    if (entity === undefined) {
      const hint = `declare it in the DOCTYPE, or write &amp;${name}; if it is text`
      return refuse(`the entity ${name} is not declared`, hint)
    }
    if (this.#path.includes(name)) refuse(`the entity ${name} stands in itself`)
    if (depth >= maxEntityDepth) refuse(`entities are nested more than ${maxEntityDepth} deep`)
    if (++this.#references > maxReferences) refuse(`more than ${maxReferences} entities are used`)
    return entity
  }

  #file(
    systemId: string,
    position: Position,
    refuse: (why: string, hint?: string) => never,
  ): Replacement {
    const known = this.#external.get(systemId)
    if (known !== undefined) return known
    const read = this.#readEntity(systemId, position)
    if ('problem' in read) return refuse(read.problem, read.hint)
    const source = decode(read.file, read.bytes)
    const offset = skipXmlDeclaration(source.text, failIn(source), true)
    const replacement = { text: source.text.slice(offset), source, offset, isCopy: true }
    this.#onSource(source)
    this.#external.set(systemId, replacement)
    return replacement
  }

  /** @returns `to` */
  #copy(input: Input, from: number, to: number): number {
    const { source } = input
    if (input.isCopy) {
      this.#body.copy(source, input.offset + from, input.offset + to)
    } else {
      this.#body.insert(input.text.slice(from, to), source, input.offset)
    }
    if (input.entity !== null) this.#checkSize((why) => failEntity(why, positionOf(input, from)))
    return to
  }

  #checkSize(refuse: (why: string) => never): void {
    if (this.#body.length > maxLength) refuse('the entities make the scenario too long')
  }
}

/** @returns where the next tag or reference begins, or the end */
function nextMarkup(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3c || code === 0x26) return at
  }
  return text.length
}

function placeOf(input: Input, at: number): number {
  return input.isCopy ? input.offset + at : input.offset
}

function positionOf(input: Input, at: number): Position {
  return positionIn(input.source, placeOf(input, at))
}

function failAt(input: Input): Fail {
  return (text, at, hint) => {
    const where = input.entity === null ? '' : ` (in the entity ${input.entity})`
    throw new XmlError('E_XML', text + where, positionOf(input, at), hint)
  }
}

function failIn(source: Source): Fail {
  return (text, at, hint) => {
    throw new XmlError('E_XML', text, positionIn(source, at), hint)
  }
}

function failEntity(text: string, position: Position, hint?: string): never {
  throw new XmlError('E_ENTITY', text, position, hint)
}
