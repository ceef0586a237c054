/**
 * The bundled file that runs on every client host.
 *
 * `relay FOLDER`: joins a controller with its agent, which it starts when there is none (`rejoin`: when there is none
 * it fails). `agent FOLDER`: starts and watches launchers. `launcher`: plays users. `give`: gives files to
 * other hosts. `try`: plays one user and tells each step. Each loads what it needs: a host starts three of them.
 */
import { fileURLToPath } from 'node:url'

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
  const { runRelay } = await import('./relay.ts')
  await runRelay(folder, role === 'relay' ? [...node, self, 'agent', folder] : null)
} else if (role === 'agent') {
  const { runAgent } = await import('./agent.ts')
  runAgent(folder, [...node, ...launcherFlags, self, 'launcher'])
} else if (role === 'launcher') {
  process.on('SIGINT', () => undefined)
  const { runLauncher } = await import('./launcher.ts')
  runLauncher()
} else if (role === 'give') {
  const { runGiver } = await import('./spread.ts')
  runGiver()
} else if (role === 'try') {
  const { runTry } = await import('./try.ts')
  runTry()
} else {
  process.stderr.write('usage: launcher.mjs relay|rejoin|agent|launcher|give|try\n')
  process.exitCode = 2
}
