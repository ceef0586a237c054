/** Plays users of a scenario in this process, against real sockets. */
import { findBuiltin } from '../../core/erlang/builtins.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import type { Interval } from '../../core/stats/model.ts'
import type { LineStream } from '../../core/wire/messages.ts'
import { Engine, type EngineHooks, type Trace } from '../../launcher/engine.ts'
import { Lines } from '../../launcher/lines.ts'
import { loadModules } from '../../launcher/modules.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import type { AnyPlugin, StreamKind } from '../../plugins/api.ts'
import { linePlugin } from './line-plugin.ts'

export interface PlayOptions {
  readonly users?: number
  readonly plugins?: { readonly [type: string]: AnyPlugin }
  /** Default: all there are. */
  readonly streams?: readonly StreamKind[]
  readonly sources?: SourceAddresses
  readonly trace?: Trace | null
  /** Paths by id of the file server. */
  readonly dataFiles?: { readonly [id: string]: string }
  /** Instead of `dataFiles`: what is leased is the test's affair. */
  readonly lines?: Lines
  readonly folder?: string
  /** What variables hold at first. */
  readonly variables?: { readonly [name: string]: string }
}

export interface Played {
  readonly counters: { readonly [name: string]: number }
  readonly samples: Interval['samples']
  readonly gauges: Interval['gauges']
  /** How many values each sample has. */
  readonly taken: { readonly [name: string]: number }
  /** `NAME: detail` */
  readonly examples: readonly string[]
  /** What was written, by stream. */
  readonly written: { readonly [stream in LineStream]?: readonly string[] }
  readonly aborts: readonly string[]
  /** `send ID` or `receive ID` */
  readonly interactions: readonly string[]
}

/** Users 1, 2, … of the first session, all at once, until each has ended. */
export async function playUsers(scenario: Scenario, options: PlayOptions = {}): Promise<Played> {
  const { users = 1 } = options
  const examples: string[] = []
  const written: { [stream in LineStream]?: string[] } = {}
  const aborts: string[] = []
  const interactions: string[] = []
  let joined = 0
  let left = users
  let over = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    over = resolve
  })
  const hooks: EngineHooks = {
    ended: () => void (--left === 0 && over()),
    joined: () => void (++joined % users === 0 && setImmediate(() => engine.release(users))),
    errorExample: (_user, name, _request, detail) => void examples.push(`${name}: ${detail}`),
    abort: (reason) => void aborts.push(reason),
    interaction: (action, id) => void interactions.push(`${action} ${id}`),
    lines: (stream, lines) => {
      written[stream] ??= []
      written[stream].push(...lines)
    },
  }
  const engine = new Engine({
    scenario,
    seed: 'seed',
    sources: options.sources ?? new SourceAddresses([], null, 1),
    hooks,
    trace: options.trace ?? null,
    plugins: options.plugins ?? { ts_line: linePlugin },
    ...(options.streams === undefined ? {} : { streams: options.streams }),
    findFunction: await loadModules(scenario.modules, findBuiltin),
    lines: options.lines ?? linesOf(options.dataFiles ?? {}),
    folder: options.folder ?? '/',
  })
  for (let id = 1; id <= users; id++) {
    engine.startUser(id, 0, performance.now(), null, options.variables)
  }
  await ended
  engine.flushLines()
  const { counters, samples, gauges } = engine.recorder.take(
    1000,
    { phase: 1, due: users },
    {} as never,
  )
  engine.wheel.close()
  const taken = Object.fromEntries(
    Object.entries(samples).map(([name, { count }]) => [name, count]),
  )
  return { counters, samples, gauges, taken, examples, written, aborts, interactions }
}

/** Lines without a controller. */
function linesOf(dataFiles: { readonly [id: string]: string }): Lines {
  const lines = new Lines(dataFiles, { ask: () => undefined, waited: () => undefined })
  lines.goRoundAll()
  return lines
}

/** The counters of these names, 0 where there is none. */
export function pick(from: Played['counters'], ...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, from[name] ?? 0]))
}
