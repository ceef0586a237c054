/** What was found in a scenario, for people: place, line with a caret, hint, and how many there are. */
import type { Diagnostic, Severity } from '../core/scenario/errors.ts'

/** Lines of the excerpt are cut to so many columns around the caret. */
const excerptWidth = 100

/** Warnings that say the same are told so often; errors always. */
const maxAlike = 10

export interface TextStream {
  readonly isTTY?: boolean
}

/**
 * All findings, in order of place, and a last line that counts them. Colours on a terminal only.
 *
 * @param sources text of the files, by the names that positions give
 */
export function diagnosticsText(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  stream: TextStream,
): string {
  const paint = painter(stream.isTTY === true && !process.env['NO_COLOR'])
  const lines = linesIn(sources)
  const { told, left } = withoutRepetition(inOrder(diagnostics, [...sources.keys()]))
  const found = told.map((diagnostic) => findingText(diagnostic, lines(diagnostic), paint))
  const more = [...left].map(([what, count]) => `${paint('bold', `${count} more`)}: ${what}\n`)
  return [...found, ...more, countText(diagnostics), '\n'].join('')
}

const words: { readonly [severity in Severity]: string } = {
  error: 'error',
  warning: 'warning',
  unplayable: 'not playable yet',
}

function findingText(
  { severity, code, text, position, hint }: Diagnostic,
  line: string | null,
  paint: Paint,
): string {
  const place = `${visible(position.file)}:${position.line}:${position.column}`
  const head = `${paint('bold', `${place}:`)} ${paint(severity, `${wordFor(severity, code)}:`)} ${visible(text)} [${code}]`
  const excerpt = line === null ? [] : excerptOf(line, position.line, position.column, paint)
  const advice = hint === undefined ? [] : [`      hint: ${visible(hint)}`]
  return `${[head, ...excerpt, ...advice].join('\n')}\n`
}

/** A later version will play most of what this one does not; not what nobody could. */
function wordFor(severity: Severity, code: string): string {
  return forEver.has(code) ? 'not playable' : words[severity]
}

const forEver: ReadonlySet<string> = new Set([
  'U_BAD_SUM',
  'U_EMPTY_REQUEST',
  'U_FUNCTION',
  'U_OTHER_PROTOCOL',
  'U_PATH',
  'U_REGEXP',
  'U_UNUSABLE',
])

function excerptOf(line: string, number: number, column: number, paint: Paint): readonly string[] {
  const characters = [...line]
  const at = Math.min(column - 1, characters.length)
  const from = Math.max(0, Math.min(at - excerptWidth / 2, characters.length - excerptWidth))
  const to = Math.min(characters.length, from + excerptWidth)
  const before = (from > 0 ? '…' : '') + shown(characters.slice(from, at))
  const behind = shown(characters.slice(at, to)) + (to < characters.length ? '…' : '')
  const margin = String(number).padStart(5)
  const caret = ' '.repeat(widthOf(before))
  return [`${margin} | ${before}${behind}`, `      | ${caret}${paint('caret', '^')}`]
}

function shown(characters: readonly string[]): string {
  return visible(characters.join('').replaceAll('\t', ' '))
}

/** Escapes what a terminal would obey, or what would hide or turn other text. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => {
      return `\\u{${character.codePointAt(0)!.toString(16)}}`
    },
  )
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Columns that a terminal needs for the text. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width += /\p{Mn}/u.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

function countText(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Severity): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const errors = count('error')
  const warnings = count('warning')
  const unplayable = count('unplayable')
  const parts = [
    ...(errors > 0 ? [`${errors} error${errors > 1 ? 's' : ''}`] : []),
    ...(warnings > 0 ? [`${warnings} warning${warnings > 1 ? 's' : ''}`] : []),
    ...(unplayable > 0 ? [`${unplayable} not playable yet`] : []),
  ]
  return parts.length === 0 ? 'nothing was found' : parts.join(', ')
}

/** By file, in the order in which they were read, then by place. */
function inOrder(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  const rank = (file: string): number => (files.includes(file) ? files.indexOf(file) : files.length)
  return [...diagnostics].sort(
    ({ position: a }, { position: b }) =>
      rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column,
  )
}

/** `left`: how many of each kind were not told, by what they say. */
function withoutRepetition(diagnostics: readonly Diagnostic[]): {
  readonly told: readonly Diagnostic[]
  readonly left: ReadonlyMap<string, number>
} {
  const counts = new Map<string, number>()
  const left = new Map<string, number>()
  const told = diagnostics.filter(({ severity, code, text }) => {
    const what = `${words[severity]}: ${visible(text)} [${code}]`
    const count = (counts.get(what) ?? 0) + 1
    counts.set(what, count)
    if (severity === 'error' || count <= maxAlike) return true
    left.set(what, (left.get(what) ?? 0) + 1)
    return false
  })
  return { told, left }
}

/** @returns the line a finding stands in; null when its file is not known */
function linesIn(sources: ReadonlyMap<string, string>): (diagnostic: Diagnostic) => string | null {
  const split = new Map<string, readonly string[]>()
  return ({ position: { file, line } }) => {
    const text = sources.get(file)
    if (text === undefined) return null
    const lines = split.get(file) ?? text.split('\n')
    split.set(file, lines)
    return lines[line - 1] ?? null
  }
}

type Paint = (style: 'bold' | 'caret' | Severity, text: string) => string

const codes = { bold: '1', caret: '32;1', error: '31;1', warning: '33;1', unplayable: '35;1' }

function painter(isColoured: boolean): Paint {
  return (style, text) => (isColoured ? `\u001b[${codes[style]}m${text}\u001b[0m` : text)
}
