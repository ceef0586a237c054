// `npm test`: makes the checkout ready, then format, lint and types (counted as one), then the suite.
// `npm test -- test/plan` runs a part of the suite. The last line is `N passed, N failed`, `, N skipped` may follow.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, ready, run } from './ready.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }
const add = ({ passed, failed, skipped }) => {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

try {
  ready()
  add(outcome(run(...npm('run', '--silent', 'check')) === 0))
  add(suite(process.argv.slice(2)))
} catch (error) {
  console.error(error.message)
  add(outcome(false))
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 ? 1 : 0

function suite(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-test-'))
  const file = join(folder, 'counts.json')
  try {
    const code = run(process.execPath, [
      'node_modules/mocha/bin/mocha.js',
      '--reporter=scripts/counting-reporter.mjs',
      `--reporter-option=counts=${file}`,
      // Most tests wait for processes and times: files run beside each other.
      '--parallel',
      `--jobs=${availableParallelism() + 1}`,
      ...(args.length > 0 ? args : ['test/**/*.test.ts']),
    ])
    if (!existsSync(file)) return outcome(false)
    const counts = JSON.parse(readFileSync(file, 'utf8'))
    // Mocha's exit code also knows of what happened outside of tests.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function outcome(ok) {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
}
