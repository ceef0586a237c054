/** Tsung's flags that have no counterpart here: accepted, and told what tsts does instead. */
import type { Options } from 'yargs'
import type { Args } from '../command.ts'

interface TsungFlag {
  readonly name: string
  readonly type: 'string' | 'number' | 'boolean'
  /** Tsung's meaning. */
  readonly describe: string
  /** What tsts does instead; null: just what was asked. */
  readonly instead: string | null
}

const flags: readonly TsungFlag[] = [
  {
    name: 'i',
    type: 'string',
    describe: 'controller id',
    instead: 'runs do not get in each other’s way, so that they need no id',
  },
  {
    name: 'p',
    type: 'number',
    describe: 'Erlang processes per VM',
    instead: 'users are no processes here; maxusers of <client> bounds them',
  },
  {
    name: 'k',
    type: 'boolean',
    describe: 'keep the controller after the test',
    instead: 'nothing is kept running; report.html and summary.json stay in the run’s folder',
  },
  { name: 'n', type: 'boolean', describe: 'no web dashboard', instead: null },
  {
    name: 'F',
    type: 'boolean',
    describe: 'fully qualified node names',
    instead: 'there are no Erlang nodes to name',
  },
  {
    name: 'r',
    type: 'string',
    describe: 'remote shell',
    instead: 'other hosts are reached by our own ssh; --ssh-command PROGRAM takes another',
  },
  {
    name: 's',
    type: 'boolean',
    describe: 'several scheduler threads in launchers',
    instead: 'a launcher is one thread; cpu="auto" of <client> starts one per core',
  },
  {
    name: 'X',
    type: 'string',
    describe: 'Erlang code path',
    instead: 'Erlang code is not loaded',
  },
  {
    name: 'I',
    type: 'string',
    describe: 'address of the controller node',
    instead: 'there are no Erlang nodes; clients may be addresses anyway',
  },
  {
    name: 'L',
    type: 'number',
    describe: 'lifetime of TLS session data, seconds',
    instead: 'a TLS session is kept as long as its server says',
  },
  {
    name: 't',
    type: 'number',
    describe: 'first port of node communication',
    instead: 'agents are reached over pipes, not ports',
  },
  {
    name: 'T',
    type: 'number',
    describe: 'last port of node communication',
    instead: 'agents are reached over pipes, not ports',
  },
  {
    name: ipv6FlagName(),
    type: 'boolean',
    describe: 'IPv6 between nodes (-6)',
    instead: 'agents are reached over pipes; type="tcp6" of <server> chooses IPv6 for the load',
  },
  {
    name: 'd',
    type: 'number',
    describe: 'log level before the scenario is read',
    instead: 'what is wrong with a scenario is always told in full',
  },
]

export const tsungOptions: { readonly [name: string]: Options } = Object.fromEntries(
  flags.map(({ name, type, describe, instead }): [string, Options] => [
    name,
    {
      type,
      group: 'Accepted for Tsung’s sake:',
      describe: instead === null ? describe : `${describe}: no effect`,
      ...(type === 'boolean' ? {} : { requiresArg: true }),
    },
  ]),
)

/** A warning for each flag that was given and does nothing here. */
export function tsungWarnings(args: Args): readonly string[] {
  return flags
    .filter(({ name, instead }) => instead !== null && (args[name] ?? false) !== false)
    .map(({ name, describe, instead }) => `-${name.slice(-1)} (${describe}): ${instead}`)
}

/** `-6` would be a number to yargs: it travels as `--tsung-6`. */
export function ipv6Spelled(argv: readonly string[]): readonly string[] {
  return argv.map((arg) => (arg === '-6' ? `--${ipv6FlagName()}` : arg))
}

function ipv6FlagName(): string {
  return 'tsung-6'
}
