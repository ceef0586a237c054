/** `tsts hosts`: lists of machines become clients, hosts are prepared and cleaned up. */
import { SecretPrompt } from '../ask-secret.ts'
import { withBatchHosts } from '../batch-hosts.ts'
import { type Args, type Command, isGiven, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import type { ReachOptions } from '../hosts.ts'
import { inventoryFormats } from '../inventory/model.ts'
import { loadValid } from '../load-playable.ts'
import { defaultGraceMs, type RunIo } from '../run-options.ts'
import { UsageError } from '../usage-error.ts'
import { cleanHosts } from './hosts-clean.ts'
import type { ImportOptions } from './hosts-import.ts'
import { prepareHosts } from './hosts-prepare.ts'
import { pluginFlag, reachFlags, reachOptionsOf, readOptionsOf } from './run-flags.ts'

const actions = ['import', 'prepare', 'clean'] as const

export const hostsCommand: Command = {
  name: 'hosts',
  usage: 'hosts <action> [files..]',
  describe: 'turn lists of machines into clients, prepare the hosts of a scenario, clean them up',
  positionals: {
    action: {
      type: 'string',
      choices: actions,
      describe:
        'import: lists of hosts to clients; prepare: brings bundle and Node; clean: removes all of ours',
    },
    files: {
      type: 'string',
      array: true,
      describe: 'import: the lists (none: standard input); prepare, clean: the scenario',
    },
  },
  options: {
    into: {
      type: 'string',
      requiresArg: true,
      describe: 'import: the scenario whose clients are replaced (default: they are printed)',
    },
    limit: {
      type: 'string',
      requiresArg: true,
      describe: 'import: only these hosts and groups, as Ansible writes it: load:!load3:&eu, *.net',
    },
    format: {
      choices: inventoryFormats,
      requiresArg: true,
      default: 'auto',
      describe: 'import: of the lists',
    },
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'import: the output of Terraform with the hosts (default: hosts, or the only one)',
    },
    private: {
      type: 'boolean',
      describe: 'import: of a machine with two addresses the private one',
    },
    cpu: {
      type: 'string',
      requiresArg: true,
      default: 'auto',
      describe: 'import: launchers of each client, a number or auto',
    },
    weight: { type: 'string', requiresArg: true, describe: 'import: weight of each client' },
    maxusers: { type: 'string', requiresArg: true, describe: 'import: users of a launcher' },
    ...reachFlags,
    ...pluginFlag,
    'ssh-config': {
      type: 'string',
      requiresArg: true,
      describe:
        'import: writes there how the hosts are reached; prepare, clean: reads it before ~/.ssh/config',
    },
  },
  run: async (args, io) => {
    const files = filesOf(args, io)
    const action = textOf(args, 'action')
    if (action === 'import') {
      // Readers of lists are loaded only where they are used.
      const { importHosts } = await import('./hosts-import.ts')
      return importHosts(files, importOptionsOf(args), io)
    }
    return onHosts(action === 'prepare' ? prepareHosts : cleanHosts, files, args, io)
  },
}

function filesOf(args: Args, { terminal }: RunIo): readonly string[] {
  const value = args['files'] ?? []
  // yargs takes a lone "-" for an empty text.
  const files = (Array.isArray(value) ? value : [value]).map((each) => String(each) || '-')
  if (files.length > 0) return files
  if (args['action'] === 'import' && terminal === undefined) return ['-']
  throw new UsageError(`hosts ${String(args['action'])}: which file? tsts hosts --help tells more`)
}

async function onHosts(
  work: typeof prepareHosts | typeof cleanHosts,
  files: readonly string[],
  args: Args,
  io: RunIo,
): Promise<number> {
  const [file, ...others] = files
  if (others.length > 0) throw new UsageError(`hosts ${String(args['action'])} wants one scenario`)
  const found = await loadValid(file!, readOptionsOf(args), io)
  if (found === null) return exitCodes.unusable
  const { clients } = withBatchHosts(found, process.env)
  const { ask: askSecret } = new SecretPrompt(io.terminal ?? null, io.stderr)
  const options: ReachOptions = { ...reachOptionsOf(args), graceMs: defaultGraceMs, askSecret }
  return work(clients, options, io)
}

/** @throws {UsageError} */
function importOptionsOf(args: Args): ImportOptions {
  const format = textOf(args, 'format')
  return {
    format: inventoryFormats.find((each) => each === format) ?? 'auto',
    limit: textOf(args, 'limit'),
    output: textOf(args, 'output'),
    isPrivate: isGiven(args, 'private'),
    into: textOf(args, 'into'),
    sshConfig: textOf(args, 'ssh-config'),
    attributes: {
      cpu: wholeOf(args, 'cpu', 'auto') ?? 'auto',
      weight: wholeOf(args, 'weight', null),
      maxusers: wholeOf(args, 'maxusers', null),
    },
  }
}

/** @throws {UsageError} */
function wholeOf(args: Args, name: string, word: string | null): string | null {
  const text = textOf(args, name)
  if (text === null || text === word || /^[1-9]\d{0,8}$/.test(text)) return text
  const or = word === null ? '' : ` or ${word}`
  throw new UsageError(`--${name} wants a whole number above 0${or}, not "${text}"`)
}
