/** The tree of an Erlang expression. Patterns are expressions too; `asPattern` says which may be one. */
import type { Term } from './term/term.ts'

export type Expression =
  /** Numbers, atoms, strings. */
  | { readonly type: 'literal'; readonly value: Term }
  | { readonly type: 'variable'; readonly name: string; readonly offset: number }
  | { readonly type: 'tuple'; readonly items: readonly Expression[] }
  /** `[a, b | tail]`; without a tail it is an empty list. */
  | {
      readonly type: 'list'
      readonly items: readonly Expression[]
      readonly tail: Expression | null
    }
  | { readonly type: 'binary'; readonly segments: readonly Segment[] }
  | {
      readonly type: 'operation'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly offset: number
    }
  | {
      readonly type: 'unary'
      readonly operator: string
      readonly operand: Expression
      readonly offset: number
    }
  /** `pattern = value`. */
  | { readonly type: 'match'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'block'; readonly body: Body }
  | { readonly type: 'if'; readonly clauses: readonly Clause[] }
  | { readonly type: 'case'; readonly value: Expression; readonly clauses: readonly Clause[] }
  | TryExpression
  | { readonly type: 'catch'; readonly value: Expression }
  | FunExpression
  /** `fun module:name/arity`, `fun name/arity`. */
  | { readonly type: 'reference'; readonly key: string; readonly offset: number }
  /** Of the library: `module:name/arity`. */
  | {
      readonly type: 'call'
      readonly key: string
      readonly args: readonly Expression[]
      readonly offset: number
    }
  /** Of a fun. */
  | { readonly type: 'apply'; readonly fun: Expression; readonly args: readonly Expression[] }
  | {
      readonly type: 'comprehension'
      readonly result: 'list' | 'binary'
      readonly template: Expression
      readonly qualifiers: readonly Qualifier[]
    }

export interface FunExpression {
  readonly type: 'fun'
  /** What the fun calls itself inside. */
  readonly name: string | null
  readonly arity: number
  readonly clauses: readonly Clause[]
}

export interface TryExpression {
  readonly type: 'try'
  readonly body: Body
  /** Empty: the body's value is the result. */
  readonly clauses: readonly Clause[]
  /** Patterns of each: class and reason. */
  readonly handlers: readonly Clause[]
  readonly after: Body | null
}

export type Body = readonly Expression[]

export interface Clause {
  readonly patterns: readonly Expression[]
  /** Alternatives (`;`) of conditions that must all hold (`,`); empty: no guard. */
  readonly guards: readonly Body[]
  readonly body: Body
}

export type Qualifier =
  | {
      readonly type: 'generator'
      readonly source: 'list' | 'binary'
      readonly pattern: Expression
      readonly value: Expression
    }
  | { readonly type: 'filter'; readonly condition: Expression }

/** A part of `<<…>>`. */
export interface Segment {
  readonly value: Expression
  readonly kind: 'integer' | 'binary' | 'utf8'
  /** In units; null: the kind's own (8 bits, the whole binary). */
  readonly size: Expression | null
  /** Bits of a unit. */
  readonly unit: number
  readonly signed: boolean
  readonly little: boolean
  readonly offset: number
}
