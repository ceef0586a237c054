/**
 * `<dyn_variable xpath>`: XPath 1.0, with Tsung's order of nodes.
 *
 * A step's nodes are those of one context node after the other, as they were found: `//p` gives the `p` nearest to the root
 * first. A predicate counts over all of them: `//td[2]` is one cell, the second of the page. Source: reference
 * tsung-core.md, 1.11; what Tsung 1.7 was seen to find.
 */
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
  readonly #isUnion: boolean

  constructor(expression: string) {
    this.#expression = xpath.parse(raise(utf8ByteString(expression)))
    this.#isUnion = this.#expression.expression.expression instanceof xpath.BarOperation
  }

  evaluate(document: TreeNode): Value | undefined {
    try {
      const found = this.#expression.evaluate({
        node: document,
        isHtml: true,
        namespaces: namespaceOf,
      })
      if (found.toArray === undefined) return lower(found.stringValue())
      const nodes = this.#isUnion ? found.toArray() : found.toUnsortedArray()
      return nodes.map((node) => lower(found.stringForNode(node)))
    } catch {
      return undefined
    }
  }
}

const path = xpath.PathExpr

path.applySteps = (steps, context, start) => {
  let nodes = [...start]
  for (const step of steps) {
    nodes = [...new Set(nodes.flatMap((node) => path.applyStep(step, context, node)))]
    for (const predicate of step.predicates) {
      const each = context.extend({ contextSize: nodes.length })
      nodes = nodes.filter((node, index) => {
        each.contextNode = node
        each.contextPosition = index + 1
        return path.predicateMatches(predicate, each)
      })
    }
  }
  return nodes
}
