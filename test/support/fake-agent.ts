/**
 * A process that speaks an agent's part of the protocol and plays its launchers itself, each by its script.
 *
 * argv[2]: JSON of `FakeAgentScript`.
 */
import { firstCursor, skipBefore } from '../../core/plan/cursor.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Interval } from '../../core/stats/model.ts'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import {
  type AgentFacts,
  type LauncherCommand,
  type LauncherMessage,
  protocolVersion,
  type ToAgent,
} from '../../core/wire/messages.ts'
import type { FakeAgentScript, FakeLauncherScript } from './fake-fleet.ts'

type Started = LauncherCommand & { readonly type: 'start' }

const script = JSON.parse(process.argv[2] ?? '{}') as FakeAgentScript
const plans = new Map<number, LauncherPlan>()
let started = false

// It is relay and agent in one: where it ended there is no agent any more.
if (process.argv[3] === 'rejoin') {
  process.stderr.write('the agent of this run is gone\n')
  process.exit(3)
}
const sequences = new Map<number, number>()
/** When the run began, on our clock. */
let originMs = 0
/** Users of the phase that were started, by launcher. */
const cursors = new Map<number, number>()

function sendAgent(message: object): void {
  for (const line of encodeLine(message)) process.stdout.write(line)
}

function send(launcher: number, message: LauncherMessage): void {
  sendAgent({ launcher, message })
}

function sendInterval(launcher: number, users: number, started: number, finished: number): void {
  const sequence = (sequences.get(launcher) ?? 0) + 1
  sequences.set(launcher, sequence)
  cursors.set(launcher, (cursors.get(launcher) ?? 0) + started)
  const interval: Interval = {
    sequence,
    cursor: { ...firstCursor, originMs, started: cursors.get(launcher) ?? 0 },
    fromMs: (sequence - 1) * 1000,
    toMs: sequence * 1000,
    counters: { users_count: started, finish_users_count: finished },
    gauges: {
      users,
      usersMax: users,
      connected: users,
      connectedMax: users,
      inFlight: users,
      phase: 1,
      due: started,
    },
    samples: {},
    health: {
      cpuMs: 1,
      loopDelayMaxMs: 0,
      loopDelayP99Ms: 0,
      gcMs: 0,
      rssBytes: 1,
      heapBytes: 1,
      steal: 0,
      descriptors: 1,
      descriptorLimit: 1,
      ports: null,
    },
  }
  send(launcher, { type: 'interval', interval })
}

function onLauncher(launcher: number, command: LauncherCommand): void {
  const how: FakeLauncherScript = script.launchers?.[launcher] ?? 'finish'
  const users = plans.get(launcher)?.users ?? 0
  switch (command.type) {
    case 'setup':
      plans.set(launcher, command.setup.plan)
      if (how === 'fail-setup') {
        send(launcher, { type: 'failed', code: 'E_LAUNCHER_SETUP', text: 'no such thing' })
      } else if (how !== 'mute') send(launcher, { type: 'ready' })
      return
    case 'start':
      started = true
      if (command.cursor === null) originMs = performance.now() + command.delayMs
      if (script.tellsStart) tellCommand(launcher, { ...command, plan: plans.get(launcher) })
      for (const lease of command.leases) tellCommand(launcher, { type: 'first', ...lease })
      onStart(launcher, how, beginOf(launcher, command), users)
      return
    case 'stop':
      if (how === 'deaf') return
      sendInterval(launcher, 0, 0, 0)
      send(launcher, { type: 'done' })
      return
    case 'release':
      if (command.count !== users) return
      sendInterval(launcher, 0, users, users)
      send(launcher, { type: 'done' })
      return
    case 'lease':
    case 'interaction':
    case 'steer':
      tellCommand(launcher, command)
      return
    case 'recall': {
      tellCommand(launcher, command)
      const { id } = command
      send(launcher, { type: 'unused', id, leases: [{ id, from: 1, count: 1 }], recalled: true })
      return
    }
    case 'ping':
      if ((script.silent || how === 'frozen') && started) return
      send(launcher, { type: 'pong', t1: command.t1, t2: performance.now() })
      return
    default:
      return
  }
}

/** Users of its share that it does not start. */
function beginOf(launcher: number, { cursor, skipBefore: before }: Started): number {
  if (cursor === null) return 0
  const arrivals = { plan: plans.get(launcher)!, process: 'conditioned', seed: '1' } as const
  const { started } = before === null ? cursor : skipBefore(arrivals, cursor, before).cursor
  cursors.set(launcher, started)
  return started
}

