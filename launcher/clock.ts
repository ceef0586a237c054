/** The clocks of a launcher. */
import { clockOffset } from '../core/clock-offset.ts'

/**
 * `performance.now()` counts from the start of the process; the host's monotonic clock is the same for all its
 * processes. Host time = `performance.now() + hostClockOffsetMs`.
 */
export const hostClockOffsetMs: number = clockOffset(
  () => Number(process.hrtime.bigint()) / 1e6,
  () => performance.now(),
)

/** ms since 1970, with fractions. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}
