/** Pages of docs/ promise what a user sees of a fault, in the rows of their tables: what was seen is compared with it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.ts'

/** The cells of a row, its first left out. @throws when the page has no such row */
export function promisedRow(page: string, first: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8')
  const row = text.split('\n').find((line) => line.startsWith(`| ${first} |`))
  assert.ok(row, `${page} has no row "${first}"`)
  return row
    .split(/(?<!\\)\|/)
    .slice(2, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** What is quoted in a cell. */
export function quotesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
}

/** All quotes are there, in this order; `…` in them stands for anything, and a number for any number. */
export function assertQuoted(quotes: readonly string[], seen: string): void {
  let from = 0
  for (const quote of quotes) {
    const match = patternOf(quote).exec(seen.slice(from))
    assert.ok(match, `"${quote}" is not there, or too early:\n${seen}`)
    from += match.index + match[0].length
  }
}

function patternOf(quote: string): RegExp {
  const parts = quote.split(/(…|\d+(?:\.\d+)?)/).map((part) => {
    if (part === '…') return '.*?'
    return /^\d/.test(part) ? '\\d+(?:\\.\\d+)?' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(parts.join(''))
}
