/** Tokens to a tree. Source: Erlang reference manual, "Expressions"; operators as its table of precedence has them. */

import { parseBinary } from './parse-binary.ts'
import { parseBlock, parseClauses, parseFun, parseTry } from './parse-clauses.ts'
import type { Body, Expression, Qualifier } from './syntax.ts'
import { atom, nil, stringTerm } from './term/term.ts'
import { TokenStream } from './token-stream.ts'

/**
 * @returns expressions of which the last is the value
 * @throws {CodeError}
 */
export function parse(code: string): Body {
  const stream = new TokenStream(code)
  const body = parseBody(stream)
  stream.take('.')
  if (stream.current.type !== 'end') stream.fail('the code should end here')
  return body
}

/** Expressions between commas. */
export function parseBody(stream: TokenStream): Expression[] {
  const body = [parseExpression(stream)]
  while (stream.take(',')) body.push(parseExpression(stream))
  return body
}

export function parseExpression(stream: TokenStream): Expression {
  stream.enter()
  const expression = stream.take('catch')
    ? ({ type: 'catch', value: parseExpression(stream) } as const)
    : parseMatch(stream)
  stream.leave()
  return expression
}

function parseMatch(stream: TokenStream): Expression {
  const left = parseOperation(stream, 0)
  if (stream.is('!')) stream.fail('messages are not known')
  if (!stream.take('=')) return left
  return { type: 'match', left, right: parseExpression(stream) }
}

/** Weakest first. */
const levels: readonly {
  readonly operators: readonly string[]
  readonly right?: true
  readonly once?: true
}[] = [
  { operators: ['orelse'] },
  { operators: ['andalso'] },
  { operators: ['==', '/=', '=<', '<', '>=', '>', '=:=', '=/='], once: true },
  { operators: ['++', '--'], right: true },
  { operators: ['+', '-', 'bor', 'bxor', 'bsl', 'bsr', 'or', 'xor'] },
  { operators: ['*', '/', 'div', 'rem', 'band', 'and'] },
]

function parseOperation(stream: TokenStream, level: number): Expression {
  const operators = levels[level]
  if (operators === undefined) return parseUnary(stream)
  let left = parseOperation(stream, level + 1)
  for (;;) {
    const token = stream.current
    const operator = operators.operators.find((text) => stream.take(text))
    if (operator === undefined) return left
    stream.enter()
    const right = parseOperation(stream, operators.right ? level : level + 1)
    stream.leave()
    left = { type: 'operation', operator, left, right, offset: token.offset }
    if (operators.right || operators.once) return left
  }
}

function parseUnary(stream: TokenStream): Expression {
  const { offset } = stream.current
  const operator = ['+', '-', 'bnot', 'not'].find((text) => stream.take(text))
  if (operator === undefined) return parseCalls(stream)
  stream.enter()
  const operand = parseUnary(stream)
  stream.leave()
  if (operand.type === 'literal' && operator === '-') {
    const { value } = operand
    if (typeof value === 'bigint' || typeof value === 'number') {
      return { type: 'literal', value: -value }
    }
  }
  return { type: 'unary', operator, operand, offset }
}

/** A primary expression and the argument lists behind it. */
function parseCalls(stream: TokenStream): Expression {
  const { current } = stream
  let expression = current.type === 'atom' ? parseName(stream) : parsePrimary(stream)
  while (stream.is('(')) expression = { type: 'apply', fun: expression, args: parseArgs(stream) }
  if (stream.is(':')) stream.fail('the module must be a name')
  if (stream.is('#')) stream.fail('maps and records are not known')
  return expression
}

/** An atom, or a call of the library. */
function parseName(stream: TokenStream): Expression {
  const { offset } = stream.current
  let module = 'erlang'
  let name = stream.word('atom')
  if (stream.take(':')) {
    module = name
    name = stream.word('atom')
    if (!stream.is('(')) stream.fail('( is expected')
  }
  if (!stream.is('(')) return { type: 'literal', value: atom(name) }
  const args = parseArgs(stream)
  return { type: 'call', key: `${module}:${name}/${args.length}`, args, offset }
}

function parseArgs(stream: TokenStream): Expression[] {
  stream.expect('(')
  return parseItems(stream, ')')
}

/** Expressions between commas, up to a closing mark. */
function parseItems(stream: TokenStream, end: string): Expression[] {
  if (stream.take(end)) return []
  const items = parseBody(stream)
  stream.expect(end)
  return items
}

export function parsePrimary(stream: TokenStream): Expression {
  const token = stream.current
  switch (token.type) {
    case 'integer':
    case 'float':
      stream.next()
      return { type: 'literal', value: token.value }
    case 'string':
      return parseString(stream)
    case 'atom':
      stream.next()
      return { type: 'literal', value: atom(token.text) }
    case 'variable':
      stream.next()
      return { type: 'variable', name: token.text, offset: token.offset }
    default:
      return parseCompound(stream)
  }
}

/** Strings side by side are one. */
function parseString(stream: TokenStream): Expression {
  let text = ''
  for (let token = stream.current; token.type === 'string'; token = stream.current) {
    text += token.text
    stream.next()
  }
  return { type: 'literal', value: stringTerm(text) }
}

function parseCompound(stream: TokenStream): Expression {
  const { offset } = stream.current
  if (stream.take('(')) {
    const expression = parseExpression(stream)
    stream.expect(')')
    return expression
  }
  if (stream.take('{')) return { type: 'tuple', items: parseItems(stream, '}') }
  if (stream.take('[')) return parseList(stream)
  if (stream.take('<<')) return parseBinary(stream)
  if (stream.take('begin')) return { type: 'block', body: parseBlock(stream) }
  if (stream.take('if')) return { type: 'if', clauses: parseClauses(stream, 'if') }
  if (stream.take('case')) {
    const value = parseExpression(stream)
    stream.expect('of')
    return { type: 'case', value, clauses: parseClauses(stream, 'case') }
  }
  if (stream.take('fun')) return parseFun(stream, offset)
  if (stream.take('try')) return parseTry(stream)
  if (stream.is('receive')) stream.fail('messages are not known')
  if (stream.is('#')) stream.fail('maps and records are not known')
  if (stream.is('?')) stream.fail('macros are not known')
  return stream.fail('an expression is expected')
}

function parseList(stream: TokenStream): Expression {
  if (stream.take(']')) return { type: 'literal', value: nil }
  const first = parseExpression(stream)
  if (stream.take('||')) {
    const qualifiers = parseQualifiers(stream)
    stream.expect(']')
    return { type: 'comprehension', result: 'list', template: first, qualifiers }
  }
  const items = [first]
  while (stream.take(',')) items.push(parseExpression(stream))
  const tail = stream.take('|') ? parseExpression(stream) : null
  stream.expect(']')
  return { type: 'list', items, tail }
}

/** What follows `||`. */
export function parseQualifiers(stream: TokenStream): Qualifier[] {
  const qualifiers: Qualifier[] = []
  do {
    const pattern = parseExpression(stream)
    const source = stream.take('<-') ? 'list' : stream.take('<=') ? 'binary' : null
    if (source === null) qualifiers.push({ type: 'filter', condition: pattern })
    else qualifiers.push({ type: 'generator', source, pattern, value: parseExpression(stream) })
  } while (stream.take(','))
  return qualifiers
}
