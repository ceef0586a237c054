/** Parts of expressions that have clauses: `pattern when guard -> body`. */
import { parseBody, parseExpression } from './parse.ts'
import type { Body, Clause, Expression, FunExpression, TryExpression } from './syntax.ts'
import { atom } from './term/term.ts'
import type { TokenStream } from './token-stream.ts'

/** A body up to `end`. */
export function parseBlock(stream: TokenStream): Body {
  const body = parseBody(stream)
  stream.expect('end')
  return body
}

/** Clauses of `case` (a pattern each) and `if` (a guard each), up to `end`. */
export function parseClauses(stream: TokenStream, kind: 'case' | 'if'): Clause[] {
  const clauses = parseCases(stream, kind)
  stream.expect('end')
  return clauses
}

function parseCases(stream: TokenStream, kind: 'case' | 'if'): Clause[] {
  const clauses: Clause[] = []
  do {
    const patterns = kind === 'case' ? [parseExpression(stream)] : []
    const guards = kind === 'case' ? parseGuard(stream) : parseAlternatives(stream)
    clauses.push(parseRest(stream, patterns, guards))
  } while (stream.take(';'))
  return clauses
}

function parseRest(
  stream: TokenStream,
  patterns: readonly Expression[],
  guards: readonly Body[],
): Clause {
  stream.expect('->')
  return { patterns, guards, body: parseBody(stream) }
}

function parseGuard(stream: TokenStream): Body[] {
  return stream.take('when') ? parseAlternatives(stream) : []
}

function parseAlternatives(stream: TokenStream): Body[] {
  const guards = [parseBody(stream)]
  while (stream.take(';')) guards.push(parseBody(stream))
  return guards
}

export function parseFun(stream: TokenStream, offset: number): Expression {
  const { current } = stream
  if (current.type === 'atom') return parseReference(stream, offset)
  const name = current.type === 'variable' ? current.text : null
  const clauses: Clause[] = []
  do {
    if (name !== null && stream.word('variable') !== name) {
      stream.fail(`every clause must be one of ${name}`)
    }
    const patterns = parsePatterns(stream)
    clauses.push(parseRest(stream, patterns, parseGuard(stream)))
  } while (stream.take(';'))
  stream.expect('end')
  const arity = clauses[0]!.patterns.length
  if (clauses.some(({ patterns }) => patterns.length !== arity)) {
    stream.fail('the clauses of a fun must have as many arguments each')
  }
  return { type: 'fun', name, arity, clauses } satisfies FunExpression
}

function parsePatterns(stream: TokenStream): Expression[] {
  stream.expect('(')
  if (stream.take(')')) return []
  const patterns = parseBody(stream)
  stream.expect(')')
  return patterns
}

/** `module:name/arity` or `name/arity`. */
function parseReference(stream: TokenStream, offset: number): Expression {
  let module = 'erlang'
  let name = stream.word('atom')
  if (stream.take(':')) {
    module = name
    name = stream.word('atom')
  }
  stream.expect('/')
  const arity = stream.next()
  if (arity.type !== 'integer') stream.fail('the number of arguments is expected')
  return { type: 'reference', key: `${module}:${name}/${arity.value}`, offset }
}

export function parseTry(stream: TokenStream): TryExpression {
  const body = parseBody(stream)
  const clauses = stream.take('of') ? parseCases(stream, 'case') : []
  const handlers = stream.take('catch') ? parseHandlers(stream) : []
  const after = stream.take('after') ? parseBody(stream) : null
  stream.expect('end')
  return { type: 'try', body, clauses, handlers, after }
}

/** `Class:Reason:Stack`, each part but the reason optional: the stack is never known. */
function parseHandlers(stream: TokenStream): Clause[] {
  const handlers: Clause[] = []
  do {
    const patterns = parseHandlerPatterns(stream)
    handlers.push(parseRest(stream, patterns, parseGuard(stream)))
  } while (stream.take(';'))
  return handlers
}

function parseHandlerPatterns(stream: TokenStream): Expression[] {
  const { current } = stream
  const hasClass =
    (current.type === 'atom' || current.type === 'variable') && stream.isFollowedBy(':')
  if (!hasClass) return [{ type: 'literal', value: atom('throw') }, parseExpression(stream)]
  stream.next()
  stream.next()
  const kind: Expression =
    current.type === 'atom'
      ? { type: 'literal', value: atom(current.text) }
      : { type: 'variable', name: current.text, offset: current.offset }
  // A variable and a colon would be read as a call of a module.
  const reason = stream.current
  if (reason.type !== 'variable' || !stream.isFollowedBy(':')) {
    return [kind, parseExpression(stream)]
  }
  stream.next()
  stream.next()
  stream.word('variable')
  return [kind, { type: 'variable', name: reason.text, offset: reason.offset }]
}
