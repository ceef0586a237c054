// Makes a checkout ready to use with Node and npm alone: installs what is missing, builds what is stale.
// Imports nothing that has to be installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The command that was built. */
export const main = join(root, 'dist', 'controller', 'main.js')

/** Installs and builds as far as needed. Throws when one of them fails. */
export function ready() {
  if (!isInstalled()) {
    console.log('installing the dependencies (npm ci) …')
    mustRun(...npm('ci', '--no-audit', '--no-fund'))
  }
  if (!isBuilt()) {
    console.log('building dist/ …')
    mustRun(process.execPath, ['scripts/build.mjs'])
  }
}

/** Runs a program in the checkout, on this terminal. Returns its exit code. */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
  })
  if (error) throw error
  return signal === null ? status : 1
}

/** Program and arguments of an npm command: the npm that runs us, else the one on PATH. */
export function npm(...args) {
  const cli = process.env.npm_execpath ?? ''
  return cli.endsWith('npm-cli.js') ? [process.execPath, [cli, ...args]] : ['npm', args]
}

/** Whether node_modules holds what the lock file says; packages for other platforms may be absent. */
export function isInstalled() {
  const installed = packages(join(root, 'node_modules', '.package-lock.json'))
  if (installed === null) return false
  const locked = packages(join(root, 'package-lock.json'))
  return Object.entries(locked).every(([path, { version, optional }]) => {
    if (path === '') return true
    return installed[path] ? installed[path].version === version : optional === true
  })
}

/** Whether dist/ is newer than everything it is made of. */
export function isBuilt() {
  // Written last.
  const built = modifiedMs(join(root, 'dist', 'launcher.mjs'))
  if (built === null || !existsSync(main)) return false
  const sources = ['core', 'plugins', 'launcher', 'controller'].flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true })
    return [folder, ...names.map((name) => join(folder, name))]
  })
  const settings = [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
  ]
  return [...sources, ...settings].every((name) => (modifiedMs(join(root, name)) ?? 0) <= built)
}

function packages(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : null
}

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null
}

function mustRun(program, args) {
  const code = run(program, args)
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}`)
}
