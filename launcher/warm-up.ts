/**
 * Users that play before the run, against a server in this process, so that the engine is compiled when the first real
 * ones are due: Node runs code that is new some ten times slower, which a fast start would show as users that are late.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { findBuiltin } from '../core/erlang/builtins.ts'
import type { Json } from '../core/json.ts'
import type { LauncherPlan } from '../core/plan/model.ts'
import type { Action, Position, Scenario, SourceAddress } from '../core/scenario/model.ts'
import { encodeLine } from '../core/wire/codec.ts'
import type { HttpData } from '../plugins/http/data.ts'
import { http } from '../plugins/http/plugin.ts'
import { Engine } from './engine.ts'
import type { HealthMonitor } from './health.ts'
import { Lines } from './lines.ts'
import { SourceAddresses } from './source-addresses.ts'

/** Users that begin in a second, or requests a second, from which on a launcher has no time to be slow at first. */
const fastPerSecond = 200
/** Fewer users are over before it would help. */
const leastUsers = 500
const sessions = 2000
const together = 20
/** An interval is taken after so many. */
const sessionsAnInterval = 50
const requestsASession = 2
/** It is given up after so long. */
const longestMs = 1500
/** For what V8 still compiles beside. */
const settleMs = 50

const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: warm\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n' +
    'Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n',
)

/** Whether a launcher has to be fast from its first moment on. */
export function startsFast({ phases, staticUsers, users }: LauncherPlan): boolean {
  if (users < leastUsers) return false
  if (staticUsers.length >= fastPerSecond) return true
  return phases.some(
    ({ intensityPerMs, requestsPerMs }) =>
      Math.max(intensityPerMs, requestsPerMs ?? 0) * 1000 >= fastPerSecond,
  )
}

/**
 * Nothing of it is measured, and nothing leaves this host. Where it cannot be done, it is not.
 *
 * @param scenario the run's
 * @param isBound its users have source addresses
 */
export async function warmUp(
  scenario: Scenario,
  isBound: boolean,
  health: HealthMonitor,
): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', () => socket.write(answer))
    socket.on('end', () => socket.end())
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listening(server)
  if (port === null) return
  await play(warmScenario(scenario, port), isBound ? [loopback] : [], health)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}

function listening(server: Server): Promise<number | null> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(null))
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(address === null || typeof address === 'string' ? null : address.port)
    })
  })
}

function play(
  scenario: Scenario,
  addresses: readonly SourceAddress[],
  health: HealthMonitor,
): Promise<void> {
  return new Promise((resolve) => {
    let started = 0
    const over = (): void => {
      clearTimeout(timer)
      started = sessions
      engine.cut()
      engine.wheel.close()
      resolve()
    }
    const begin = (): void => {
      if (started % sessionsAnInterval === 0) takeInterval(engine, health)
      if (started++ < sessions) engine.startUser(started, 0, performance.now(), null)
      else if (engine.users.size === 0) over()
    }
    const timer = setTimeout(over, longestMs)
    const engine = new Engine({
      ...{ scenario, seed: 'warm', sources: new SourceAddresses(addresses, null, process.pid) },
      ...{ trace: null, plugins: { ts_http: http }, findFunction: findBuiltin, folder: '.' },
      lines: new Lines({}, { ask: () => undefined, waited: () => undefined }),
      hooks: {
        ended: () => void setImmediate(begin),
        ...{ joined: () => undefined, errorExample: () => undefined, abort: () => undefined },
        ...{ interaction: () => undefined, lines: () => undefined },
      },
    })
    for (let user = 0; user < together; user++) begin()
  })
}

function takeInterval({ recorder, sources }: Engine, health: HealthMonitor): void {
  const measured = health.take(recorder.connected, sources.takeFullest())
  encodeLine(recorder.take(performance.now(), { phase: 1, due: 0 }, measured))
}

const loopback: SourceAddress = { type: 'ip', value: '127.0.0.1' }
const position: Position = { file: '', line: 0, column: 0 }

function warmScenario(scenario: Scenario, port: number): Scenario {
  const data: HttpData = {
    ...{ method: 'GET', version: '1.1', url: '/', path: '/', target: null, host: null, open: null },
    ...{ body: null, contentType: '', ifModifiedSince: null, soapAction: null },
    ...{ authorization: null, oauth: null, headers: [], cookies: [] },
  }
  const request: Action = {
    ...{ type: 'request', plugin: 'ts_http', ack: 'parse', subst: 'false', tag: '' },
    ...{ extractions: [], matches: [], data: data as unknown as Json, label: '', line: 0 },
  }
  const { options } = scenario
  return {
    ...scenario,
    ...{ backend: 'text', dumpTraffic: 'false', modules: [] },
    servers: [{ host: '127.0.0.1', port, transport: 'tcp', weight: 1 }],
    options: {
      ...options,
      ...{ maxRetries: 0, rateLimit: null, portsRange: null, fileServers: [] },
      plugins: {
        ts_http: {
          ...{ useServerAsProxy: false, userAgents: [], version: '1.1', usersPerConnection: 1 },
        },
      },
    },
    sessions: [
      {
        ...{ name: 'warm', type: 'ts_http', persistent: false, bidi: false, position },
        actions: Array.from({ length: requestsASession }, () => request),
      },
    ],
  }
}
