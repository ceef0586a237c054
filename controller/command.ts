/** A command of `tsts`, and how its arguments are read. */
import type { Options, PositionalOptions } from 'yargs'
import type { RunIo } from './run-options.ts'
import { UsageError } from './usage-error.ts'

/** What yargs made of the command line: option and positional values by name. */
export type Args = { readonly [name: string]: unknown }

export interface Command {
  readonly name: string
  /** As yargs wants it, e.g. `run <file>`. */
  readonly usage: string
  readonly describe: string
  readonly positionals?: { readonly [name: string]: PositionalOptions }
  readonly options: { readonly [name: string]: Options }
  /**
   * @returns the exit code
   * @throws {UsageError} when the arguments cannot be used
   */
  readonly run: (args: Args, io: RunIo) => Promise<number>
}

/** The value of a text option; null when it was not given. */
export function textOf(args: Args, name: string): string | null {
  const value = args[name]
  if (value === undefined) return null
  if (Array.isArray(value)) throw new UsageError(`${flagOf(name)} is given more than once`)
  return String(value)
}

/** All values of an option that may be repeated, cut at commas. */
export function listOf(args: Args, name: string): readonly string[] {
  const value = args[name] ?? []
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((each) => String(each).split(',')).filter((each) => each !== '')
}

/** The value of a number option, `otherwise` when it was not given. */
export function numberOf(args: Args, name: string, otherwise: number, min: number): number {
  const text = textOf(args, name)
  if (text === null) return otherwise
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < min) {
    throw new UsageError(`${flagOf(name)} wants a number of at least ${min}, not "${text}"`)
  }
  return value
}

export function isGiven(args: Args, name: string): boolean {
  return args[name] === true
}

/** An option as it is written. */
export function flagOf(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}
