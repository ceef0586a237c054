/** `tsts try`: one user plays one session, every step is shown. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { utf8ByteString } from '../../core/byte-string.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { nearest } from '../../core/scenario/suggest.ts'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { Setup } from '../../core/wire/messages.ts'
import type { TraceLine, TryCommand } from '../../core/wire/trace.ts'
import { type Args, type Command, numberOf, textOf } from '../command.ts'
import { findDataFiles } from '../data-files.ts'
import { exitCodes } from '../exit-codes.ts'
import { setupOf } from '../fleet/setup.ts'
import { newRunName } from '../hosts.ts'
import { Interrupts } from '../interrupts.ts'
import { loadPlayable } from '../load-playable.ts'
import type { RunIo } from '../run-options.ts'
import { TraceText } from '../trace-text.ts'
import { UsageError } from '../usage-error.ts'
import { launcherBundle } from '../version.ts'
import { readOptionsOf, scenarioFlags } from './run-flags.ts'

export const tryCommand: Command = {
  name: 'try',
  usage: 'try <file>',
  describe: 'one user, one session, every step shown',
  positionals: { file: { type: 'string', describe: 'the scenario; - is standard input' } },
  options: {
    session: {
      type: 'string',
      requiresArg: true,
      describe: 'name of the session (default: the first that is ever chosen)',
    },
    user: { type: 'string', requiresArg: true, default: '1', describe: 'id of the user' },
    bytes: {
      type: 'string',
      requiresArg: true,
      default: '2000',
      describe: 'how much of what is sent or received is shown at once',
    },
    'user-data': {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'NAME=VALUE: a variable the user begins with; may be repeated',
    },
    ...scenarioFlags,
  },
  run: async (args, io) => {
    const file = textOf(args, 'file') || '-'
    const options = { ...readOptionsOf(args), local: true, quiet: false }
    const playable = await loadPlayable(file, options, io, (scenario) => [
      sessionOf(scenario, textOf(args, 'session')),
    ])
    if (playable === null) return exitCodes.unusable
    const { scenario, folder, plugins = [] } = playable
    const session = sessionOf(scenario, textOf(args, 'session'))
    const user = numberOf(args, 'user', 1, 1)
    const seed = textOf(args, 'seed') ?? String(scenario.options.seed ?? 1)
    const text = new TraceText(numberOf(args, 'bytes', 2000, 1))
    const command: TryCommand = { type: 'try', session, user, variables: variablesOf(args) }
    const dataFiles = await findDataFiles(scenario.options.fileServers, folder)
    const facts = { cores: scenario.clients.map(() => 1) }
    const plan = makePlan(scenario, { seed, facts, arrivals: 'conditioned' })
    const rest = { arrivals: 'conditioned', intervalMs: 1000, run: newRunName(), plugins } as const
    const assignment = { scenario, plan, folder, dataFiles, ...rest }
    const setup = setupOf(assignment, plan.launchers[0]!, 0, Infinity)
    io.stdout.write(`session ${scenario.sessions[session]!.name}, user ${user}, seed ${seed}\n`)
    return playOne(command, setup, text, io)
  },
}

/** @throws {UsageError} when there is no session of that name */
function sessionOf(scenario: Scenario, name: string | null): number {
  if (name === null) {
    const first = scenario.load.phases[0]?.shares.findIndex((share) => share > 0) ?? -1
    return Math.max(0, first)
  }
  const names = scenario.sessions.map((session) => session.name)
  const index = names.indexOf(name)
  if (index >= 0) return index
  const meant = nearest(name, names)
  throw new UsageError(
    `there is no session ${name}: ${meant === null ? names.join(', ') : `did you mean ${meant}?`}`,
  )
}

/** @throws {UsageError} when one is not NAME=VALUE */
function variablesOf(args: Args): { readonly [name: string]: string } {
  const given = (args['user-data'] ?? []) as readonly unknown[]
  return Object.fromEntries(
    given.map(String).map((each): [string, string] => {
      const at = each.indexOf('=')
      if (at < 1) throw new UsageError(`--user-data wants NAME=VALUE, not "${each}"`)
      return [each.slice(0, at), utf8ByteString(each.slice(at + 1))]
    }),
  )
}

type Player = ChildProcessByStdio<Writable, Readable, Readable>

async function playOne(
  command: TryCommand,
  setup: Setup,
  text: TraceText,
  io: RunIo,
): Promise<number> {
  const program = [fileURLToPath(launcherBundle), 'try']
  const player: Player = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'pipe'] })
  const interrupts = new Interrupts(io.signals, () => player.kill('SIGKILL'))
  let failed = false
  const decoder = new LineDecoder(
    (value) => {
      const line = value as TraceLine
      failed ||= line.type === 'failed'
      io.stdout.write(text.render(line))
    },
    (stray) => io.stderr.write(`tsts: ${stray}\n`),
  )
  player.stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
  player.stderr.on('data', (bytes: Buffer) => io.stderr.write(bytes))
  // It ends before it has read everything only when it fails, which its exit code tells.
  player.stdin.on('error', () => undefined)
  for (const message of [{ type: 'setup', setup }, command]) {
    for (const line of encodeLine(message)) player.stdin.write(line)
  }
  const [code] = (await once(player, 'close')) as [number | null]
  interrupts.close()
  if (interrupts.count > 0) return exitCodes.interrupted
  return failed || code !== 0 ? exitCodes.lost : exitCodes.ok
}
