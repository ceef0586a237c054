/** What we use of the package `xpath`. Its own types bring the types of a browser's page into the whole program. */
import type { TreeNode } from './tree.ts' with { 'resolution-mode': 'import' }

declare namespace xpath {
  interface Options {
    readonly node: TreeNode
    /** Names are the same in upper and lower case. */
    readonly isHtml: boolean
    readonly namespaces: (prefix: string) => string
  }

  interface Expression {
    /** @throws {Error} when it cannot be worked out */
    evaluate(options: Options): Result
  }

  type Result = NodeSet | Scalar

  interface Scalar {
    stringValue(): string
    readonly toArray?: never
  }

  interface NodeSet {
    /** In document order. */
    toArray(): TreeNode[]
    stringForNode(node: TreeNode): string
  }

  interface Library {
    /** @throws {Error} when the text is no XPath */
    parse(expression: string): Expression
  }
}

declare const xpath: xpath.Library
export = xpath
