/** What is wrong with a code before it runs: functions and variables that are not there, patterns that are none. */
import type { Body, Clause, Expression, Qualifier, Segment } from './syntax.ts'
import { CodeError } from './tokens.ts'

/** Names of variables that have a value. */
type Scope = Set<string>

/**
 * @param isKnown whether the library has a function, `module:name/arity`
 * @throws {CodeError}
 */
export function check(body: Body, isKnown: (key: string) => boolean): void {
  new Checker(isKnown).body(body, new Set())
}

/** The variables that a pattern binds when nothing is bound yet. */
export function patternVariables(pattern: Expression): string[] {
  switch (pattern.type) {
    case 'variable':
      return pattern.name === '_' ? [] : [pattern.name]
    case 'tuple':
      return pattern.items.flatMap(patternVariables)
    case 'list': {
      const items = pattern.items.flatMap(patternVariables)
      return pattern.tail === null ? items : [...items, ...patternVariables(pattern.tail)]
    }
    case 'binary':
      return pattern.segments.flatMap(({ value }) => patternVariables(value))
    case 'match':
      return [...patternVariables(pattern.left), ...patternVariables(pattern.right)]
    case 'operation':
      return pattern.operator === '++' ? patternVariables(pattern.right) : []
    default:
      return []
  }
}

class Checker {
  readonly #isKnown: (key: string) => boolean

  constructor(isKnown: (key: string) => boolean) {
    this.#isKnown = isKnown
  }

  body(body: Body, scope: Scope): void {
    for (const expression of body) this.#expression(expression, scope)
  }

  #expression(expression: Expression, scope: Scope): void {
    switch (expression.type) {
      case 'literal':
        break
      case 'variable':
        this.#variable(expression.name, expression.offset, scope)
        break
      case 'tuple':
        this.body(expression.items, scope)
        break
      case 'list':
        this.body(expression.items, scope)
        if (expression.tail !== null) this.#expression(expression.tail, scope)
        break
      case 'binary':
        this.#segments(expression.segments, scope)
        break
      case 'operation':
        this.#expression(expression.left, scope)
        this.#expression(expression.right, scope)
        break
      case 'unary':
        this.#expression(expression.operand, scope)
        break
      case 'match':
        this.#expression(expression.right, scope)
        this.#pattern(expression.left, scope)
        break
      case 'catch':
        this.#expression(expression.value, new Set(scope))
        break
      case 'apply':
        this.#expression(expression.fun, scope)
        this.body(expression.args, scope)
        break
      case 'call':
        this.#known(expression.key, expression.offset)
        this.body(expression.args, scope)
        break
      case 'reference':
        this.#known(expression.key, expression.offset)
        break
      default:
        this.#compound(expression, scope)
        break
    }
  }

  #compound(
    expression: Extract<
      Expression,
      { type: 'block' | 'if' | 'case' | 'try' | 'fun' | 'comprehension' }
    >,
    scope: Scope,
  ): void {
    switch (expression.type) {
      case 'block':
        this.body(expression.body, scope)
        break
      case 'if':
        this.#clauses(expression.clauses, scope)
        break
      case 'case':
        this.#expression(expression.value, scope)
        this.#clauses(expression.clauses, scope)
        break
      case 'try': {
        const inner = new Set(scope)
        this.body(expression.body, inner)
        this.#clauses(expression.clauses, inner)
        this.#clauses(expression.handlers, new Set(scope))
        if (expression.after !== null) this.body(expression.after, new Set(scope))
        break
      }
      case 'fun': {
        const inner = new Set(scope)
        if (expression.name !== null) inner.add(expression.name)
        for (const clause of expression.clauses) this.#clauses([clause], new Set(inner))
        break
      }
      case 'comprehension': {
        const inner = new Set(scope)
        for (const qualifier of expression.qualifiers) this.#qualifier(qualifier, inner)
        this.#expression(expression.template, inner)
        break
      }
    }
  }

  /** What any clause binds counts as bound behind them: where it was not, it is told when that happens. */
  #clauses(clauses: readonly Clause[], scope: Scope): void {
    const before = new Set(scope)
    for (const { patterns, guards, body } of clauses) {
      const inner = new Set(before)
      for (const pattern of patterns) this.#pattern(pattern, inner)
      for (const guard of guards) this.body(guard, inner)
      this.body(body, inner)
      for (const name of inner) scope.add(name)
    }
  }

  #qualifier(qualifier: Qualifier, scope: Scope): void {
    if (qualifier.type === 'filter') {
      this.#expression(qualifier.condition, scope)
      return
    }
    this.#expression(qualifier.value, scope)
    this.#pattern(qualifier.pattern, scope)
  }

  #segments(segments: readonly Segment[], scope: Scope): void {
    for (const { value, size } of segments) {
      this.#expression(value, scope)
      if (size !== null) this.#expression(size, scope)
    }
  }

  #pattern(pattern: Expression, scope: Scope): void {
    switch (pattern.type) {
      case 'literal':
        break
      case 'variable':
        if (pattern.name !== '_') scope.add(pattern.name)
        break
      case 'tuple':
        this.#patterns(pattern.items, scope)
        break
      case 'list':
        this.#patterns(pattern.items, scope)
        if (pattern.tail !== null) this.#pattern(pattern.tail, scope)
        break
      case 'match':
        this.#patterns([pattern.left, pattern.right], scope)
        break
      case 'binary':
        for (const { value, size } of pattern.segments) {
          if (size !== null) this.#expression(size, scope)
          this.#pattern(value, scope)
        }
        break
      case 'operation':
        this.#expression(pattern.left, scope)
        if (pattern.operator === '++') this.#pattern(pattern.right, scope)
        else this.#expression(pattern.right, scope)
        break
      case 'unary':
        this.#expression(pattern.operand, scope)
        break
      case 'call':
      case 'reference':
        throw new CodeError('that is not a pattern', pattern.offset)
      default:
        throw new CodeError(`a ${pattern.type} is not a pattern`, 0)
    }
  }

  #patterns(patterns: readonly Expression[], scope: Scope): void {
    for (const pattern of patterns) this.#pattern(pattern, scope)
  }

  #variable(name: string, offset: number, scope: Scope): void {
    if (!scope.has(name)) throw new CodeError(`the variable ${name} has no value`, offset)
  }

  #known(key: string, offset: number): void {
    if (!this.#isKnown(key)) throw new CodeError(`the function ${key} is not known`, offset)
  }
}
