/**
 * The target server, as a process of its own so that it can stand on another machine.
 *
 * argv: address, delay (as `tsts echo --delay`). It tells its parent what it counts, and ends with it.
 */
import { noDelay, parseDelay } from '../../controller/echo/delay.ts'
import { startEcho } from '../../controller/echo/server.ts'

export interface TargetCounts {
  readonly port: number
  readonly requests: number
}

const tellEveryMs = 50

const [host = '127.0.0.1', delay = ''] = process.argv.slice(2)
const echo = await startEcho({ port: 0, host, delay: parseDelay(delay) ?? noDelay })
let told = -1

function tell(): void {
  if (echo.requests === told) return
  told = echo.requests
  const counts: TargetCounts = { port: echo.port, requests: echo.requests }
  process.send?.(counts)
}

process.on('disconnect', () => process.exit(0))
setInterval(tell, tellEveryMs)
tell()
