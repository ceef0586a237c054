/** A broker of its own for a test: Debian's Mosquitto on free ports of 127.0.0.1, in a folder that is removed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { requirePeer } from '../support/peers.ts'

export interface Mosquitto {
  readonly port: number
  readonly tlsPort: number
  readonly websocketPort: number
  /** User name and password are needed: `dev` and `secret`. */
  readonly authPort: number
  close(): Promise<void>
}

/** Skips the test when it is not installed. @param context `this` of the hook */
export async function startMosquitto(context: Context): Promise<Mosquitto> {
  const program = requirePeer(context, 'mosquitto', 'mosquitto')
  const folder = mkdtempSync(join(tmpdir(), 'tsts-mosquitto-'))
  // It gives up its rights: the folder has to be readable for its user.
  chmodSync(folder, 0o755)
  const [port, tlsPort, websocketPort, authPort] = await freePorts(4)
  const ports = {
    port: port!,
    tlsPort: tlsPort!,
    websocketPort: websocketPort!,
    authPort: authPort!,
  }
  const file = join(folder, 'mosquitto.conf')
  writeFileSync(file, configuration(folder, ports))
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  // A suite that is interrupted runs no `after`.
  const killed = (): void => void child.kill('SIGKILL')
  process.once('exit', killed)
  child.once('exit', () => process.off('exit', killed))
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  try {
    for (const each of Object.values(ports)) await listening(each, child, () => said)
  } catch (error) {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const close = async (): Promise<void> => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...ports, close }
}

type Ports = Omit<Mosquitto, 'close'>

function configuration(folder: string, ports: Ports): string {
  const file = (name: string): string => join(folder, name)
  spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
  ])
  chmodSync(file('key.pem'), 0o644)
  writeFileSync(file('passwords'), 'dev:secret\n')
  spawnSync('mosquitto_passwd', ['-U', file('passwords')])
  chmodSync(file('passwords'), 0o644)
  const listener = (port: number): string => `listener ${port} 127.0.0.1\nallow_anonymous true\n`
  return `per_listener_settings true
max_topic_alias 10
log_dest stderr
log_type error
${listener(ports.port)}
${listener(ports.tlsPort)}certfile ${file('cert.pem')}
keyfile ${file('key.pem')}
${listener(ports.websocketPort)}protocol websockets
listener ${ports.authPort} 127.0.0.1
allow_anonymous false
password_file ${file('passwords')}
`
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

const startMs = 20_000

async function listening(port: number, child: ChildProcess, said: () => string): Promise<void> {
  const untilMs = Date.now() + startMs
  while (Date.now() < untilMs && child.exitCode === null) {
    if (await accepts(port)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`mosquitto does not listen on ${port}: ${said()}`)
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

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill()
  await exit
}
