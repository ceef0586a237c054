/** The interpreter: expressions to terms, within bounds of work and depth. */
import type { Environment } from '../dynvars/environment.ts'
import { construct } from './binaries.ts'
import { comprehend } from './comprehension.ts'
import { findFunction } from './library/library.ts'
import { type Bindings, type Bound, type Matcher, matches, shadow, takeBack } from './match.ts'
import { isFalse, isTrue, operate, operateUnary } from './operators.ts'
import type { Body, Clause, Expression, FunExpression, TryExpression } from './syntax.ts'
import {
  type Args,
  atom,
  ErlangError,
  Fun,
  fault,
  type LibraryFunction,
  LimitError,
  listOf,
  type Machine,
  nil,
  type Term,
  Tuple,
  tuple,
} from './term/term.ts'

/** Calls, clauses and comparisons that one call of the scenario's fun may take, and what its library calls cost. */
export const maxReductions = 1_000_000
/**
 * Levels of expressions and terms inside others that wait for a value (a tail call does not wait). A level is at most
 * 550 bytes of the stack, of which Node gives 984 KB.
 */
const maxDepth = 1_000
/** What a level costs more that goes through functions of ours besides `evaluate`. */
const levels = { apply: 2, match: 1, guard: 3, handler: 1 } as const

/** A fun of the scenario. */
interface Closure {
  readonly expression: FunExpression
  readonly captured: Bindings
}

/** What is left to do: the value of an expression is that of another one. Keeps loops from growing the stack. */
class Tail {
  readonly expression: Expression
  readonly bindings: Bindings
  constructor(expression: Expression, bindings: Bindings) {
    this.expression = expression
    this.bindings = bindings
  }
}

const noValue: Expression = { type: 'literal', value: nil }

export class Interpreter implements Machine, Matcher {
  readonly environment: Environment
  #reductions = 0
  #depth = 0

  constructor(environment: Environment) {
    this.environment = environment
  }

  get machine(): Machine {
    return this
  }

  spend(reductions: number): void {
    this.#reductions += reductions
    if (this.#reductions > maxReductions) {
      throw new LimitError(`more than ${maxReductions} reductions`)
    }
  }

  enter(levels: number = 1): void {
    this.#depth += levels
    if (this.#depth > maxDepth) throw new LimitError('calls or terms are nested too deep')
  }

  leave(levels: number = 1): void {
    this.#depth -= levels
  }

  apply(fun: Term, args: readonly Term[]): Term {
    this.enter(levels.apply)
    const next = this.#call(fun, args)
    const value = next instanceof Tail ? this.evaluate(next.expression, next.bindings) : next
    this.leave(levels.apply)
    return value
  }

  /** The value of the last expression. */
  run(body: Body, bindings: Bindings): Term {
    const last = this.#body(body, bindings)
    return this.evaluate(last.expression, last.bindings)
  }

  evaluate(expression: Expression, bindings: Bindings): Term {
    this.enter()
    let next = this.#step(expression, bindings)
    while (next instanceof Tail) next = this.#step(next.expression, next.bindings)
    this.leave()
    return next
  }

  #step(expression: Expression, bindings: Bindings): Term | Tail {
    switch (expression.type) {
      case 'literal':
        return expression.value
      case 'variable':
        return bindings.get(expression.name) ?? unbound(expression.name)
      case 'tuple':
        return new Tuple(this.#all(expression.items, bindings))
      case 'list': {
        const found = this.#all(expression.items, bindings)
        const tail = expression.tail === null ? nil : this.evaluate(expression.tail, bindings)
        return listOf(found, tail)
      }
      case 'binary':
        return construct(expression.segments, bindings, this)
      case 'operation':
        return this.#operation(expression, bindings)
      case 'unary':
        return operateUnary(expression.operator, this.evaluate(expression.operand, bindings))
      case 'match':
        return this.#match(expression.left, expression.right, bindings)
      case 'fun':
        return new Fun<Closure>(expression.arity, { expression, captured: new Map(bindings) })
      case 'reference': {
        const [, arity] = expression.key.split('/')
        return new Fun(Number(arity), findFunction(expression.key)!)
      }
      case 'call': {
        this.spend(1)
        const args = this.#all(expression.args, bindings)
        return findFunction(expression.key)!(args as unknown as Args, this)
      }
      case 'apply': {
        const fun = this.evaluate(expression.fun, bindings)
        return this.#call(fun, this.#all(expression.args, bindings))
      }
      default:
        return this.#compound(expression, bindings)
    }
  }

  #compound(
    expression: Extract<
      Expression,
      { type: 'block' | 'if' | 'case' | 'try' | 'catch' | 'comprehension' }
    >,
    bindings: Bindings,
  ): Term | Tail {
    switch (expression.type) {
      case 'block':
        return this.#body(expression.body, bindings)
      case 'if':
        return this.#choose(expression.clauses, [], bindings) ?? raise(fault('if_clause'))
      case 'case': {
        const value = this.evaluate(expression.value, bindings)
        const chosen = this.#choose(expression.clauses, [value], bindings)
        return chosen ?? raise(fault('case_clause', value))
      }
      case 'try':
        return this.#try(expression, bindings)
      case 'catch':
        return this.#catch(expression.value, bindings)
      case 'comprehension':
        return comprehend(expression, bindings, this)
    }
  }

