/** Steering a run that goes on from another terminal: rate, pause, resume. */
import { readlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type Args, type Command, isGiven, numberOf, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import type { SteeringChange } from '../model.ts'
import type { RunIo } from '../run-options.ts'
import { steeringText } from '../steering.ts'
import { UsageError } from '../usage-error.ts'
import { ask, folderOf, logDirOption, reachOf, runPositional } from './running.ts'

export const rateCommand: Command = {
  name: 'rate',
  usage: 'rate [folder]',
  describe: 'change the load of a run that goes on',
  positionals: runPositional,
  options: {
    ...logDirOption,
    arrivals: {
      type: 'string',
      requiresArg: true,
      describe: 'users come so many times as fast as planned: 1 is the plan, 0 nobody',
    },
    think: {
      type: 'string',
      requiresArg: true,
      describe: 'think times that begin now last so many times as long',
    },
    requests: {
      type: 'string',
      requiresArg: true,
      describe:
        'requests per second of the constant rate, all users together; plan: the scenario’s',
    },
    'skip-phase': { type: 'boolean', describe: 'end the phase that is played' },
  },
  run: async (args, io) => steer('rate', args, rateChange(args), io),
}

export const pauseCommand: Command = simple(
  'pause',
  'nobody starts and nobody sends until tsts resume',
  { paused: true },
)
export const resumeCommand: Command = simple('resume', 'go on after tsts pause', { paused: false })
function simple(name: string, describe: string, change: SteeringChange): Command {
  return {
    name,
    usage: `${name} [folder]`,
    describe,
    positionals: runPositional,
    options: logDirOption,
    run: async (args, io) => steer(name, args, change, io),
  }
}

/** @throws {UsageError} */
function rateChange(args: Args): SteeringChange {
  const given = (name: string): boolean => textOf(args, name) !== null
  const rate = textOf(args, 'requests')
  const requestsPerSecond = rate === 'plan' ? null : numberOf(args, 'requests', 0, 0)
  const change: SteeringChange = {
    ...(given('arrivals') ? { arrivalFactor: numberOf(args, 'arrivals', 1, 0) } : {}),
    ...(given('think') ? { thinkTimeFactor: numberOf(args, 'think', 1, 0) } : {}),
    ...(rate === null ? {} : { requestsPerSecond }),
    ...(isGiven(args, 'skip-phase') ? { skipPhase: true as const } : {}),
  }
  if (Object.keys(change).length > 0) return change
  throw new UsageError('rate: what is to change? --arrivals, --think, --requests or --skip-phase')
}

async function steer(name: string, args: Args, change: SteeringChange, io: RunIo): Promise<number> {
  const folder = folderOf(args)
  const request = { type: 'steer', who: `tsts ${name} of ${whoAmI()}`, change } as const
  const { steering } = await ask(await reachOf(folder), request, 'steered')
  const now = steeringText(steering)
  io.stdout.write(`${folder}: ${now === '' ? 'as planned' : now}\n`)
  return exitCodes.ok
}

/** `user@terminal`, as far as they are known. */
function whoAmI(): string {
  const terminal = terminalName()
  return terminal === null ? userName() : `${userName()}@${terminal}`
}

/** `pts/3`; null when nobody sits there, or the system does not tell. */
function terminalName(): string | null {
  try {
    return /^\/dev\/(pts\/\d+|tty\w+)$/.exec(readlinkSync('/proc/self/fd/0'))?.[1] ?? null
  } catch {
    return null
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A user without a name, as in some containers.
    return String(process.getuid?.() ?? 'somebody')
  }
}
