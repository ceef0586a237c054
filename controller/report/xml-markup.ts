/** XML with its parts marked, for reading. Whatever it is, the text stays as it was. */
import { type HtmlValue, html, type Markup } from './html.ts'

/** Beyond this, text is shown as it is: marks take five times its size. */
const markedMaxChars = 40_000

const pieces =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<\/?[^\s<>/]+(?:"[^"]*"|'[^']*'|[^<>"'])*>/g
const inTag = /(^<\/?[^\s<>/]+)|("[^"]*"|'[^']*')/g

export function xmlMarkup(xml: string): HtmlValue {
  const text = xml.slice(0, markedMaxChars)
  const found: HtmlValue[] = []
  let at = 0
  for (const match of text.matchAll(pieces)) {
    found.push(text.slice(at, match.index))
    found.push(pieceMarkup(match[0]))
    at = match.index + match[0].length
  }
  return [...found, xml.slice(at)]
}

function pieceMarkup(piece: string): HtmlValue {
  if (piece.startsWith('<!--')) return html`<span class="x-comment">${piece}</span>`
  if (piece.startsWith('<![') || piece.startsWith('<?') || piece.startsWith('<!')) {
    return html`<span class="x-other">${piece}</span>`
  }
  const found: (string | Markup)[] = []
  let at = 0
  for (const match of piece.matchAll(inTag)) {
    const kind = match[1] === undefined ? 'x-value' : 'x-name'
    found.push(piece.slice(at, match.index), html`<span class="${kind}">${match[0]}</span>`)
    at = match.index + match[0].length
  }
  return [...found, piece.slice(at)]
}
