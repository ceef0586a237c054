/** Character references and the five entities that XML knows by itself. Source: XML 1.0, 4.1 and 4.6. */
import { hexOf, isXmlCharacter } from './decode.ts'
import { type Fail, nameAt } from './tag.ts'

const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

export type Reference =
  | { readonly type: 'character'; readonly text: string; readonly end: number }
  | { readonly type: 'entity'; readonly name: string; readonly end: number }

/** The reference whose `&` stands at `at`. Positions told to `fail` are those of `text` plus `offset`. */
export function referenceAt(text: string, at: number, offset: number, fail: Fail): Reference {
  const numeric = /^&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));/.exec(text.slice(at, at + 14))
  if (numeric !== null) {
    const codePoint = numeric[1] ? Number.parseInt(numeric[1], 16) : Number(numeric[2])
    if (!isXmlCharacter(codePoint)) {
      fail(`XML does not allow the character ${hexOf(codePoint)}`, offset + at)
    }
    const end = at + numeric[0].length
    return { type: 'character', text: String.fromCodePoint(codePoint), end }
  }
  const name = nameAt(text, at + 1)
  if (name === '' || text[at + 1 + name.length] !== ';') {
    fail('a "&" that begins no reference', offset + at, 'write &amp; for the character itself')
  }
  const end = at + name.length + 2
  const known = predefined.get(name)
  return known === undefined
    ? { type: 'entity', name, end }
    : { type: 'character', text: known, end }
}

/** Replaces `&#…;` alone, as it is done when an entity is declared. */
export function decodeCharacterReferences(text: string, offset: number, fail: Fail): string {
  return replaceReferences(text, '&#', offset, fail)
}

/** Replaces every reference of a text whose entities were expanded before. */
export function decodeReferences(text: string, offset: number, fail: Fail): string {
  return text.includes('&') ? replaceReferences(text, '&', offset, fail) : text
}

function replaceReferences(text: string, opening: string, offset: number, fail: Fail): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
    const reference = referenceAt(text, at, offset, fail)
    if (reference.type === 'entity') fail(`the entity ${reference.name} is not known`, offset + at)
    result += text.slice(from, at) + reference.text
    from = reference.end
  }
  return result + text.slice(from)
}
