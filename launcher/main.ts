/**
 * The bundled file that runs on every client host.
 *
 * `relay FOLDER`: joins a controller with its agent, which it starts when there is none (`rejoin`: when there is none
 * it fails). `agent FOLDER`: starts and watches launchers. `launcher`: plays users. `give`: gives files to
 * other hosts. `try`: plays one user and tells each step.
 */
import { fileURLToPath } from 'node:url'
import { runAgent } from './agent.ts'
import { runLauncher } from './launcher.ts'
import { runRelay } from './relay.ts'
import { runGiver } from './spread.ts'
import { runTry } from './try.ts'

/**
 * A small young generation, in MiB: pauses are shorter and an idle user is smaller, and throughput is the same
 * (`npm run bench:arrivals`, `bench:idle`, `bench:http`). No code is interpreted, which makes the first users less late.
 */
const launcherFlags = ['--max-semi-space-size=4', '--always-sparkplug']

const self = fileURLToPath(import.meta.url)
const role = process.argv[2]

const folder = process.argv[3] ?? ''
const node = [process.execPath, ...process.execArgv]

if (role === 'relay' || role === 'rejoin') {
  await runRelay(folder, role === 'relay' ? [...node, self, 'agent', folder] : null)
} else if (role === 'agent') {
  runAgent(folder, [...node, ...launcherFlags, self, 'launcher'])
} else if (role === 'launcher') {
  process.on('SIGINT', () => undefined)
  runLauncher()
} else if (role === 'give') {
  runGiver()
} else if (role === 'try') {
  runTry()
} else {
  process.stderr.write('usage: launcher.mjs relay|rejoin|agent|launcher|give|try\n')
  process.exitCode = 2
}
