/** The broker of every comparison of MQTT: a Mosquitto of our own on 127.0.0.1. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort, type Nginx } from './nginx.ts'
import { cpuMsOf, run, start } from './processes.ts'

/** Another one each run, so that its addresses have no closed connections of an earlier one. */
const firstPort = 8000 + (process.pid % 4000) * 2
const startMs = 10_000

/** `mosquitto version 2.0.11`, or `absent`. */
export function mosquittoVersion(): string {
  const { stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' })
  return /version (\S+)/.exec(stdout ?? '')?.[1] ?? 'absent'
}

export interface Mosquitto extends Nginx {
  /** PUBLISH packets that have come so far; asked with mosquitto_sub. */
  received(): Promise<number>
}

const receivedTopic = '$SYS/broker/publish/messages/received'
/** It tells its figures so often, in s. */
const tellSeconds = 1

/**
 * It may hold as many clients as it has descriptors, and writes nothing down.
 *
 * @throws when it is not installed (`apt-get install mosquitto`) or does not listen
 */
export async function startMosquitto(folder: string, core: number | null): Promise<Mosquitto> {
  const home = mkdtempSync(join(folder, 'mosquitto-'))
  const port = await freePort(firstPort)
  const file = join(home, 'mosquitto.conf')
  writeFileSync(
    file,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\nsys_interval ${tellSeconds}\n`,
  )
  const child = start(core, ['mosquitto', '-c', file])
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const untilMs = performance.now() + startMs
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > untilMs) {
      throw new Error('mosquitto cannot be used (apt-get install mosquitto)')
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    port,
    tlsPort: 0,
    http2Port: 0,
    cpuMs: () => cpuMsOf(child.pid!),
    received: async () => {
      await new Promise((resolve) => setTimeout(resolve, 2000 * tellSeconds))
      const command = [
        'mosquitto_sub',
        '-p',
        String(port),
        '-t',
        receivedTopic,
        '-C',
        '1',
        '-W',
        '5',
      ]
      const { output } = await run(null, command)
      return Number(output)
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
