import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

/** Compares with `test/golden/NAME`; with UPDATE_GOLDEN=1 writes it instead. */
export function matchesGolden(name: string, text: string): void {
  const file = new URL(`../golden/${name}`, import.meta.url)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'), `${name}; UPDATE_GOLDEN=1 rewrites it`)
}
