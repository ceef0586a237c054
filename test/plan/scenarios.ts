/** Scenarios for plans: no XML, no plugin. */
import type {
  Action,
  Client,
  Phase,
  Scenario,
  StaticUser,
  ThinkTime,
} from '../../core/scenario/model.ts'
import { scenarioOf } from '../support/scenario.ts'

const position = { file: 'scenario.xml', line: 1, column: 1 }

export function client(rest: Partial<Client> = {}): Client {
  return {
    type: 'machine',
    host: 'localhost',
    batch: null,
    weight: 1,
    cpu: 1,
    maxUsers: 800,
    useControllerVm: true,
    addresses: [],
    position,
    ...rest,
  }
}

export function phase(rest: Partial<Phase> = {}): Phase {
  return {
    phase: 1,
    durationMs: 10_000,
    intensityPerMs: 0.01,
    maxNumber: null,
    maxActive: null,
    requestsPerMs: null,
    waitAllSessionsEnd: false,
    shares: [1],
    position,
    ...rest,
  }
}

export function request(label = 'GET /'): Action {
  return {
    type: 'request',
    plugin: 'ts_line',
    ack: 'parse',
    subst: 'false',
    tag: '',
    extractions: [],
    matches: [],
    data: null,
    label,
    line: 1,
  }
}

export function think(thinkTime: ThinkTime): Action {
  return { type: 'thinktime', thinkTime, line: 1 }
}

export interface LoadParts {
  readonly clients?: readonly Client[]
  readonly phases?: readonly Phase[]
  readonly users?: readonly StaticUser[]
  readonly loop?: number
  readonly durationMs?: number | null
  readonly sessions?: readonly { readonly name?: string; readonly actions: readonly Action[] }[]
}

export function scenarioWith(parts: LoadParts): Scenario {
  const base = scenarioOf(parts.sessions ?? [{ actions: [request()] }], { port: 80 })
  const { phases, users, loop, durationMs, clients } = parts
  return {
    ...base,
    clients: clients ?? [client()],
    load: {
      durationMs: durationMs ?? null,
      loop: loop ?? 0,
      phases: phases ?? [phase()],
      users: users ?? [],
    },
  }
}
