import type { Action, Scenario, Session } from '../../core/scenario/model.ts'

const position = { file: 'scenario.xml', line: 1, column: 1 }

/** A scenario of one client, one server and the given sessions, built without XML. */
export function scenarioOf(
  sessions: readonly (Partial<Session> & { readonly actions: readonly Action[] })[],
  server: { readonly host?: string; readonly port: number },
  options: Partial<Scenario['options']> = {},
): Scenario {
  return {
    file: 'scenario.xml',
    logLevel: 'notice',
    dumpTraffic: 'false',
    backend: 'text',
    clients: [
      {
        type: 'machine',
        host: 'localhost',
        batch: null,
        weight: 1,
        cpu: 1,
        maxUsers: 800,
        useControllerVm: true,
        addresses: [],
        position,
      },
    ],
    servers: [{ host: server.host ?? '127.0.0.1', port: server.port, transport: 'tcp', weight: 1 }],
    monitors: [],
    load: {
      durationMs: null,
      loop: 0,
      phases: [
        {
          phase: 1,
          durationMs: 1000,
          intensityPerMs: 0.01,
          maxNumber: null,
          maxActive: null,
          requestsPerMs: null,
          waitAllSessionsEnd: false,
          shares: sessions.map(() => 1),
          position,
        },
      ],
      users: [],
    },
    options: {
      seed: null,
      connectTimeoutMs: null,
      maxRetries: 3,
      retryTimeoutMs: 10,
      idleTimeoutMs: 600_000,
      globalAckTimeoutMs: null,
      globalNumber: 100,
      rateLimit: null,
      portsRange: null,
      tls: { ciphers: null, version: null, reuseSessions: true, disableSni: false, verify: false },
      streams: {
        websocket: { path: '/chat', frame: 'binary', subprotocols: null, origin: null },
        bosh: { path: '/http-bind/' },
      },
      fileServers: [],
      plugins: {},
      ...options,
    },
    sessions: sessions.map((session, index) => ({
      name: `session-${index}`,
      type: 'ts_line',
      persistent: true,
      bidi: false,
      position,
      ...session,
    })),
    thresholds: [],
    modules: [],
  }
}
