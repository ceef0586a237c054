/** HTML with everything escaped that is not markup by itself. */

export type HtmlValue = string | number | Markup | null | readonly HtmlValue[]

/** Text that is already HTML. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Markup as written; each value is escaped, safe between tags and in double-quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + rendered(values[index - 1]!) + part))
}

/** Data for a script to read: no text in it can end the element or begin a comment. */
export function jsonElement(id: string, data: unknown): Markup {
  const text = JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  return html`<script type="application/json" id="${id}">${new Markup(text)}</script>`
}

/** @param source trusted JavaScript, ours or a library's */
export function scriptElement(source: string): Markup {
  return new Markup(`<script>${source.replaceAll('</script', '<\\/script')}</script>`)
}

/** @param source trusted CSS */
export function styleElement(source: string): Markup {
  return new Markup(`<style>${source.replaceAll('</style', '<\\/style')}</style>`)
}

function rendered(value: HtmlValue): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? escaped(value) : value.map(rendered).join('')
}

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
