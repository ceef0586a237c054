/** When the users of a launcher arrive in a phase, as lazy sequences. */
import { unreachable } from '../json.ts'
import { type Rng, stream } from '../random.ts'
import type { ArrivalProcess, LauncherPhase } from './model.ts'

/** The stream of a launcher's arrivals in a phase: a successor replays it and skips what was started. */
export function phaseStream(seed: string, launcher: number, phase: number): Rng {
  return stream(seed, 'arrivals', launcher, phase)
}

/**
 * Offsets from the start of the phase, in ms, that never decrease, all ≤ its span (`exponential`: < its duration).
 *
 * - `conditioned`: a Poisson process given its count: with k arrivals left in the remaining time R the next wait is
 *   −R·expm1(ln U / k), so that exactly `users` arrive.
 * - `exponential`: Tsung's waits −ln(U)/intensity, at most `users` of them (infinite before they are planned); what
 *   is due when the phase ends is what arrives.
 * - `uniform`: evenly spaced.
 *
 * Source: Tsung manual, "Defining the load progression"; DESIGN.md section 5.
 */
export function* arrivalOffsets(
  phase: LauncherPhase,
  process: ArrivalProcess,
  random: Rng,
): Generator<number> {
  const { users, spanMs, durationMs, intensityPerMs } = phase
  switch (process) {
    case 'conditioned': {
      let atMs = 0
      for (let left = users; left > 0; left--) {
        atMs -= Math.max(0, spanMs - atMs) * Math.expm1(Math.log(1 - random()) / left)
        yield Math.min(atMs, spanMs)
      }
      return
    }
    case 'uniform':
      for (let at = 0; at < users; at++) yield ((at + 0.5) * spanMs) / users
      return
    case 'exponential': {
      let atMs = 0
      for (let started = 0; started < users; started++) {
        atMs -= Math.log(1 - random()) / intensityPerMs
        if (atMs >= durationMs) return
        yield atMs
      }
      return
    }
    default:
      unreachable(process)
  }
}
