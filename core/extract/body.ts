const blankLine = '\r\n\r\n'

/** What follows the first blank line; null: there is none. */
export function bodyOf(content: string): string | null {
  const at = content.indexOf(blankLine)
  return at < 0 ? null : content.slice(at + blankLine.length)
}
