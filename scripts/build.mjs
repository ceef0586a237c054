// Builds dist/: tsc emits every module with its types, esbuild bundles the launcher into one file.
// Whoever runs the old dist/ keeps it until the new one is whole. `--if-stale` does nothing when dist/ is newer than its
// sources.
import { execFileSync } from 'node:child_process'
import { chmodSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { isBuilt, root } from './ready.mjs'

if (process.argv.includes('--if-stale') && isBuilt()) process.exit(0)

const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)
const dist = join(root, 'dist')
const fresh = join(root, `dist.new-${process.pid}`)
const stale = join(root, `dist.old-${process.pid}`)

const startedAt = new Date()
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    cwd: root,
    stdio: 'inherit',
  })
  chmodSync(join(fresh, 'controller', 'main.js'), 0o755)
  await build({
    absWorkingDir: root,
    entryPoints: ['launcher/main.ts'],
    outfile: join(fresh, 'launcher.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Bundled CommonJS packages call require(); others import createRequire themselves.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'warning',
  })
  // A source that was edited meanwhile is newer than what was built from it.
  utimesSync(join(fresh, 'launcher.mjs'), startedAt, startedAt)
  try {
    renameSync(dist, stale)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  renameSync(fresh, dist)
} finally {
  rmSync(fresh, { recursive: true, force: true })
  rmSync(stale, { recursive: true, force: true })
}
