/** `<dyn_variable header>`: a header of an answer or one of its parameters. Source: reference tsung-core.md, 1.11. */

/** What Tsung's users get for a header that is not there. */
const missing = 'undefined'

/** Those whose parameters are set apart by commas and stand behind the name of a scheme. */
const commaSeparated: readonly string[] = ['www-authenticate', 'authentication-info']

/** Finds one header, whatever the case of its name. */
export interface HeaderQuery {
  /** @returns the text; null: the parameter is not there */
  find(content: string): string | null
}

/**
 * @param name byte string
 * @param parameter byte string; empty or null: the whole header
 */
export function compileHeader(name: string, parameter: string | null): HeaderQuery {
  const lower = name.toLowerCase()
  const escaped = lower.replace(/[^a-z0-9_]/g, '\\$&')
  // To the end of the line, and of those that continue it.
  const form = new RegExp(`^${escaped}:[ \\t]*((?:[^\\r\\n]|\\r?\\n[ \\t])*)`, 'gim')
  if (parameter === null || parameter === '') return new WholeHeader(form)
  return new HeaderParameter(form, parameter, commaSeparated.includes(lower) ? ',' : ';')
}

class WholeHeader implements HeaderQuery {
  readonly #form: RegExp

  constructor(form: RegExp) {
    this.#form = form
  }

  /** Several with the same name: the last comes first, as Tsung does. */
  find(content: string): string {
    let text: string | null = null
    for (const [, value] of headOf(content).matchAll(this.#form)) {
      text = text === null ? value! : `${value}, ${text}`
    }
    return text ?? missing
  }
}

class HeaderParameter implements HeaderQuery {
  readonly #form: RegExp
  /** A parameter, or the value it belongs to. */
  readonly #piece: RegExp
  readonly #name: string
  readonly #isAfterScheme: boolean

  constructor(form: RegExp, name: string, separator: ',' | ';') {
    this.#form = form
    this.#piece = new RegExp(`(?:[^"${separator}]|"(?:[^"\\\\]|\\\\.)*"?)+`, 'gs')
    this.#name = name
    this.#isAfterScheme = separator === ','
  }

  find(content: string): string | null {
    for (const [, value] of headOf(content).matchAll(this.#form)) {
      const parameters = this.#isAfterScheme ? value!.replace(/^[\w-]+[ \t]+(?!=)/, '') : value!
      for (const [piece] of parameters.matchAll(this.#piece)) {
        const [, name, text] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(piece) ?? []
        if (name === this.#name) return unquoted(text!)
      }
    }
    return null
  }
}

/** What stands before the first blank line. */
function headOf(content: string): string {
  const end = content.indexOf('\r\n\r\n')
  return end < 0 ? content : content.slice(0, end)
}

function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? text
}
