/** `decode="html_entities"`. Source: reference tsung-core.md, 1.11: these five alone. */
const characters: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(amp|lt|gt|quot|apos);/g, character)
}

function character(_: string, name: string): string {
  return characters[name]!
}
