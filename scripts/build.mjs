// Builds dist/: tsc emits every module with its types, esbuild bundles the controller and the launcher.
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

const bundle = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Bundled CommonJS packages call require(); others import createRequire themselves.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  logLevel: 'warning',
}

const startedAt = new Date()
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    cwd: root,
    stdio: 'inherit',
  })
  // Of the programs only their bundles are used: they start in a third of the time.
  for (const folder of ['controller', 'launcher']) rmSync(join(fresh, folder), { recursive: true })
  await build({
    ...bundle,
    entryPoints: ['controller/main.ts'],
    outdir: join(fresh, 'controller'),
    // What is imported when it is needed stays apart.
    splitting: true,
    external: ['ssh2'],
  })
  chmodSync(join(fresh, 'controller', 'main.js'), 0o755)
  await build({
    ...bundle,
    entryPoints: ['launcher/main.ts'],
    outfile: join(fresh, 'launcher.mjs'),
  })
  // What travels with each plugin to the launchers.
  await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'neutral',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    entryPoints: ['plugins/published.ts'],
    outfile: join(fresh, 'plugin.mjs'),
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
