import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scenarioCodes } from '../../core/scenario/codes.ts'
import { section } from '../support/markdown.ts'
import { root, sources } from '../support/sources.ts'

describe('codes of findings', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')

  it('stand in docs/errors.md with their meaning', () => {
    const rows = [...section(page, 'Scenario').matchAll(/^\| `([EWU]_\w+)` \| (.*) \|$/gm)]
    const told = Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))
    for (const [code, meaning] of Object.entries(scenarioCodes))
      assert.equal(told[code], meaning, code)
  })

  it('are each told somewhere', () => {
    const text = sources('core', 'plugins')
      .filter(({ path }) => path !== 'core/scenario/codes.ts')
      .map((source) => source.text)
      .join('\n')
    for (const code of Object.keys(scenarioCodes)) assert.ok(text.includes(`'${code}'`), code)
  })

  it('that plugins tell are in the list', () => {
    for (const { path, text } of sources('plugins')) {
      for (const [, code] of text.matchAll(/'([EWU]_[A-Z_]+)'/g)) {
        assert.ok(Object.hasOwn(scenarioCodes, code!), `${path}: ${code}`)
      }
    }
  })
})
