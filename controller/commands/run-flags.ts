/** The flags of `run` and `start`, and the run they ask for. */
import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import type { Options } from 'yargs'
import type { ArrivalProcess } from '../../core/plan/model.ts'
import { type Args, listOf, numberOf, textOf } from '../command.ts'
import { type Listen, parseListen } from '../dashboard/listen.ts'
import { exportFlags, exportOptionsOf } from '../exports/export-options.ts'
import { type LossPolicy, lossPolicies } from '../fleet/model.ts'
import type { ReachOptions } from '../hosts.ts'
import { defaultLogDir } from '../run-folder.ts'
import {
  defaultDrainMs,
  defaultGraceMs,
  defaultIntervalMs,
  defaultLogName,
  defaultWarmUpMs,
  type RunOptions,
} from '../run-options.ts'
import { judgeFlags, judgeOptionsOf } from '../thresholds/flags.ts'
import { UsageError } from '../usage-error.ts'

const arrivalProcesses = ['conditioned', 'exponential', 'uniform'] as const

/** Of every command that reads a scenario, or tells of its elements. */
export const pluginFlag: { readonly plugin: Options } = {
  plugin: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'a file or package with a protocol of its own; may be repeated (docs/plugins.md)',
  },
}

/** Of the scenario, as far as `plan` and `try` need them too. */
export const scenarioFlags: {
  readonly seed: Options
  readonly 'exclude-tag': Options
  readonly plugin: Options
} = {
  seed: {
    type: 'string',
    requiresArg: true,
    describe: 'what all randomness comes from (default: the scenario’s, or drawn and told)',
  },
  'exclude-tag': {
    alias: 'x',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'leave out requests with one of these tags (a,b)',
  },
  ...pluginFlag,
}

export const arrivalsFlag: { readonly arrivals: Options } = {
  arrivals: {
    choices: arrivalProcesses,
    requiresArg: true,
    default: 'conditioned',
    describe:
      'how arrivals are drawn: a Poisson process with just the planned users, Tsung’s own, even',
  },
}

export const dashboardFlag: { readonly dashboard: Options } = {
  dashboard: {
    type: 'string',
    describe:
      'serve a page that shows and steers the run, at --dashboard=HOST:PORT (default: 127.0.0.1, a free port)',
  },
}

/** How hosts are reached and made ready: of every command that goes to the hosts of a scenario. */
export const reachFlags: { readonly [name: string]: Options } = {
  local: { type: 'boolean', describe: 'play clients on other hosts on this machine' },
  'ssh-command': {
    type: 'string',
    requiresArg: true,
    describe: 'reach other hosts by this program (ssh, or ssh -F FILE) instead of by ourselves',
  },
  'remote-node': {
    type: 'string',
    requiresArg: true,
    describe: 'path of Node on other hosts (default: it is looked for)',
  },
  'send-node': {
    type: 'boolean',
    describe: 'send this machine’s Node to hosts that have none that plays (same platform)',
  },
  spread: {
    type: 'boolean',
    describe: 'hosts that have Node, the bundle and data files give them to the others',
  },
  'ssh-config': {
    type: 'string',
    requiresArg: true,
    describe: 'a file that says how hosts are reached, read before ~/.ssh/config',
  },
  'accept-new-host-keys': {
    type: 'boolean',
    describe: 'take and keep the keys of hosts that nobody has seen yet',
  },
}

