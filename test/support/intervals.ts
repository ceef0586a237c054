import { firstCursor } from '../../core/plan/cursor.ts'
import type { Interval, LauncherGauges } from '../../core/stats/model.ts'
import { MutableSample } from '../../core/stats/sample.ts'

/** An interval of a launcher; times of `request` and `late` in ms. */
export function intervalOf(
  sequence: number,
  fromMs: number,
  toMs: number,
  told: {
    readonly counters?: { readonly [name: string]: number }
    readonly gauges?: Partial<LauncherGauges>
    readonly request?: readonly number[]
    readonly late?: readonly number[]
  } = {},
): Interval {
  const samples = [
    ['request', told.request ?? []],
    ['late', told.late ?? []],
  ] as const
  return {
    sequence,
    cursor: { ...firstCursor, atMs: toMs },
    fromMs,
    toMs,
    counters: told.counters ?? {},
    gauges: {
      users: 0,
      usersMax: 0,
      connected: 0,
      connectedMax: 0,
      inFlight: 0,
      phase: 1,
      due: 0,
      ...told.gauges,
    },
    samples: Object.fromEntries(
      samples
        .filter(([, values]) => values.length > 0)
        .map(([name, values]) => {
          const sample = new MutableSample(name)
          for (const value of values) sample.record(value)
          return [name, sample.encode()]
        }),
    ),
    health: {
      cpuMs: 100,
      loopDelayMaxMs: sequence,
      loopDelayP99Ms: 1,
      gcMs: 0,
      rssBytes: 1000 * sequence,
      heapBytes: 1,
      steal: 0,
      descriptors: 1,
      descriptorLimit: 1,
      ports: null,
    },
  }
}
