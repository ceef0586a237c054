/** `tsts tune`: prints what is to be set on the hosts of a scenario; sets nothing. */
import { makePlan } from '../../core/plan/plan.ts'
import { withBatchHosts } from '../batch-hosts.ts'
import { type Args, type Command, isGiven, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadValid } from '../load-playable.ts'
import { ownHost } from '../own-host.ts'
import type { RunIo } from '../run-options.ts'
import { sshTo } from '../ssh/ssh-words.ts'
import { tunePlay } from '../tune/play.ts'
import { tuneScript } from '../tune/script.ts'
import { tunedHosts } from '../tune/tune.ts'
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

export const tuneCommand: Command = {
  name: 'tune',
  usage: 'tune <file>',
  describe: 'print the kernel settings and limits that a scenario needs, as a shell script',
  positionals: { file: { type: 'string', describe: 'the scenario; - is standard input' } },
  options: {
    ansible: { type: 'boolean', describe: 'as an Ansible play' },
    local: { type: 'boolean', describe: 'clients on other hosts are played on this machine' },
    'ssh-config': reachFlags['ssh-config']!,
    ...scenarioFlags,
    ...arrivalsFlag,
  },
  run: (args, io) => tune(args, io),
}

async function tune(args: Args, io: RunIo): Promise<number> {
  const local = isGiven(args, 'local')
  const loaded = await loadValid(fileOf(args), readOptionsOf(args), io)
  if (loaded === null) return exitCodes.unusable
  const scenario = local ? loaded : withBatchHosts(loaded, process.env)
  // A host that was not asked is taken to be like this one.
  const own = ownHost()
  const cores = scenario.clients.map(() => own.cores)
  const seed = textOf(args, 'seed') ?? String(scenario.options.seed ?? defaultSeed)
  const plan = makePlan(scenario, { seed, facts: { cores }, arrivals: arrivalsOf(args) })
  const groups = tunedHosts(scenario, plan, local)
  const text = isGiven(args, 'ansible')
    ? tunePlay(scenario.file, groups)
    : tuneScript(scenario.file, groups, sshTo(reachOptionsOf(args)))
  io.stdout.write(text)
  return exitCodes.ok
}
