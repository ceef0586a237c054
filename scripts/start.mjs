// `npm start`: makes the checkout ready and runs the demo. `npm start -- --flag` passes flags on.
import { spawn } from 'node:child_process'
import { main, ready } from './ready.mjs'

ready()
// Ctrl-C reaches the demo through the terminal; it ends first, with its report.
process.on('SIGINT', () => undefined)
const child = spawn(process.execPath, [main, 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
