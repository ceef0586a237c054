/**
 * Plays one user through one session and tells everything it does, one JSON object a line (`tsts try`).
 *
 * Reads two lines: the launcher's own `setup` message, then `{"type":"try","session":…,"user":…}`.
 */
import type { Op } from '../core/program/program.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import type { LauncherCommand } from '../core/wire/messages.ts'
import type { TraceLine, TryCommand } from '../core/wire/trace.ts'
import { Channel, standardStreams } from './channel.ts'
import { Engine, type Trace } from './engine.ts'
import { players } from './players.ts'
import { SourceAddresses } from './source-addresses.ts'

type Told = TraceLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 'atMs'>
    : never
  : never

export function runTry(): void {
  let setup: (LauncherCommand & { type: 'setup' }) | null = null
  const { input, output } = standardStreams()
  const channel = new Channel(input, output, {
    message: (value) => {
      const command = value as LauncherCommand | TryCommand
      if (command.type === 'setup') setup = command
      else if (command.type === 'try' && setup !== null) play(channel, setup, command)
    },
    stray: (text) => process.stderr.write(`not a message: ${text}\n`),
    closed: () => process.exit(1),
  })
}

function play(
  channel: Channel,
  { setup }: LauncherCommand & { type: 'setup' },
  command: TryCommand,
): void {
  const startMs = performance.now()
  const tell = (told: Told): void => channel.send({ ...told, atMs: performance.now() - startMs })
  const finish = (): void => {
    tell({ type: 'end' })
    void channel.end().then(() => process.exit(0))
  }
  try {
    const sources = new SourceAddresses([], null, 1)
    const hooks = {
      ended: (): void => {
        for (const [name, value] of Object.entries(engine.recorder.takeCounters())) {
          tell({ type: 'count', name, value })
        }
        finish()
      },
      // Alone at the barrier: it opens at once.
      joined: () => void setImmediate(() => engine.release(1)),
      errorExample: () => undefined,
    }
    const engine = new Engine(setup.scenario, setup.seed, sources, hooks, trace(tell), players)
    engine.startUser(command.user, command.session, performance.now(), null)
  } catch (error) {
    tell({ type: 'failed', text: (error as Error).message })
    finish()
  }
}

function trace(tell: (told: Told) => void): Trace {
  return {
    step: (op: Op) => tell({ type: 'step', line: op.line, action: describe(op) }),
    thinks: (ms: number) => tell({ type: 'think', ms }),
    connected: ({ host, port }: Endpoint, ms: number) => tell({ type: 'connect', host, port, ms }),
    sent: (bytes: string) => tell({ type: 'sent', bytes }),
    received: (bytes: Uint8Array) =>
      tell({ type: 'received', bytes: Buffer.from(bytes).toString('latin1') }),
    answered: (ms: number) => tell({ type: 'answered', ms }),
    error: (name: string, detail: string) => tell({ type: 'error', name, detail }),
    ended: () => undefined,
  }
}

function describe(op: Op): string {
  switch (op.type) {
    case 'request':
      return `request ${op.label}`
    case 'thinktime':
      return op.thinkTime.type === 'wait_global' || op.thinkTime.type === 'wait_bidi'
        ? op.thinkTime.type
        : 'thinktime'
    case 'transaction-start':
      return `transaction ${op.metric} begins`
    case 'transaction-end':
      return `transaction ${op.metric} ends`
    case 'for-start':
      return `for begins at ${op.from}`
    case 'for-end':
      return `for: once more unless ${op.to} is reached`
    case 'set-option':
      return `set_option ${op.option.name}`
  }
}
