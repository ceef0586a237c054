/** `<if>`, `<while>`, `<until>`: a variable held against a text. Source: reference tsung-core.md, 1.12. */
import { unreachable } from '../json.ts'
import type { Environment } from './environment.ts'
import { compareNumbers } from './number.ts'
import { compileReference, lookup, type VariableRef } from './reference.ts'
import { compileTemplate, renderTemplate, type Scope, type Template } from './template.ts'
import { render } from './value.ts'

export type Operator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte'

export interface CompiledComparison {
  readonly ref: VariableRef
  readonly operator: Operator
  readonly value: Template
  /** As the scenario says it, for people. */
  readonly text: string
}

/** `undefined`: the variable is; `no-number`: an ordering of what is no number. */
export type Compared = 'holds' | 'fails' | 'undefined' | 'no-number'

/** @param variable `name`, or `name[2]` for an item of a list */
export function compileComparison(
  {
    variable,
    operator,
    value,
  }: { readonly variable: string; readonly operator: Operator; readonly value: string },
  scope: Scope,
): CompiledComparison {
  return {
    ref: compileReference(variable, scope.names),
    operator,
    value: compileTemplate(value, scope),
    text: `${variable} ${operator} "${value}"`,
  }
}

/** The variable stands on the left. A list is compared as its items one after the other. */
export function compare(comparison: CompiledComparison, environment: Environment): Compared {
  const value = lookup(comparison.ref, environment)
  if (value === undefined) return 'undefined'
  const left = render(value)
  const right = renderTemplate(comparison.value, environment)
  const { operator } = comparison
  if (operator === 'eq') return left === right ? 'holds' : 'fails'
  if (operator === 'neq') return left === right ? 'fails' : 'holds'
  const order = compareNumbers(left, right)
  if (order === null) return 'no-number'
  return isOrdered(operator, order) ? 'holds' : 'fails'
}

/** @param order below, at or above 0: how the left side stands to the right one */
function isOrdered(operator: 'gt' | 'gte' | 'lt' | 'lte', order: number): boolean {
  switch (operator) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
    default:
      return unreachable(operator)
  }
}
