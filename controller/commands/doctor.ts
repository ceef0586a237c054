/** `tsts doctor`: whether the hosts of a scenario can play it, before anybody does. */
import { SecretPrompt } from '../ask-secret.ts'
import { withBatchHosts } from '../batch-hosts.ts'
import { type Args, type Command, isGiven, listOf, numberOf, textOf } from '../command.ts'
import { doctorExitCode, examineHosts } from '../doctor/doctor.ts'
import { doctorJson, doctorText } from '../doctor/doctor-text.ts'
import { word } from '../doctor/remedy.ts'
import { exitCodes } from '../exit-codes.ts'
import { hostsOf, newRunName } from '../hosts.ts'
import { loadValid } from '../load-playable.ts'
import { defaultGraceMs, defaultIntervalMs, type RunIo } from '../run-options.ts'
import { sshTo } from '../ssh/ssh-words.ts'
import { fileOf } from './plain.ts'
import {
  arrivalsFlag,
  arrivalsOf,
  reachFlags,
  reachOptionsOf,
  readOptionsOf,
  scenarioFlags,
} from './run-flags.ts'

/** A plan that is looked at again shall be the same. */
const defaultSeed = '1'

export const doctorCommand: Command = {
  name: 'doctor',
  usage: 'doctor <file>',
  describe: 'examine every host of a scenario against what the plan asks of it, with remedies',
  positionals: { file: { type: 'string', describe: 'the scenario; - is standard input' } },
  options: {
    json: { type: 'boolean', describe: 'tell it for machines' },
    ...scenarioFlags,
    ...arrivalsFlag,
    ...reachFlags,
    interval: {
      type: 'string',
      requiresArg: true,
      default: String(defaultIntervalMs),
      describe: 'ms between two reports of a launcher, as the run will have it',
    },
    quiet: { alias: 'q', type: 'boolean', describe: 'leave out what is well' },
  },
  run: (args, io) => doctor(args, io),
}

async function doctor(args: Args, io: RunIo): Promise<number> {
  const file = fileOf(args)
  const reach = reachOptionsOf(args)
  const loaded = await loadValid(file, readOptionsOf(args), io)
  if (loaded === null) return exitCodes.unusable
  const scenario = reach.local ? loaded : withBatchHosts(loaded, process.env)
  const { ask: askSecret } = new SecretPrompt(io.terminal ?? null, io.stderr)
  const options = { ...reach, graceMs: defaultGraceMs, askSecret }
  const hosts = hostsOf(scenario.clients, options, newRunName())
  const all = await examineHosts(hosts, {
    scenario,
    seed: textOf(args, 'seed') ?? String(scenario.options.seed ?? defaultSeed),
    arrivals: arrivalsOf(args),
    intervalMs: numberOf(args, 'interval', defaultIntervalMs, 10),
    sendsNode: reach.sendNode,
    again: ['tsts doctor', word(file), ...flagsOf(args)].join(' '),
    sshTo: sshTo(reach),
  })
  const exitCode = doctorExitCode(all)
  const text = isGiven(args, 'json')
    ? doctorJson(scenario.file, all, exitCode)
    : doctorText(all, exitCode, isGiven(args, 'quiet'))
  io.stdout.write(text)
  return exitCode
}

/** What decides how hosts are reached and what they are asked for. */
const keptFlags = ['ssh-config', 'ssh-command', 'remote-node', 'exclude-tag', 'seed', 'arrivals']

/** As they were given, for whoever does the same once more. */
function flagsOf(args: Args): readonly string[] {
  const { arrivals } = arrivalsFlag
  const kept = keptFlags.flatMap((name) => {
    const values = listOf(args, name)
    if (values.length === 0 || (name === 'arrivals' && values[0] === arrivals.default)) return []
    return [`--${name}`, word(values.join(','))]
  })
  return isGiven(args, 'quiet') ? ['-q', ...kept] : kept
}
