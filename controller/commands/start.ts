/** Tsung's own command line: `tsung [options] start|stop|debug|status|view`. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'
import { report } from './report.ts'
import { runAsAsked } from './run.ts'
import { runFlags, runOptionsOf } from './run-flags.ts'
import { tsungOptions, tsungWarnings } from './tsung-flags.ts'

const defaultFile = join(homedir(), '.tsung', 'tsung.xml')
/** Tsung's `-w`, in ms. */
const tsungWarmUpMs = 1000

const file = {
  f: {
    type: 'string',
    requiresArg: true,
    describe: 'the scenario; - is standard input (default: ~/.tsung/tsung.xml)',
  },
} as const

export const startCommand: Command = {
  name: 'start',
  usage: 'start',
  describe: 'play a scenario, with Tsung’s command line',
  options: { ...file, ...runFlags, ...tsungOptions },
  run: async (args, io) => {
    const path = textOf(args, 'f') ?? defaultFile
    if (path !== '-' && !existsSync(path)) {
      throw new UsageError(`Config file ${path} doesn't exist, aborting !`)
    }
    for (const text of tsungWarnings(args)) io.stderr.write(`tsts: warning: ${text}\n`)
    return runAsAsked(args, runOptionsOf(args, path, { warmUpMs: tsungWarmUpMs }), io)
  },
}

/** Tsung's other verbs: what this version cannot do it says, with what to do instead. */
export const tsungVerbs: readonly Command[] = [
  verb(
    'debug',
    'a run with an Erlang shell',
    'there is no Erlang shell here: tsts try FILE plays one user and shows every byte',
  ),
  {
    name: 'view',
    usage: 'view',
    describe: 'make the report of an old run (-l FOLDER)',
    options: { ...file, ...runFlags, ...tsungOptions },
    run: async (args, io) => {
      const folder = textOf(args, 'log-dir')
      if (folder === null) throw new UsageError('view: of which run? tsts view -l FOLDER')
      io.stdout.write(`${await report(resolve(folder))}\n`)
      return exitCodes.ok
    },
  },
]

function verb(name: string, describe: string, instead: string): Command {
  return {
    name,
    usage: name,
    describe: `${describe}: not in this version`,
    options: { ...file, ...runFlags, ...tsungOptions },
    run: async () => {
      throw new UsageError(`${name}: ${instead}`)
    },
  }
}
