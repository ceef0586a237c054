/** Waits until a target that was asked too much is as fast as before: its queues must not count for the next step. */

export interface Probe {
  /** Median time of a request, ms; null: no answer came. */
  readonly medianMs: number | null
  /** All of the objective. */
  readonly held: boolean
}

export interface CoolDown {
  readonly recovered: boolean
  readonly probes: number
}

/** So many times the usual median, and so many ms more, count as usual. */
const usualFactor = 2
const usualSlackMs = 2
/** Where no usual median is known: what falls by less than this from probe to probe falls no more. */
const stillFalling = 0.8

/**
 * Probes until the target answers as usual.
 *
 * @param usualMs median at a rate that the target bore; null: none is known yet
 * @param goesOn asked before each probe; false: the time is over
 */
export async function coolDown(
  usualMs: number | null,
  probe: () => Promise<Probe>,
  goesOn: () => boolean,
): Promise<CoolDown> {
  let beforeMs: number | null = null
  let probes = 0
  while (goesOn()) {
    const { medianMs, held } = await probe()
    probes++
    if (isUsual(medianMs, held, usualMs, beforeMs)) return { recovered: true, probes }
    beforeMs = medianMs
  }
  return { recovered: false, probes }
}

function isUsual(
  medianMs: number | null,
  held: boolean,
  usualMs: number | null,
  beforeMs: number | null,
): boolean {
  if (medianMs === null) return false
  if (usualMs !== null) return held && medianMs <= usualMs * usualFactor + usualSlackMs
  return held || (beforeMs !== null && medianMs >= beforeMs * stillFalling)
}
