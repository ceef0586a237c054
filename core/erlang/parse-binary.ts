/** `<<…>>`. Source: Erlang reference manual, "Bit syntax expressions". */
import { parseExpression, parsePrimary, parseQualifiers } from './parse.ts'
import type { Expression, Segment } from './syntax.ts'
import { Cons } from './term/term.ts'
import type { TokenStream } from './token-stream.ts'

export function parseBinary(stream: TokenStream): Expression {
  const segments: Segment[] = []
  if (stream.take('>>')) return { type: 'binary', segments }
  // A comprehension's template is a whole expression, a segment's value is not.
  if (stream.is('<<')) {
    const template = parseExpression(stream)
    if (stream.take('||')) return parseComprehension(stream, template)
    segments.push(...parseSegment(stream, template))
  } else {
    segments.push(...parseSegment(stream, parseValue(stream)))
  }
  while (stream.take(',')) segments.push(...parseSegment(stream, parseValue(stream)))
  stream.expect('>>')
  return { type: 'binary', segments }
}

function parseComprehension(stream: TokenStream, template: Expression): Expression {
  const qualifiers = parseQualifiers(stream)
  stream.expect('>>')
  return { type: 'comprehension', result: 'binary', template, qualifiers }
}

function parseValue(stream: TokenStream): Expression {
  const { offset } = stream.current
  if (!stream.take('-')) return parsePrimary(stream)
  return { type: 'unary', operator: '-', operand: parsePrimary(stream), offset }
}

/** A string counts as its characters. */
function parseSegment(stream: TokenStream, value: Expression): Segment[] {
  const { offset } = stream.current
  const size = stream.take(':') ? parsePrimary(stream) : null
  const specifiers = stream.take('/') ? parseSpecifiers(stream) : new Map<string, number>()
  const has = (name: string): boolean => specifiers.has(name)
  const isBinary = ['binary', 'bytes', 'bitstring', 'bits'].some(has)
  const isBits = has('bitstring') || has('bits')
  const segment = {
    kind: isBinary ? 'binary' : has('utf8') ? 'utf8' : 'integer',
    size,
    unit: specifiers.get('unit') ?? (isBinary && !isBits ? 8 : 1),
    signed: has('signed'),
    little: has('little') || has('native'),
    offset,
  } as const
  if (segment.kind === 'utf8' && size !== null) stream.fail('utf8 has no size')
  return characters(value).map((character) => ({ ...segment, value: character }))
}

const specifierNames = new Set(
  `integer binary bytes bitstring bits utf8 signed unsigned big little native unit`.split(' '),
)

function parseSpecifiers(stream: TokenStream): Map<string, number> {
  const specifiers = new Map<string, number>()
  do {
    const { current } = stream
    if (current.type !== 'atom' || !specifierNames.has(current.text)) {
      stream.fail('a kind of segment that is not known')
    }
    const name = stream.word('atom')
    specifiers.set(name, name === 'unit' ? parseUnit(stream) : 1)
  } while (stream.take('-'))
  return specifiers
}

function parseUnit(stream: TokenStream): number {
  stream.expect(':')
  const token = stream.next()
  if (token.type !== 'integer' || token.value < 1n || token.value > 256n) {
    stream.fail('a unit is 1..256')
  }
  return Number(token.value)
}

function characters(value: Expression): Expression[] {
  if (value.type !== 'literal' || !(value.value instanceof Cons)) return [value]
  const found: Expression[] = []
  for (let rest = value.value; ; rest = rest.tail as Cons) {
    found.push({ type: 'literal', value: rest.head })
    if (!(rest.tail instanceof Cons)) return found
  }
}
