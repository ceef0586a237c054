/** `tsts plan`: who would start when. Needs a valid scenario, not a playable one. */
import type { ArrivalProcess } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { withKnownBatchHosts } from '../batch-hosts.ts'
import { exitCodes } from '../exit-codes.ts'
import { loadValid } from '../load-playable.ts'
import { ownHost } from '../own-host.ts'
import type { RunIo } from '../run-options.ts'
import { planText } from './plan.ts'

/** What a run would draw anew each time: a plan that is looked at again shall be the same. */
const defaultSeed = '1'

/** @throws {UsageError} when the file cannot be read */
export async function plan(
  file: string,
  options: {
    readonly seed: string | null
    readonly arrivals: ArrivalProcess
    readonly excludeTags: readonly string[]
    readonly plugins: readonly string[]
  },
  io: RunIo,
): Promise<number> {
  const loaded = await loadValid(file, options, io)
  if (loaded === null) return exitCodes.unusable
  const { scenario, notes } = withKnownBatchHosts(loaded, process.env)
  const seed = options.seed ?? String(scenario.options.seed ?? defaultSeed)
  // A host that was not asked yet is taken to be like this one.
  const own = ownHost()
  const facts = { cores: scenario.clients.map(() => own.cores) }
  const made = makePlan(scenario, { seed, facts, arrivals: options.arrivals })
  io.stdout.write(planText(scenario, made, io.stdout.columns ?? 80, { limits: own, notes }))
  return exitCodes.ok
}
