/**
 * Elements, attributes and texts of an answer, as far as XPath looks at them.
 *
 * The names of the members are the DOM's, which the XPath library reads.
 */

const elementType = 1
const attributeType = 2
const textType = 3
const documentType = 9

export class TreeNode {
  readonly nodeType: number
  /** Lower case, with the prefix. */
  readonly nodeName: string
  readonly localName: string
  readonly prefix: string
  /** Stands for the prefix: what it is bound to does not matter, as in Tsung. Empty: there is none. */
  readonly namespaceURI: string
  readonly nodeValue: string
  readonly ownerDocument: TreeNode | null
  /** Of an attribute. */
  readonly ownerElement: TreeNode | null
  readonly attributes: AttributeList
  readonly childNodes: TreeNode[] = []
  /** Its place in the document. */
  readonly order: number
  parentNode: TreeNode | null = null
  firstChild: TreeNode | null = null
  lastChild: TreeNode | null = null
  previousSibling: TreeNode | null = null
  nextSibling: TreeNode | null = null
  /** The nodes made in this document. */
  #count = 0

  private constructor(
    nodeType: number,
    name: string,
    value: string,
    document: TreeNode | null,
    owner: TreeNode | null,
  ) {
    const colon = name.indexOf(':')
    this.nodeType = nodeType
    this.nodeName = name
    this.localName = name.slice(colon + 1)
    this.prefix = colon < 0 ? '' : name.slice(0, colon)
    this.namespaceURI = namespaceOf(this.prefix)
    this.nodeValue = value
    this.ownerDocument = document
    this.ownerElement = owner
    this.attributes = nodeType === elementType ? new AttributeList() : noAttributes
    this.order = document === null ? 0 : ++document.#count
  }

  static document(): TreeNode {
    return new TreeNode(documentType, '#document', '', null, null)
  }

  appendElement(name: string): TreeNode {
    return this.#append(new TreeNode(elementType, name, '', this.#document, null))
  }

  appendText(text: string): void {
    this.#append(new TreeNode(textType, '#text', text, this.#document, null))
  }

  addAttribute(name: string, value: string): void {
    this.attributes.list.push(new TreeNode(attributeType, name, value, this.#document, this))
  }

  /** For sorting nodes of one document: 4 when the other follows, 2 when it precedes. */
  compareDocumentPosition(other: TreeNode): number {
    if (other.order === this.order) return 0
    return other.order > this.order ? 4 : 2
  }

  getElementById(): null {
    return null
  }

  get #document(): TreeNode {
    return this.ownerDocument ?? this
  }

  #append(child: TreeNode): TreeNode {
    child.parentNode = this
    child.previousSibling = this.lastChild
    if (this.lastChild === null) this.firstChild = child
    else this.lastChild.nextSibling = child
    this.lastChild = child
    this.childNodes.push(child)
    return child
  }
}

export class AttributeList {
  readonly list: TreeNode[] = []

  get length(): number {
    return this.list.length
  }

  item(at: number): TreeNode | null {
    return this.list[at] ?? null
  }
}

const noAttributes = new AttributeList()

export function namespaceOf(prefix: string): string {
  return prefix === '' ? '' : `prefix:${prefix.toLowerCase()}`
}
