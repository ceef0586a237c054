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
    /** Its syntax tree. */
    readonly expression: { readonly expression: object }
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
    /** In the order in which they were found. */
    toUnsortedArray(): TreeNode[]
    stringForNode(node: TreeNode): string
  }

  interface Step {
    readonly predicates: readonly Predicate[]
  }

  interface Predicate {
    readonly predicate: never
  }

  interface Context {
    contextNode: TreeNode
    /** From 1. */
    contextPosition: number
    contextSize: number
    /** A copy. */
    extend(changes: object): Context
  }

  interface PathExpression {
    applyStep(step: Step, context: Context, node: TreeNode): TreeNode[]
    predicateMatches(predicate: Predicate, context: Context): boolean
    /** What a path evaluates its steps with; may be replaced. */
    applySteps(steps: readonly Step[], context: Context, nodes: readonly TreeNode[]): TreeNode[]
  }

  interface Library {
    readonly PathExpr: PathExpression
    /** Of `|`. */
    readonly BarOperation: new () => object
    /** @throws {Error} when the text is no XPath */
    parse(expression: string): Expression
  }
}

declare const xpath: xpath.Library
export = xpath