export const runFlags: { readonly [name: string]: Options } = {
  'log-dir': {
    alias: 'l',
    type: 'string',
    requiresArg: true,
    describe: `where the run’s folder is made (TSTS_LOG_DIR; default: ${defaultLogDir})`,
  },
  'stats-file': {
    alias: 'm',
    type: 'string',
    requiresArg: true,
    default: defaultLogName,
    describe: 'name of Tsung’s statistics file; - is standard output',
  },
  'warm-up': {
    alias: 'w',
    type: 'string',
    requiresArg: true,
    describe: 'seconds between all launchers being ready and the start',
  },
  drain: {
    type: 'string',
    requiresArg: true,
    default: String(defaultDrainMs / 1000),
    describe: 'seconds that users have to end after Ctrl-C',
  },
  ...scenarioFlags,
  ...arrivalsFlag,
  ...reachFlags,
  grace: {
    type: 'string',
    requiresArg: true,
    default: String(defaultGraceMs / 1000),
    describe: 'seconds that launchers go on, and are waited for, when the link to them is cut',
  },
  'on-launcher-lost': {
    choices: lossPolicies,
    requiresArg: true,
    default: 'continue',
    describe:
      'when a launcher is lost: the others go on, another plays the rest of its share, the run ends',
  },
  interval: {
    type: 'string',
    requiresArg: true,
    default: String(defaultIntervalMs),
    describe: 'ms between two reports of a launcher',
  },
  ...judgeFlags,
  detach: { type: 'boolean', describe: 'go on in the background once the load has begun' },
  report: { type: 'boolean', default: true, describe: 'write report.html (--no-report: do not)' },
  live: { type: 'boolean', default: true, describe: 'redraw a view (--no-live: plain lines)' },
  ...dashboardFlag,
  ...exportFlags,
  quiet: { alias: 'q', type: 'boolean', describe: 'say nothing but errors' },
}

/** @throws {UsageError} */
export function runOptionsOf(
  args: Args,
  file: string,
  otherwise: { readonly warmUpMs: number } = { warmUpMs: defaultWarmUpMs },
): RunOptions {
  return {
    file,
    logDir: textOf(args, 'log-dir') || process.env['TSTS_LOG_DIR'] || defaultLogDir,
    seed: textOf(args, 'seed'),
    arrivals: arrivalsOf(args),
    drainMs: numberOf(args, 'drain', defaultDrainMs / 1000, 0) * 1000,
    warmUpMs: numberOf(args, 'warm-up', otherwise.warmUpMs / 1000, 0) * 1000,
    ...readOptionsOf(args),
    logName: textOf(args, 'stats-file') ?? defaultLogName,
    intervalMs: numberOf(args, 'interval', defaultIntervalMs, 10),
    report: args['report'] !== false,
    live: args['live'] !== false,
    ...reachOptionsOf(args),
    graceMs: numberOf(args, 'grace', defaultGraceMs / 1000, 0) * 1000,
    onLauncherLost: lossPolicyOf(args),
    dashboard: dashboardOf(args),
    exports: exportOptionsOf(args),
    judge: judgeOptionsOf(args),
    quiet: args['quiet'] === true,
  }
}

/** How a scenario is read. */
export function readOptionsOf(args: Args): Pick<RunOptions, 'excludeTags' | 'plugins'> {
  return { excludeTags: listOf(args, 'exclude-tag'), plugins: pluginsOf(args) }
}

/** Paths, which may hold commas; a run may go on from another folder. */
export function pluginsOf(args: Args): readonly string[] {
  const given = (args['plugin'] ?? []) as readonly unknown[]
  return [given].flat().map(String)
}

/** @throws {UsageError} */
export function reachOptionsOf(args: Args): Omit<ReachOptions, 'askSecret' | 'graceMs'> {
  return {
    local: args['local'] === true,
    sshCommand: textOf(args, 'ssh-command')?.split(/\s+/) ?? null,
    sshConfig: sshConfigOf(args),
    remoteNode: textOf(args, 'remote-node'),
    sendNode: args['send-node'] === true,
    spread: args['spread'] === true,
    acceptNewHostKeys: args['accept-new-host-keys'] === true,
  }
}

/** @throws {UsageError} when it cannot be read */
function sshConfigOf(args: Args): string | null {
  const file = textOf(args, 'ssh-config')
  if (file === null) return null
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    const text = `--ssh-config ${file} cannot be read: ${(error as Error).message}`
    throw new UsageError(text, { cause: error })
  }
  // A run may go on from another folder.
  return resolve(file)
}

export function arrivalsOf(args: Args): ArrivalProcess {
  const name = textOf(args, 'arrivals')
  return arrivalProcesses.find((each) => each === name) ?? 'conditioned'
}

/** `-n` is Tsung's word for none. */
function dashboardOf(args: Args): Listen | null {
  const text = textOf(args, 'dashboard')
  return text === null || args['n'] === true ? null : parseListen(text)
}

function lossPolicyOf(args: Args): LossPolicy {
  const name = textOf(args, 'on-launcher-lost')
  return lossPolicies.find((each) => each === name) ?? 'continue'
}