/** What it was told, as a line of its log. */
function tellCommand(launcher: number, command: object): void {
  const { n: _, ...rest } = command as LauncherCommand & { readonly n?: number }
  send(launcher, { type: 'lines', stream: 'log', lines: [JSON.stringify(rest)] })
}

function onStart(launcher: number, how: FakeLauncherScript, from: number, users: number): void {
  switch (how) {
    case 'hold':
    case 'deaf':
    case 'frozen':
      sendInterval(launcher, users - from, users - from, 0)
      return
    case 'die':
      sendInterval(launcher, users - from, users - from, 0)
      send(launcher, { type: 'failed', code: 'E_LAUNCHER_DIED', text: 'was killed by SIGKILL' })
      return
    case 'crash':
    case 'nearly-crash':
      if (how === 'nearly-crash') send(launcher, { type: 'nearly-full' })
      sendInterval(launcher, 1, Math.floor((users - from) / 3), 0)
      send(launcher, { type: 'failed', code: 'E_LAUNCHER_DIED', text: 'was killed by SIGKILL' })
      return
    case 'exit-agent':
      sendInterval(launcher, 1, Math.floor((users - from) / 3), 0)
      process.stderr.write('the agent gives up\n')
      setImmediate(() => process.exit(7))
      return
    case 'half': {
      const half = Math.floor((users - from) / 2)
      send(launcher, { type: 'nearly-full' })
      sendInterval(launcher, half, half, 0)
      send(launcher, { type: 'full', cursor: { ...firstCursor, started: from + half } })
      sendInterval(launcher, 0, 0, half)
      send(launcher, { type: 'done' })
      return
    }
    case 'nearly':
      send(launcher, { type: 'nearly-full' })
      sendInterval(launcher, 0, users - from, users - from)
      send(launcher, { type: 'done' })
      return
    case 'wait':
      send(launcher, { type: 'waiting', barrier: 'global', count: users })
      return
    case 'lease':
      send(launcher, { type: 'lease', what: 'user-ids', id: 'a', count: 10 })
      send(launcher, { type: 'lease', what: 'user-ids', id: 'b', count: 5 })
      send(launcher, { type: 'lease', what: 'file', id: 'names', count: 6 })
      send(launcher, { type: 'lease', what: 'file', id: 'names', count: 1 })
      setTimeout(() => send(launcher, { type: 'done' }), 200)
      return
    case 'die-with-lines':
      send(launcher, { type: 'failed', code: 'E_LAUNCHER_DIED', text: 'was killed by SIGKILL' })
      return
    case 'abort':
      send(launcher, { type: 'abort', reason: 'no luck' })
      send(launcher, { type: 'abort', reason: 'no luck either' })
      return
    case 'interact':
      send(launcher, { type: 'interaction', action: 'send', id: 'mail', atMs: 10 })
      send(launcher, { type: 'interaction', action: 'receive', id: 'mail', atMs: 25 })
      setTimeout(() => send(launcher, { type: 'done' }), 200)
      return
    default:
      sendInterval(launcher, 0, users - from, users - from)
      send(launcher, { type: 'done' })
  }
}

function onCommand(command: ToAgent): void {
  if ('launcher' in command) {
    onLauncher(command.launcher, command.message)
    return
  }
  switch (command.type) {
    case 'launch':
      for (const launcher of command.launchers) {
        const version = script.launcherVersion ?? protocolVersion
        send(launcher, { type: 'hello', version, pid: 1000 + launcher })
      }
      return
    case 'ping':
      if (script.silent && started) return
      sendAgent({ type: 'pong', t1: command.t1, t2: performance.now() })
      return
    case 'kill':
      for (const launcher of command.launchers) tellCommand(launcher, { type: 'kill' })
      return
    case 'stop':
      process.exit(0)
  }
}

const decoder = new LineDecoder(
  (value) => onCommand(value as ToAgent),
  () => process.exit(3),
)
process.stdin.on('data', (bytes: Buffer) => decoder.push(bytes))
process.stdin.on('end', () => process.exit(0))
if (!script.mute) {
  for (const line of script.noise ?? []) process.stdout.write(`${line}\n`)
  const facts: AgentFacts = {
    host: 'fake',
    pid: process.pid,
    node: process.versions.node,
    cores: 4,
    addresses: [],
    descriptorLimit: 1024,
    portRange: [32768, 60999],
    tcpTwReuse: 0,
    memoryBytes: 1,
    ...script.facts,
  }
  const version = script.version ?? protocolVersion
  sendAgent({ type: 'hello', version, facts, folder: '/fake', launchers: [] })
}
