/** Every command of `tsts`, in the order in which `--help` lists them. */
import type { Command } from './command.ts'
import { capacityCommand } from './commands/capacity.ts'
import { compareCommand } from './commands/compare.ts'
import { attachCommand, statusCommand, stopCommand, takeOverCommand } from './commands/control.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { helpCommand } from './commands/help.ts'
import { hostsCommand } from './commands/hosts.ts'
import { newCommand } from './commands/new.ts'
import { checkCommand, echoCommand, planCommand, reportCommand } from './commands/plain.ts'
import { runCommand } from './commands/run.ts'
import { runsCommand } from './commands/runs.ts'
import { schemaCommand } from './commands/schema.ts'
import { startCommand, tsungVerbs } from './commands/start.ts'
import { pauseCommand, rateCommand, resumeCommand } from './commands/steer.ts'
import { tryCommand } from './commands/try.ts'
import { tuneCommand } from './commands/tune.ts'

export const allCommands: readonly Command[] = [
  runCommand,
  checkCommand,
  planCommand,
  tryCommand,
  doctorCommand,
  tuneCommand,
  reportCommand,
  compareCommand,
  runsCommand,
  capacityCommand,
  attachCommand,
  statusCommand,
  stopCommand,
  rateCommand,
  pauseCommand,
  resumeCommand,
  hostsCommand,
  echoCommand,
  demoCommand,
  newCommand,
  startCommand,
  helpCommand,
  schemaCommand,
  takeOverCommand,
  ...tsungVerbs,
]

/** Tsung's verbs besides `start`, `stop` and `status`. */
export const tsungVerbNames: ReadonlySet<string> = new Set(tsungVerbs.map(({ name }) => name))

/** Known, not listed. */
export const hiddenNames: ReadonlySet<string> = new Set([takeOverCommand.name, ...tsungVerbNames])