  #all(expressions: readonly Expression[], bindings: Bindings): Term[] {
    const values: Term[] = []
    for (const expression of expressions) values.push(this.evaluate(expression, bindings))
    return values
  }

  #body(body: Body, bindings: Bindings): Tail {
    const last = body.length - 1
    for (let at = 0; at < last; at++) this.evaluate(body[at]!, bindings)
    return new Tail(body[last] ?? noValue, bindings)
  }

  #operation(
    expression: Extract<Expression, { type: 'operation' }>,
    bindings: Bindings,
  ): Term | Tail {
    const { operator } = expression
    const left = this.evaluate(expression.left, bindings)
    if (operator === 'andalso' || operator === 'orelse') {
      const isDecided = condition(left) === (operator === 'orelse')
      return isDecided ? left : new Tail(expression.right, bindings)
    }
    return operate(operator, left, this.evaluate(expression.right, bindings), this)
  }

  #match(pattern: Expression, value: Expression, bindings: Bindings): Term {
    this.enter(levels.match)
    const term = this.evaluate(value, bindings)
    this.leave(levels.match)
    const bound: Bound = []
    if (matches(pattern, term, bindings, bound, this)) return term
    takeBack(bindings, bound)
    throw fault('badmatch', term)
  }

  /** The body of the first clause that fits; null when none does. */
  #choose(clauses: readonly Clause[], values: readonly Term[], bindings: Bindings): Tail | null {
    for (const clause of clauses) {
      const bound: Bound = []
      if (this.#fits(clause, values, bindings, bound)) return this.#body(clause.body, bindings)
      takeBack(bindings, bound)
    }
    return null
  }

  #fits(clause: Clause, values: readonly Term[], bindings: Bindings, bound: Bound): boolean {
    this.spend(1)
    for (let at = 0; at < values.length; at++) {
      if (!matches(clause.patterns[at]!, values[at]!, bindings, bound, this)) return false
    }
    if (clause.guards.length === 0) return true
    return clause.guards.some((guard) => this.#holds(guard, bindings))
  }

  /** A guard that fails does not hold. */
  #holds(guard: Body, bindings: Bindings): boolean {
    const depth = this.#depth
    this.enter(levels.guard)
    try {
      const holds = guard.every((condition) => isTrue(this.evaluate(condition, bindings)))
      this.leave(levels.guard)
      return holds
    } catch (error) {
      if (!(error instanceof ErlangError)) throw error
      this.#depth = depth
      return false
    }
  }

  #call(fun: Term, args: readonly Term[]): Term | Tail {
    this.spend(1)
    if (!(fun instanceof Fun)) throw fault('badfun', fun)
    if (fun.arity !== args.length) throw fault('badarity', tuple(fun, listOf(args)))
    if (typeof fun.body === 'function')
      return (fun.body as LibraryFunction)(args as unknown as Args, this)
    const { expression, captured } = fun.body as Closure
    for (const clause of expression.clauses) {
      const bindings = new Map(captured)
      if (expression.name !== null) bindings.set(expression.name, fun)
      for (const pattern of clause.patterns) shadow(pattern, bindings)
      if (this.#fits(clause, args, bindings, [])) return this.#body(clause.body, bindings)
    }
    throw fault('function_clause')
  }

  #try(expression: TryExpression, bindings: Bindings): Term | Tail {
    const { body, clauses, handlers, after } = expression
    const depth = this.#depth
    let result: Term
    this.enter(levels.handler)
    try {
      result = this.run(body, bindings)
      this.leave(levels.handler)
    } catch (error) {
      if (!(error instanceof ErlangError)) throw error
      this.#depth = depth
      const handler = this.#choose(handlers, [atom(error.kind), error.reason], bindings)
      if (handler === null) {
        if (after !== null) this.run(after, bindings)
        throw error
      }
      if (after === null) return handler
      result = this.evaluate(handler.expression, bindings)
      this.run(after, bindings)
      return result
    }
    const chosen =
      clauses.length === 0
        ? result
        : (this.#choose(clauses, [result], bindings) ?? raise(fault('try_clause', result)))
    if (after === null) return chosen
    const value = chosen instanceof Tail ? this.evaluate(chosen.expression, bindings) : chosen
    this.run(after, bindings)
    return value
  }

  #catch(value: Expression, bindings: Bindings): Term {
    const depth = this.#depth
    this.enter(levels.handler)
    try {
      const result = this.evaluate(value, bindings)
      this.leave(levels.handler)
      return result
    } catch (error) {
      if (!(error instanceof ErlangError)) throw error
      this.#depth = depth
      if (error.kind === 'throw') return error.reason
      const reason = error.kind === 'exit' ? error.reason : tuple(error.reason, nil)
      return tuple(atom('EXIT'), reason)
    }
  }
}

function raise(error: ErlangError): never {
  throw error
}

/** The left side of `andalso` and `orelse`. */
function condition(term: Term): boolean {
  if (isTrue(term)) return true
  if (isFalse(term)) return false
  throw fault('badarg', term)
}

function unbound(name: string): never {
  throw fault('unbound_var', atom(name))
}
