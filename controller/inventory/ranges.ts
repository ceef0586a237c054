/** Ranges in names of hosts: `load[01:20].example.net`, `[a:f]`, `[1:9:2]`. Source: Ansible's guide, "Adding ranges of hosts". */
import { InventoryError, type Place } from './model.ts'

/** A list with more hosts than this is taken for a slip. */
const maxHosts = 100_000

/** @throws {InventoryError} when a range is none */
export function expandRanges(pattern: string, at: Place): readonly string[] {
  let names: readonly string[] = ['']
  let from = 0
  for (const match of pattern.matchAll(/\[([^\]]*:[^\]]*)\]/g)) {
    if (isAddress(match[1]!)) continue
    const values = valuesOf(match[1]!, at)
    const before = pattern.slice(from, match.index)
    if (names.length * values.length > maxHosts) {
      throw new InventoryError(at, `${pattern} stands for more than ${maxHosts} hosts`)
    }
    names = names.flatMap((name) => values.map((value) => name + before + value))
    from = match.index + match[0].length
  }
  const rest = pattern.slice(from)
  return names.map((name) => name + rest)
}

/** An IPv6 address stands in brackets, too. */
function isAddress(text: string): boolean {
  return text.includes('::') || text.split(':').length > 4
}

function valuesOf(range: string, at: Place): readonly string[] {
  const [first = '', last = '', stepText = '1', ...more] = range.split(':')
  const step = Number(stepText)
  const wrong = (why: string): never => {
    throw new InventoryError(at, `the range [${range}] ${why}`, 'write [01:20], [a:f] or [1:9:2]')
  }
  if (more.length > 0 || !Number.isInteger(step) || step < 1) return wrong('is none')
  if (/^\d*$/.test(first) && /^\d+$/.test(last)) {
    const from = first === '' ? '0' : first
    if (from.length > 1 && from.startsWith('0') && from.length !== last.length) {
      return wrong('has ends of different lengths')
    }
    const width = from.startsWith('0') ? from.length : 1
    return counted(Number(from), Number(last), step, (value) => String(value).padStart(width, '0'))
  }
  if (!/^[a-zA-Z]$/.test(first) || !/^[a-zA-Z]$/.test(last)) return wrong('is none')
  const code = (letter: string): number => letter.charCodeAt(0)
  return counted(code(first), code(last), step, (value) => String.fromCharCode(value))

  function counted(
    low: number,
    high: number,
    by: number,
    text: (value: number) => string,
  ): readonly string[] {
    if (low > high) return wrong('ends before it begins')
    if ((high - low) / by > maxHosts) return wrong(`has more than ${maxHosts} values`)
    const values: string[] = []
    for (let value = low; value <= high; value += by) values.push(text(value))
    return values
  }
}
