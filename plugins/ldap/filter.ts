/** Search filters of LDAP (RFC 4515), as Tsung's reader takes them. */

/** `text` holds no operator; blanks alone are dropped. */
type Token = '(' | ')' | '&' | '|' | '!' | '*' | '=' | ':=' | '~=' | '>=' | '<=' | 'text'

const pattern = /\\[0-9A-Fa-f]{2}|:=|~=|>=|<=|[()&|!*=]|[^\\]/gsy

/** What is wrong with a filter; null: nothing. */
export function filterFault(filter: string): string | null {
  const tokens = tokensOf(filter)
  if (tokens === null) return 'a backslash needs two hexadecimal digits'
  if (!/\)$/.test(filter)) return 'it has to end with a parenthesis'
  const end = filterEnd(tokens, 0)
  if (end === null) return 'it is no filter'
  return end === tokens.length ? null : 'something stands behind its end'
}

/** Null: a backslash stands alone. */
function tokensOf(filter: string): readonly Token[] | null {
  const tokens: Token[] = []
  let isText = false
  let at = 0
  for (const [part] of filter.matchAll(pattern)) {
    at += part.length
    const isOperator = /^(?:[()&|!*=]|[:~<>]=)$/.test(part)
    if (isOperator) tokens.push(part as Token)
    // Blanks begin no text.
    else if (!isText && /\S/.test(part)) tokens.push('text')
    isText = !isOperator && (isText || /\S/.test(part))
  }
  return at === filter.length ? tokens : null
}

/** Where the filter that begins at a token ends; null: none begins there. */
function filterEnd(tokens: readonly Token[], start: number): number | null {
  if (tokens[start] !== '(') return null
  const kind = tokens[start + 1]
  const end =
    kind === '&' || kind === '|'
      ? listEnd(tokens, start + 2)
      : kind === '!'
        ? filterEnd(tokens, start + 2)
        : itemEnd(tokens, start + 1)
  return end !== null && tokens[end] === ')' ? end + 1 : null
}

function listEnd(tokens: readonly Token[], start: number): number | null {
  let at = start
  while (tokens[at] === '(') {
    const end = filterEnd(tokens, at)
    if (end === null) return null
    at = end
  }
  return at
}

function itemEnd(tokens: readonly Token[], start: number): number | null {
  // The attribute may be left out before `:=`.
  const operatorAt = tokens[start] === 'text' ? start + 1 : start
  const operator = tokens[operatorAt]
  const valueAt = operatorAt + 1
  if (operator === ':=') return valueEnd(tokens, valueAt)
  if (operatorAt === start) return null
  switch (operator) {
    case '=':
      return valueEnd(tokens, valueAt)
    case '~=':
    case '>=':
    case '<=':
      return tokens[valueAt] === 'text' ? valueAt + 1 : null
    default:
      return null
  }
}

/** Texts with stars between them, no two together. */
function valueEnd(tokens: readonly Token[], start: number): number | null {
  let at = start
  while (tokens[at] === 'text' || tokens[at] === '*') {
    if (tokens[at] === tokens[at + 1]) return null
    at++
  }
  return at
}
