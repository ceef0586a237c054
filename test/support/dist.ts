import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './sources.ts'

export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

let isFresh = false

/**
 * The built command, `dist/controller/main.js`; builds first when its sources are newer.
 *
 * @throws when the build fails
 */
export function builtMain(): string {
  if (!isFresh) {
    const args = [join(root, 'scripts/build.mjs'), '--if-stale']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
    isFresh = true
  }
  return join(root, 'dist/controller/main.js')
}

/** Runs the built `tsts` to its end. */
export function tsts(args: readonly string[], cwd: string = root): Promise<Outcome> {
  return execute(process.execPath, [builtMain(), ...args], cwd)
}

/** Runs a program to its end. */
export function execute(program: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
