/** The command line: which command, its arguments, its exit code. */
import yargs, { type Argv } from 'yargs'
import { nearest } from '../core/scenario/suggest.ts'
import type { Args, Command } from './command.ts'
import { allCommands, hiddenNames, tsungVerbNames } from './command-list.ts'
import { ipv6Spelled } from './commands/tsung-flags.ts'
import { exitCodes } from './exit-codes.ts'
import type { RunIo } from './run-options.ts'
import { isUsageError, UsageError } from './usage-error.ts'
import { tstsVersion } from './version.ts'

/**
 * Does what the arguments say.
 *
 * @param argv without the program's own name
 * @returns the exit code
 */
export async function main(argv: readonly string[], io: RunIo): Promise<number> {
  try {
    const job = await parse(withEmptyValues(ipv6Spelled(verbFirst(argv))), io)
    return await job()
  } catch (error) {
    if (isUsageError(error)) {
      io.stderr.write(`tsts: ${error.message}\n`)
      return exitCodes.unusable
    }
    const stack = error instanceof Error ? error.stack : String(error)
    io.stderr.write(`tsts: this is a defect of tsts, please report it:\n${stack}\n`)
    return exitCodes.defect
  }
}

type Job = () => Promise<number>

/** @throws {UsageError} */
async function parse(argv: readonly string[], io: RunIo): Promise<Job> {
  const [first] = argv
  if (first === undefined) throw new UsageError(`which command? ${helpHint}`)
  if (!first.startsWith('-')) knownCommand(first)
  const chosen: { job: Job } = { job: async () => exitCodes.ok }
  const cli = commandLine(io)
  for (const command of allCommands) {
    addCommand(cli, command, (args) => {
      chosen.job = () => command.run(args, io)
    })
  }
  const said = argv.length === 1 && first === 'help' ? ['--help'] : [...argv]
  let wrong = ''
  await cli.parse(said, {}, (error: unknown, _args: unknown, output: string) => {
    // Help and version; what is wrong we say ourselves.
    if (error instanceof Error) wrong = error.message
    else if (output !== '') io.stdout.write(`${output}\n`)
  })
  if (wrong !== '') throw new UsageError(inOurWords(wrong, first))
  return chosen.job
}

function commandLine(io: RunIo): Argv {
  return yargs()
    .scriptName('tsts')
    .usage('tsts plays Tsung scenarios: tsts COMMAND …')
    .locale('en')
    .version(tstsVersion())
    .alias('version', 'v')
    .help('h')
    .alias('h', 'help')
    .epilogue('tsts help ELEMENT explains an element of the scenario, tsts help exit-codes those.')
    .parserConfiguration({ 'greedy-arrays': false, 'parse-positional-numbers': false })
    .strict()
    .demandCommand(1)
    .exitProcess(false)
    .wrap(Math.min(100, io.stdout.columns ?? 80))
}

function addCommand(cli: Argv, command: Command, choose: (args: Args) => void): void {
  cli.command({
    command: command.usage,
    describe: hiddenNames.has(command.name) ? false : command.describe,
    builder: (builder) => {
      for (const [name, options] of Object.entries(command.positionals ?? {})) {
        builder.positional(name, options)
      }
      return builder.options({ ...command.options }).usage(`tsts ${command.usage}`)
    },
    handler: (args) => choose(args as Args),
  })
}

const helpHint = 'tsts --help lists them'

const tsungStyle: ReadonlySet<string> = new Set(['start', 'stop', 'status', ...tsungVerbNames])

/** Tsung's flags stand before its verb: `tsung -f x.xml start`. */
function verbFirst(argv: readonly string[]): readonly string[] {
  const last = argv.at(-1)
  if (last === undefined || argv.length < 2 || !argv[0]!.startsWith('-')) return argv
  return tsungStyle.has(last) ? [last, ...argv.slice(0, -1)] : argv
}

/** Flags whose value may be left out, so that what follows them is none. */
const mayLackValue: ReadonlySet<string> = new Set(['--dashboard', '--prometheus'])

function withEmptyValues(argv: readonly string[]): readonly string[] {
  return argv.map((arg) => (mayLackValue.has(arg) ? `${arg}=` : arg))
}

/** @throws {UsageError} */
function knownCommand(name: string): void {
  const names = allCommands.map((command) => command.name)
  if (names.includes(name)) return
  throw new UsageError(`there is no command ${name}${suggestion(name, names)}; ${helpHint}`)
}

/** What yargs found wrong, as we say it. */
function inOurWords(text: string, commandName: string): string {
  const unknown = /^Unknown arguments?: (.*)$/.exec(text)
  const command = allCommands.find(({ name }) => name === commandName)
  const help = `tsts ${commandName} --help tells all`
  if (unknown === null) {
    const missing = text.startsWith('Not enough non-option arguments')
    return `${commandName}: ${missing ? 'an argument is missing' : text.replaceAll('\n', ' ')}; ${help}`
  }
  const flags = Object.entries(command?.options ?? {}).flatMap(([name, { alias }]) =>
    [name, ...(typeof alias === 'string' ? [alias] : (alias ?? []))].filter(
      (each) => each.length > 1,
    ),
  )
  // yargs tells of an unknown `--log-dri` as `logDri`, too.
  const words = [...new Set(unknown[1]!.split(', ').map(kebab))]
  const told = words.map((word) => {
    const flag = nearest(word, flags)
    return flag === null ? word : `${word} (did you mean --${flag}?)`
  })
  return `${commandName}: unknown ${told.join(', ')}; ${help}`
}

function kebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter, at: number) =>
    at === 0 ? letter : `-${letter.toLowerCase()}`,
  )
}

function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  return meant === null ? '' : `, did you mean ${meant}?`
}
