import type { Command } from '../command.ts'
import { textOf } from '../command.ts'
import { run } from '../run.ts'
import { UsageError } from '../usage-error.ts'
import { runFlags, runOptionsOf } from './run-flags.ts'
import { tsungOptions, tsungWarnings } from './tsung-flags.ts'

export const runCommand: Command = {
  name: 'run',
  usage: 'run [file]',
  describe: 'play a scenario and report on it',
  positionals: { file: { type: 'string', describe: 'the scenario; - is standard input' } },
  options: {
    f: { type: 'string', requiresArg: true, describe: 'the scenario, as Tsung has it' },
    ...runFlags,
    ...tsungOptions,
  },
  run: async (args, io) => {
    const file = textOf(args, 'file') ?? textOf(args, 'f')
    if (file === null) throw new UsageError('run: which scenario? tsts run FILE')
    for (const text of tsungWarnings(args)) io.stderr.write(`tsts: warning: ${text}\n`)
    // yargs takes a lone "-" for an empty text.
    return run(runOptionsOf(args, file === '' ? '-' : file), io)
  },
}
