import type { Context } from 'mocha'
import { Network } from '../support/netns.ts'
import { SshSandbox } from '../support/sshd.ts'
import { Bed, type BedOptions } from './bed.ts'

/** Runs that go on at a time: the machine has few cores. */
const most = 4

export interface Fault {
  /** First cell of its row in docs/faults.md. */
  readonly title: string
  /** Opens what it needs, and closes it. */
  run(context: Context): Promise<void>
}

/** A fault that is tried on a bed of its own. */
export function fault(
  title: string,
  options: BedOptions,
  body: (bed: Bed, title: string) => Promise<void>,
): Fault {
  const run = async (context: Context): Promise<void> => {
    const bed = await Bed.open(context, options)
    try {
      await body(bed, title)
    } finally {
      await bed.close()
    }
  }
  return { title, run }
}

/** What beds need. Skips the tests where it is missing. */
function needsOfBeds(context: Context): void {
  Network.require(context)
  SshSandbox.require(context)
}

/**
 * Tests that mostly wait: they go on side by side, and each is told by its own title.
 *
 * @param needs skips them all where something is missing
 */
export function together(
  faults: readonly Fault[],
  needs: (context: Context) => void = needsOfBeds,
): void {
  const outcomes = new Map<string, Promise<void>>()

  before(function () {
    needs(this)
    let free = most
    const waiting: (() => void)[] = []
    for (const fault of faults) {
      const outcome = (async () => {
        if (free > 0) free--
        else await new Promise<void>((resolve) => waiting.push(resolve))
        try {
          await fault.run(this)
        } finally {
          const next = waiting.shift()
          if (next === undefined) free++
          else next()
        }
      })()
      // It is told by its own test, which may come later.
      outcome.catch(() => undefined)
      outcomes.set(fault.title, outcome)
    }
  })
  after(() => Promise.allSettled(outcomes.values()))

  for (const { title } of faults) it(title, () => outcomes.get(title))
}
