/**
 * The bundled file that runs on every client host.
 *
 * `agent`: starts and relays launchers. `launcher`: plays users. `try`: plays one user and tells each step.
 */
import { fileURLToPath } from 'node:url'
import { runAgent } from './agent.ts'
import { runLauncher } from './launcher.ts'
import { runTry } from './try.ts'

/**
 * A small young generation, in MiB: pauses are shorter and an idle user is smaller, and throughput is the same
 * (`npm run bench:arrivals`, `bench:idle`, `bench:http`).
 */
const launcherFlags = ['--max-semi-space-size=4']

const self = fileURLToPath(import.meta.url)
const role = process.argv[2]

if (role === 'agent') {
  runAgent(
    [process.execPath, ...launcherFlags, ...process.execArgv, self, 'launcher'],
    process.argv[3] ?? '',
  )
} else if (role === 'launcher') {
  process.on('SIGINT', () => undefined)
  runLauncher()
} else if (role === 'try') {
  runTry()
} else {
  process.stderr.write('usage: launcher.mjs agent|launcher|try\n')
  process.exitCode = 2
}
