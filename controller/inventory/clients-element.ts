/** The element `<clients>` in the text of a scenario: found and replaced, every other byte as it was. */

export interface Span {
  readonly from: number
  readonly to: number
}

export interface ClientsPlace extends Span {
  /** Blanks before its line. */
  readonly indent: string
  /** False: there is none, it belongs where `from` and `to` are. */
  readonly isThere: boolean
}

/**
 * @param text of a scenario, each byte a character (latin1): offsets are bytes
 * @returns null when there is no root element
 */
export function clientsPlace(text: string): ClientsPlace | null {
  let depth = 0
  let begin: number | null = null
  /** Where it belongs: before the first element but `<information>`. */
  let missing: ClientsPlace | null = null
  for (const tag of tagsOf(text)) {
    const isClients = depth === 1 && tag.name === 'clients'
    if (tag.type === 'end') {
      depth--
      if (depth === 1 && begin !== null) return thereFrom(text, begin, tag.to)
      if (depth === 0) return missing ?? missingAt(text, tag.from, '  ')
      continue
    }
    if (isClients && tag.isEmpty) return thereFrom(text, tag.from, tag.to)
    if (isClients) begin = tag.from
    else if (depth === 1 && begin === null && tag.name !== 'information') {
      missing ??= missingAt(text, tag.from, indentAt(text, tag.from))
    }
    if (!tag.isEmpty) depth++
  }
  return null
}

function thereFrom(text: string, from: number, to: number): ClientsPlace {
  return { from, to, indent: indentAt(text, from), isThere: true }
}

function missingAt(text: string, at: number, indent: string): ClientsPlace {
  const from = at - indentAt(text, at).length
  return { from, to: from, indent, isThere: false }
}

interface Tag extends Span {
  readonly type: 'start' | 'end'
  readonly name: string
  readonly isEmpty: boolean
}

/** Comments, sections, instructions and the DOCTYPE are passed over. */
function* tagsOf(text: string): Generator<Tag> {
  let at = 0
  for (;;) {
    at = text.indexOf('<', at)
    if (at < 0) return
    const end = endOf(text, at)
    if (end < 0) return
    const name = /^<\/?([^\s/>!?]+)/.exec(text.slice(at, at + 300))?.[1]
    if (name !== undefined) {
      const type = text[at + 1] === '/' ? 'end' : 'start'
      yield { type, name, from: at, to: end, isEmpty: text[end - 2] === '/' }
    }
    at = end
  }
}

/** Behind what begins at `at`; -1: it does not end. */
function endOf(text: string, at: number): number {
  const behind = (mark: string, from: number): number => {
    const found = text.indexOf(mark, from)
    return found < 0 ? -1 : found + mark.length
  }
  if (text.startsWith('<!--', at)) return behind('-->', at + 4)
  if (text.startsWith('<![CDATA[', at)) return behind(']]>', at)
  if (text.startsWith('<?', at)) return behind('?>', at)
  let depth = 0
  for (let index = at + 1; index < text.length; index++) {
    const char = text[index]!
    if (char === '"' || char === "'") {
      index = text.indexOf(char, index + 1)
      if (index < 0) return -1
    } else if (char === '[') depth++
    else if (char === ']') depth--
    else if (depth > 0 && text.startsWith('<!--', index)) index = behind('-->', index) - 1
    else if (char === '>' && depth <= 0) return index + 1
  }
  return -1
}

/** Blanks between the line's begin and `at`; empty when something else stands there. */
function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return /^[ \t]*$/.test(line) ? line : ''
}
