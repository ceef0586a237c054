// `npm run test:matrix`: the suite under this Node, the oldest supported line and the newest LTS, each major once.
// Other versions come from the npm package `node`.
import { spawnSync } from 'node:child_process'
import { npm, ready, run } from './ready.mjs'

const oldest = '20.19'

ready()
const own = process.versions.node
const versions = [own]
for (const version of [oldest, newestLts()]) {
  if (!versions.some((known) => major(known) === major(version))) versions.push(version)
}
const failed = versions.filter((version) => {
  console.log(`\n== Node ${version}`)
  const args = ['scripts/test.mjs', ...process.argv.slice(2)]
  if (version === own) return run(process.execPath, args) !== 0
  return run(...npm('exec', '--yes', `--package=node@${version}`, '--', 'node', ...args)) !== 0
})
const passed = versions.length - failed.length
console.log(`\nNode ${versions.join(', ')}: ${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

/** The newest even major whose own binary says that it is an LTS. */
function newestLts() {
  let candidate = Number(major(capture(...npm('view', 'node', 'version'))))
  if (candidate % 2 === 1) candidate--
  for (; candidate > Number(major(oldest)); candidate -= 2) {
    const question = ['node', '-p', 'process.release.lts ?? ""']
    const args = ['exec', '--yes', `--package=node@${candidate}`, '--', ...question]
    if (capture(...npm(...args)) !== '') return String(candidate)
  }
  return oldest
}

function capture(program, args) {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
  return stdout.trim()
}

function major(version) {
  return version.split('.')[0]
}
