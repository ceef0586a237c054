/**
 * Plays one user through one session and tells everything it does, one JSON object a line (`tsts try`).
 *
 * Reads two lines: the launcher's own `setup` message, then a `TryCommand`. What users of a run share is the user's
 * alone: data files are gone through from their first line, the barrier opens at once, interactions are its own.
 */
import type { Value } from '../core/dynvars/value.ts'
import { findBuiltin } from '../core/erlang/builtins.ts'
import type { Op } from '../core/program/ops.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import type { LauncherCommand, Setup } from '../core/wire/messages.ts'
import type { TraceLine, TryCommand } from '../core/wire/trace.ts'
import { Channel, standardStreams } from './channel.ts'
import { Engine, type EngineHooks, type Trace } from './engine.ts'
import { Lines } from './lines.ts'
import { loadModules } from './modules.ts'
import { opText } from './op-text.ts'
import { withSentPlugins } from './sent-plugins.ts'
import { SourceAddresses } from './source-addresses.ts'

type Told = TraceLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 'atMs'>
    : never
  : never

type Tell = (told: Told) => void

export function runTry(): void {
  let setup: Setup | null = null
  const { input, output } = standardStreams()
  const channel = new Channel(input, output, {
    message: (value) => {
      const command = value as LauncherCommand | TryCommand
      if (command.type === 'setup') setup = command.setup
      else if (command.type === 'try' && setup !== null) void play(channel, setup, command)
    },
    stray: (text) => process.stderr.write(`not a message: ${text}\n`),
    closed: () => process.exit(1),
  })
}

async function play(channel: Channel, setup: Setup, command: TryCommand): Promise<void> {
  const startMs = performance.now()
  const tell: Tell = (told) => channel.send({ ...told, atMs: performance.now() - startMs })
  const finish = (): void => {
    tell({ type: 'end' })
    void channel.end().then(() => process.exit(0))
  }
  try {
    const { session, user, variables } = command
    const engine = await engineFor(setup, tell, finish)
    engine.startUser(user, session, performance.now(), null, variables)
  } catch (error) {
    tell({ type: 'failed', text: (error as Error).message })
    finish()
  }
}

/** @throws when a module or a data file cannot be loaded, or a protocol cannot be played */
async function engineFor(setup: Setup, tell: Tell, finish: () => void): Promise<Engine> {
  const { scenario, seed, folder, dataFiles, stamps } = setup
  const lines = new Lines(dataFiles, { ask: () => undefined, waited: () => undefined })
  lines.goRoundAll()
  const interactions = new Map<string, number>()
  const hooks: EngineHooks = {
    ended: () => {
      for (const [name, value] of Object.entries(engine.recorder.takeCounters())) {
        tell({ type: 'count', name, value })
      }
      finish()
    },
    joined: () => void setImmediate(() => engine.release(1)),
    errorExample: () => undefined,
    abort: (reason) => tell({ type: 'branch', text: `the whole run ends: ${reason}` }),
    interaction: (action, id) => {
      if (action === 'send') interactions.set(id, performance.now())
      else tell({ type: 'branch', text: answerText(id, interactions.get(id)) })
    },
    lines: () => undefined,
  }
  const engine = new Engine({
    scenario,
    seed,
    sources: new SourceAddresses([], null, 1),
    hooks,
    trace: trace(tell),
    plugins: await withSentPlugins(setup.plugins ?? []),
    findFunction: await loadModules(scenario.modules, findBuiltin),
    lines,
    folder,
    stamps,
  })
  return engine
}

function answerText(id: string, sentMs: number | undefined): string {
  if (sentMs === undefined) return `nobody has sent ${id} yet`
  return `tr_${id}: ${(performance.now() - sentMs).toFixed(1)} ms since it was sent`
}

function trace(tell: Tell): Trace {
  return {
    step: (op: Op) => tell({ type: 'step', line: op.line, action: opText(op) }),
    thinks: (ms: number) => tell({ type: 'think', ms }),
    connected: ({ host, port }: Endpoint, ms: number) => tell({ type: 'connect', host, port, ms }),
    sent: (bytes: string) => tell({ type: 'sent', bytes }),
    received: (bytes: Uint8Array) =>
      tell({ type: 'received', bytes: Buffer.from(bytes).toString('latin1') }),
    answered: (ms: number) => tell({ type: 'answered', ms }),
    variable: (name: string, value: Value | undefined) =>
      tell({ type: 'variable', name, value: value ?? null }),
    branch: (text: string) => tell({ type: 'branch', text }),
    extracted: (line: number, name: string, value: Value | undefined) =>
      tell({ type: 'extracted', line, name, value: value ?? null }),
    matched: (line: number, pattern: string, isMatch: boolean, what: string) =>
      tell({ type: 'matched', line, pattern, isMatch, what }),
    error: (name: string, detail: string) => tell({ type: 'error', name, detail }),
    ended: () => undefined,
  }
}
