/**
 * `<dyn_variable regexp>`, the syntax before Tsung 1.4, as PCRE: `\(` and `\)` are a group, brackets without a backslash
 * only hold together. Source: Tsung manual, "Dynamic variables", Regexp.
 *
 * Without such a group it is taken for PCRE.
 */
export function fromOldSyntax(pattern: string): string {
  if (!/\\\(/.test(pattern)) return pattern
  // A class, an escape, or a bracket.
  return pattern.replace(/\[\^?\]?[^\]]*\]|\\.|\((?!\?)/gs, (token) => {
    if (token === '\\(' || token === '\\)') return token.slice(1)
    return token === '(' ? '(?:' : token
  })
}
