import type { Command } from '../command.ts'
import { type Args, isGiven, textOf } from '../command.ts'
import { startInBackground } from '../control/background.ts'
import { exitCodes } from '../exit-codes.ts'
import { run } from '../run.ts'
import type { RunIo, RunOptions } from '../run-options.ts'
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
    return runAsAsked(args, runOptionsOf(args, file === '' ? '-' : file), io)
  },
}

/** Here, or in the background. */
export async function runAsAsked(args: Args, options: RunOptions, io: RunIo): Promise<number> {
  if (!isGiven(args, 'detach') || io.background !== undefined) return run(options, io)
  const started = await startInBackground(process.argv.slice(2), io)
  if ('exitCode' in started) return started.exitCode
  const { folder, pid } = started
  io.stdout.write(
    `the run goes on in the background (process ${pid}):\n` +
      `  tsts attach ${folder}   shows it\n` +
      `  tsts stop ${folder}     ends it\n`,
  )
  return exitCodes.ok
}
