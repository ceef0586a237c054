import type { Context } from 'mocha'

/** Runs that go on at a time: the machine has few cores. */
const most = 4

export interface Fault {
  /** First cell of its row in docs/faults.md. */
  readonly title: string
  /** Opens what it needs, and closes it. */
  run(context: Context): Promise<void>
}

/**
 * Tests that mostly wait: they go on side by side, and each is told by its own title.
 *
 * @param before checks whether they can be run at all: it skips them otherwise
 */
export function together(faults: readonly Fault[], check: (context: Context) => void): void {
  const outcomes = new Map<string, Promise<void>>()

  before(function () {
    check(this)
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
