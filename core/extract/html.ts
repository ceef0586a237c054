/**
 * An answer's HTML or XML as a tree. Whatever pages hold is read; nothing is added that is not there, as no `tbody`.
 *
 * Source: reference tsung-core.md, 1.11 (`xpath`): names in lower case, no comments, no texts that are blank.
 */
import { Parser } from 'htmlparser2'
import { raise, settle } from './characters.ts'
import { TreeNode } from './tree.ts'

/** What is in deeper ones counts as in the deepest: XPath descends by recursion. */
const maxDepth = 500
/** What follows more open elements than this is left out: the parser's time grows with their square. */
const maxOpen = 20_000

/**
 * @param body a byte string
 * @returns null when there is not one element in it
 */
export function parseHtml(body: string): TreeNode | null {
  const text = raise(body)
  const builder = new Builder()
  const parser = new Parser(builder, {
    // HTML has elements without an end, such as <link>, that other XML uses otherwise.
    xmlMode: /^\s*<\?xml[\s?]/.test(text.slice(0, 200)),
    decodeEntities: true,
    lowerCaseTags: true,
    lowerCaseAttributeNames: true,
    recognizeCDATA: true,
    recognizeSelfClosing: true,
  })
  try {
    parser.end(text)
  } catch (error) {
    if (error !== tooDeep) throw error
  }
  return builder.document.firstChild === null ? null : builder.document
}

const tooDeep = new Error('too many open elements')

class Builder {
  readonly document: TreeNode = TreeNode.document()
  #open: TreeNode = this.document
  #depth = 0
  /** The text so far: the parser cuts it at each entity. */
  #text = ''

  onopentag(name: string, attributes: { readonly [name: string]: string }): void {
    this.#endText()
    if (this.#depth >= maxOpen) throw tooDeep
    const element = this.#open.appendElement(name)
    for (const attribute in attributes) {
      element.addAttribute(attribute, settle(attributes[attribute]!))
    }
    if (this.#depth++ < maxDepth) this.#open = element
  }

  onclosetag(): void {
    this.#endText()
    if (this.#depth-- <= maxDepth) this.#open = this.#open.parentNode!
  }

  ontext(text: string): void {
    this.#text += text
  }

  onend(): void {
    this.#endText()
  }

  /** Outside of elements there is none. */
  #endText(): void {
    if (this.#text === '') return
    if (this.#open !== this.document && /[^\s]/.test(this.#text))
      this.#open.appendText(settle(this.#text))
    this.#text = ''
  }
}
