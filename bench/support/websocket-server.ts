/** The target of the WebSocket benches, in a process of its own. */
import { fileURLToPath } from 'node:url'
import { freePort } from './nginx.ts'
import { cpuMsOf, start } from './processes.ts'

/** Below those that clients are given: they may have used up all of them. Another one each run. */
const firstPort = 13_000 + (process.pid % 4000)

/** What it saw until it was stopped. */
export interface Seen {
  readonly opened: number
  /** Connections that ended without a close frame. */
  readonly lost: number
  readonly pings: number
  readonly pongs: number
  readonly messages: number
}

export interface WebSocketServer {
  readonly port: number
  /** CPU so far, in ms. */
  cpuMs(): number
  stop(): Promise<Seen>
}

/** @param pingSeconds between two pings to each client; 0: none */
export async function startWebSocketServer(
  core: number | null,
  pingSeconds = 0,
): Promise<WebSocketServer> {
  const script = fileURLToPath(new URL('websocket-server.mjs', import.meta.url))
  const port = await freePort(firstPort)
  const child = start(core, [process.execPath, script, String(port), String(pingSeconds)])
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the server ended: ${output}`)))
    child.stderr!.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    child.stdout!.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      if (output.startsWith('listening')) resolve()
    })
  })
  const pid = child.pid!
  return {
    port,
    cpuMs: () => cpuMsOf(pid),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return JSON.parse(output.slice(output.indexOf('{'))) as Seen
    },
  }
}
