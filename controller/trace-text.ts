/** What one user did, for people (`tsts try`). */
import { fromUtf8 } from '../core/byte-string.ts'
import type { Value } from '../core/dynvars/value.ts'
import { unreachable } from '../core/json.ts'
import type { TraceLine } from '../core/wire/trace.ts'
import { printable, shortened } from './outputs/format.ts'

const indent = ' '.repeat(14)
/** Characters of a value that are shown: variables may hold whole answers. */
const shownOfValue = 120
/** Of the counters at the end. */
const countsColumns = 80

export class TraceText {
  readonly #maxBytes: number
  readonly #counts: string[] = []

  /** @param maxBytes how much of what is sent or received at once is shown */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines for one thing that was done, each with its line feed; counters come together at the end. */
  render(line: TraceLine): string {
    const at = `${line.atMs.toFixed(1).padStart(9)} ms`
    switch (line.type) {
      case 'step':
        return `${at}  line ${line.line}: ${printable(line.action)}\n`
      case 'think':
        return `${at}    thinks for ${durationText(line.ms)}\n`
      case 'connect':
        return `${at}    connected to ${hostPort(line.host, line.port)} in ${line.ms.toFixed(1)} ms\n`
      case 'sent':
        return `${at}    sent ${sizeText(line.bytes.length)}\n${this.#shown(line.bytes, '>')}`
      case 'received':
        return `${at}    received ${sizeText(line.bytes.length)}\n${this.#shown(line.bytes, '<')}`
      case 'answered':
        return `${at}    answered after ${line.ms.toFixed(1)} ms\n`
      case 'variable': {
        const value = line.value === null ? 'has no value' : `= ${valueText(line.value)}`
        return `${at}    ${nameText(line.name)} ${value}\n`
      }
      case 'branch':
        return `${at}    ${printable(line.text)}\n`
      case 'extracted': {
        const value = line.value === null ? 'not found' : `= ${valueText(line.value)}`
        return `${at}    line ${line.line}: ${nameText(line.name)} ${value}\n`
      }
      case 'matched': {
        const verdict = line.isMatch ? 'match' : 'no match'
        const what = line.what === '' ? '' : `: ${printable(line.what)}`
        return `${at}    line ${line.line}: ${verdict} of ${valueText(line.pattern)}${what}\n`
      }
      case 'error':
        return `${at}    ERROR ${line.name}: ${printable(line.detail)}\n`
      case 'failed':
        return `${at}  FAILED: ${printable(line.text)}\n`
      case 'count':
        this.#counts.push(`${line.name} ${line.value}`)
        return ''
      case 'end':
        return `${at}  the user ends\n${wrapped(this.#counts)}`
      default:
        return unreachable(line)
    }
  }

  #shown(bytes: string, mark: '<' | '>'): string {
    const lines = bytes.slice(0, this.#maxBytes).split('\n')
    // What ends with a line feed has no further line.
    if (lines.at(-1) === '') lines.pop()
    const shown = lines.map((line) => `${indent}${mark} ${escaped(line.replace(/\r$/, ''))}\n`)
    const left = bytes.length - this.#maxBytes
    if (left > 0) shown.push(`${indent}${mark} … ${sizeText(left)} more\n`)
    return shown.join('')
  }
}

/** A variable's name, so wide that values of several stand in a column. */
function nameText(name: string): string {
  return printable(name).padEnd(12)
}

/** A byte string in quotes, a list in brackets; what is long is cut, and its size told. */
function valueText(value: Value): string {
  const whole = quoted(value)
  const shown = shortened(whole, shownOfValue)
  if (shown === whole) return whole
  const size = typeof value === 'string' ? sizeText(value.length) : `${value.length} items`
  return `${shown} (${size})`
}

function quoted(value: Value): string {
  if (typeof value !== 'string') return `[${value.slice(0, shownOfValue).map(quoted).join(', ')}]`
  // Cut first: a variable may hold megabytes.
  return `"${readable(value.slice(0, 4 * shownOfValue)).replace(/"/g, '\\"')}"`
}

/** A byte string that is UTF-8 as what it says, any other with its bytes escaped. */
function readable(bytes: string): string {
  const text = fromUtf8(bytes)
  return text.includes('\ufffd') || printable(text) !== text ? escaped(bytes) : text
}

/** Items with commas between them, on lines of a bearable length. */
function wrapped(items: readonly string[]): string {
  const lines: string[] = []
  for (const [at, item] of items.entries()) {
    const text = at === items.length - 1 ? item : `${item},`
    const line = lines.at(-1)
    if (line !== undefined && line.length + text.length < countsColumns) {
      lines[lines.length - 1] = `${line} ${text}`
    } else lines.push(text)
  }
  return lines.map((line) => `${indent}${line}\n`).join('')
}

/** Bytes that are no printable ASCII as `\xNN`. */
function escaped(text: string): string {
  return text.replace(
    /[^\t\x20-\x7e]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function sizeText(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`
}

function durationText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
