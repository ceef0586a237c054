/** `<dyn_variable xpath>`. Source: reference tsung-core.md, 1.11; XPath 1.0. */
import xpath from '#xpath'
import { utf8ByteString } from '../byte-string.ts'
import type { Value } from '../dynvars/value.ts'
import { lower, raise } from './characters.ts'
import { namespaceOf, type TreeNode } from './tree.ts'

/** An expression that is known to be one. */
export interface XPathQuery {
  /**
   * @returns the texts of the nodes found: a list, also when there is one or none. Text for numbers, truths and strings.
   * Undefined when it cannot be worked out: a function does not exist or has the wrong arguments
   */
  evaluate(document: TreeNode): Value | undefined
}

/**
 * @param expression names are the same in upper and lower case: a page's are lower case
 * @returns null when it is no XPath
 */
export function compileXPath(expression: string): XPathQuery | null {
  try {
    return new Query(expression)
  } catch {
    return null
  }
}

class Query implements XPathQuery {
  readonly #expression: ReturnType<typeof xpath.parse>

  constructor(expression: string) {
    this.#expression = xpath.parse(raise(utf8ByteString(expression)))
  }

  evaluate(document: TreeNode): Value | undefined {
    try {
      const found = this.#expression.evaluate({
        node: document,
        isHtml: true,
        namespaces: namespaceOf,
      })
      if (found.toArray === undefined) return lower(found.stringValue())
      return found.toArray().map((node) => lower(found.stringForNode(node)))
    } catch {
      return undefined
    }
  }
}
