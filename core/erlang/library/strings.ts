/** Module `string`, the functions for lists and binaries alike. Source: stdlib reference manual, "string". */
import { utf8ByteString } from '../../byte-string.ts'
import { asList, items, small } from '../term/coerce.ts'
import {
  atom,
  Binary,
  bool,
  Cons,
  isAtom,
  type Library,
  listOf,
  type Machine,
  nil,
  stringTerm,
  type Term,
} from '../term/term.ts'
import { characters } from './conversions.ts'

export const strings: Library = {
  'string:length/1': ([text], machine) => BigInt(graphemes(text, machine).length),
  'string:is_empty/1': ([text], machine) => bool(characters(text, machine) === ''),
  'string:uppercase/1': ([text], machine) => like(text, characters(text, machine).toUpperCase()),
  'string:lowercase/1': ([text], machine) => like(text, characters(text, machine).toLowerCase()),
  'string:titlecase/1': ([text], machine) => {
    const [first = '', ...rest] = graphemes(text, machine)
    return like(text, first.toUpperCase() + rest.join(''))
  },
  'string:reverse/1': ([text], machine) => stringTerm(graphemes(text, machine).reverse().join('')),
  'string:trim/1': ([text], machine) => trim(text, atom('both'), blanks, machine),
  'string:trim/2': ([text, side], machine) => trim(text, side, blanks, machine),
  'string:trim/3': ([text, side, set], machine) =>
    trim(text, side, graphemes(set, machine), machine),
  'string:split/2': ([text, part], machine) => split(text, part, atom('leading'), machine),
  'string:split/3': ([text, part, where], machine) => split(text, part, where, machine),
  'string:lexemes/2': ([text, separators], machine) => {
    const marks = items(separators, machine).map((mark) => characters(listOf([mark]), machine))
    const found: string[] = []
    let isInside = false
    for (const character of graphemes(text, machine)) {
      const isMark = marks.includes(character)
      if (!isMark && isInside) found[found.length - 1] += character
      else if (!isMark) found.push(character)
      isInside = !isMark
    }
    return listOf(found.map((part) => like(text, part)))
  },
  'string:replace/3': ([text, part, by], machine) =>
    replace(text, part, by, atom('leading'), machine),
  'string:replace/4': ([text, part, by, where], machine) => replace(text, part, by, where, machine),
  'string:find/2': ([text, part], machine) => find(text, part, atom('leading'), machine),
  'string:find/3': ([text, part, where], machine) => find(text, part, where, machine),
  'string:prefix/2': ([text, part], machine) => {
    const [whole, front] = [characters(text, machine), characters(part, machine)]
    return whole.startsWith(front) ? like(text, whole.slice(front.length)) : atom('nomatch')
  },
  'string:slice/2': ([text, start], machine) =>
    like(text, graphemes(text, machine).slice(small(start)).join('')),
  'string:slice/3': ([text, start, length], machine) => {
    const from = small(start)
    if (isAtom(length, 'infinity')) return like(text, graphemes(text, machine).slice(from).join(''))
    return like(
      text,
      graphemes(text, machine)
        .slice(from, from + small(length))
        .join(''),
    )
  },
  'string:pad/2': ([text, width], machine) => pad(text, width, atom('trailing'), 32n, machine),
  'string:pad/3': ([text, width, side], machine) => pad(text, width, side, 32n, machine),
  'string:pad/4': ([text, width, side, mark], machine) => pad(text, width, side, mark, machine),
}

const blanks = ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u200e', '\u200f', '\u2028', '\u2029']

/** Characters as the module counts them, as near as code points are. */
function graphemes(text: Term, machine: Machine): string[] {
  const found = Array.from(characters(text, machine))
  machine.spend(found.length / 4)
  return found
}

/** The result is a binary when the argument was one. */
function like(text: Term, result: string): Term {
  return text instanceof Binary ? new Binary(utf8ByteString(result)) : stringTerm(result)
}

function trim(text: Term, side: Term, set: readonly string[], machine: Machine): Term {
  const found = graphemes(text, machine)
  let start = 0
  let end = found.length
  if (!isAtom(side, 'trailing')) while (start < end && set.includes(found[start]!)) start++
  if (!isAtom(side, 'leading')) while (end > start && set.includes(found[end - 1]!)) end--
  return like(text, found.slice(start, end).join(''))
}

/** Texts between the separators that `where` (leading, trailing, all) means. */
function pieces(text: string, part: string, where: Term): string[] {
  if (part === '') return [text]
  if (isAtom(where, 'all')) return text.split(part)
  const at = isAtom(where, 'trailing') ? text.lastIndexOf(part) : text.indexOf(part)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + part.length)]
}

function split(text: Term, part: Term, where: Term, machine: Machine): Term {
  const found = pieces(characters(text, machine), characters(part, machine), where)
  machine.spend(found.length)
  return listOf(found.map((piece) => like(text, piece)))
}

/** The pieces with the replacement between them. */
function replace(text: Term, part: Term, by: Term, where: Term, machine: Machine): Term {
  const found = pieces(characters(text, machine), characters(part, machine), where)
  machine.spend(found.length)
  const parts = found.map((piece) => like(text, piece))
  return listOf(parts.flatMap((piece, at) => (at === 0 ? [piece] : [asText(by), piece])))
}

function asText(term: Term): Term {
  const list = asList(term)
  return list instanceof Cons || list === nil ? list : term
}

function find(text: Term, part: Term, where: Term, machine: Machine): Term {
  const whole = characters(text, machine)
  const wanted = characters(part, machine)
  const at = isAtom(where, 'trailing') ? whole.lastIndexOf(wanted) : whole.indexOf(wanted)
  return at < 0 ? atom('nomatch') : like(text, whole.slice(at))
}

/** Lists of the text and what was put beside it. */
function pad(text: Term, width: Term, side: Term, mark: Term, machine: Machine): Term {
  const wide = small(width)
  machine.spend(wide)
  const missing = Math.max(0, wide - graphemes(text, machine).length)
  const before = isAtom(side, 'leading') ? missing : isAtom(side, 'both') ? missing >> 1 : 0
  const fill = (count: number): Term[] => new Array<Term>(count).fill(mark)
  return listOf([...fill(before), asText(text), ...fill(missing - before)])
}
