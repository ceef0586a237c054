/**
 * Erlang code in scenarios (`sourcetype="eval"`): a fun that gets `{Pid, DynVars}`.
 *
 * The expression language with a part of the library. A call that does more than `maxReductions`, or nests too deep,
 * fails. Randomness and time are the user's.
 */
import type { ScenarioFunction } from '../dynvars/environment.ts'
import { check } from './check.ts'
import { Interpreter } from './evaluate.ts'
import { findFunction } from './library/library.ts'
import { self } from './library/tests.ts'
import { parse } from './parse.ts'
import { resultValue } from './result.ts'
import type { Body, Expression } from './syntax.ts'
import { pretty } from './term/print.ts'
import { DynVars, ErlangError, LimitError, tuple } from './term/term.ts'
import { CodeError } from './tokens.ts'

/** Under this name failures are counted. */
const evalName = 'eval'
/** Characters of a term that are told of a failure. */
const maxToldLength = 200

/**
 * @param variables how many variables get the result: with several, a list of as many characters is not a text
 * @returns the function that the code makes, or why there is none and where in the code
 */
export function compileEval(
  code: string,
  variables: number = 1,
): { readonly call: ScenarioFunction } | { readonly fault: string; readonly offset: number } {
  let body: Body
  try {
    body = parse(code)
    check(body, (key) => findFunction(key) !== undefined)
  } catch (error) {
    if (!(error instanceof CodeError)) throw error
    return { fault: error.message, offset: Math.min(error.offset, code.length) }
  }
  const last = body.at(-1)!
  if (!mayBeFun(last)) return { fault: 'the code must be a fun of one argument', offset: 0 }
  return { call: (environment) => call(body, new Interpreter(environment), variables) }
}

/** False when it surely is none. */
function mayBeFun(expression: Expression): boolean {
  switch (expression.type) {
    case 'fun':
      return expression.arity === 1
    case 'reference':
      return expression.key.endsWith('/1')
    case 'match':
      return mayBeFun(expression.right)
    default:
      return !['literal', 'tuple', 'list', 'binary', 'comprehension'].includes(expression.type)
  }
}

function call(
  body: Body,
  interpreter: Interpreter,
  variables: number,
): ReturnType<ScenarioFunction> {
  const { environment } = interpreter
  try {
    const fun = interpreter.run(body, new Map())
    const result = interpreter.apply(fun, [tuple(self, new DynVars(environment))])
    const value = resultValue(result, variables, interpreter)
    if (value !== null) return value
    environment.functionFailed(
      evalName,
      `${pretty(result, maxToldLength)} is no value of a variable`,
    )
  } catch (error) {
    if (error instanceof LimitError) environment.functionFailed(evalName, error.message)
    else if (!(error instanceof ErlangError)) throw error
    else
      environment.functionFailed(evalName, `${error.kind}: ${pretty(error.reason, maxToldLength)}`)
  }
  return undefined
}
