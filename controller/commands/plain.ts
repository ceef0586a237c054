/** Commands that do one thing and need little from the command line: check, plan, report, echo. */
import { resolve } from 'node:path'
import { type Args, type Command, isGiven, textOf } from '../command.ts'
import { delayForms } from '../echo/delay.ts'
import { exitCodes } from '../exit-codes.ts'
import { asPhases } from '../report/as-phases.ts'
import { UsageError } from '../usage-error.ts'
import { check } from './check.ts'
import { defaultEchoPort, echo } from './echo.ts'
import { plan } from './plan-file.ts'
import { report } from './report.ts'
import {
  arrivalsFlag,
  arrivalsOf,
  pluginFlag,
  pluginsOf,
  readOptionsOf,
  scenarioFlags,
} from './run-flags.ts'

const scenarioFile = {
  file: { type: 'string', describe: 'the scenario; - is standard input' },
} as const

export const checkCommand: Command = {
  name: 'check',
  usage: 'check <file>',
  describe: 'everything that is wrong with a scenario, at its place',
  positionals: scenarioFile,
  options: pluginFlag,
  run: (args, io) => check(fileOf(args), io, pluginsOf(args)),
}

export const planCommand: Command = {
  name: 'plan',
  usage: 'plan <file>',
  describe: 'who would start when, without running',
  positionals: scenarioFile,
  options: { ...scenarioFlags, ...arrivalsFlag },
  run: (args, io) => {
    const seed = textOf(args, 'seed')
    return plan(fileOf(args), { seed, arrivals: arrivalsOf(args), ...readOptionsOf(args) }, io)
  },
}

export const reportCommand: Command = {
  name: 'report',
  usage: 'report <folder>',
  describe: 'make report.html from a run’s folder alone',
  positionals: { folder: { type: 'string', describe: 'the folder of a run' } },
  options: {
    'as-phases': {
      type: 'boolean',
      describe: 'print phases for <load> that do again what the run did, steered or not',
    },
  },
  run: async (args, io) => {
    const folder = resolve(textOf(args, 'folder') ?? '')
    try {
      if (isGiven(args, 'as-phases')) io.stdout.write(await asPhases(folder))
      else io.stdout.write(`${await report(folder)}\n`)
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error })
    }
    return exitCodes.ok
  },
}

export const echoCommand: Command = {
  name: 'echo',
  usage: 'echo',
  describe: 'serve HTTP as a target to try things on',
  options: {
    port: { type: 'string', requiresArg: true, describe: `default ${defaultEchoPort}; 0: any` },
    host: { type: 'string', requiresArg: true, describe: 'address, default 127.0.0.1' },
    delay: { type: 'string', requiresArg: true, describe: `before each answer: ${delayForms}` },
    capacity: {
      type: 'string',
      requiresArg: true,
      describe: 'requests served in a second, others wait in line; default: no bound',
    },
    'error-rate': { type: 'string', requiresArg: true, describe: 'share answered by 500, 0 to 1' },
    status: { type: 'string', requiresArg: true, describe: 'of ordinary answers, default 200' },
    size: { type: 'string', requiresArg: true, describe: 'bytes of an answer: 100, 1k, 2M' },
    seed: { type: 'string', requiresArg: true, describe: 'of delays and errors' },
    tls: { type: 'boolean', describe: 'serve https with a certificate of its own' },
  },
  run: (args, io) =>
    echo(
      {
        port: textOf(args, 'port'),
        host: textOf(args, 'host'),
        delay: textOf(args, 'delay'),
        capacity: textOf(args, 'capacity'),
        errorRate: textOf(args, 'error-rate'),
        status: textOf(args, 'status'),
        size: textOf(args, 'size'),
        seed: textOf(args, 'seed'),
        tls: isGiven(args, 'tls'),
      },
      io,
    ),
}

/** yargs takes a lone "-" for an empty text. */
export function fileOf(args: Args): string {
  return textOf(args, 'file') || '-'
}
