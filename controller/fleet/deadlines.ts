/** What a run gives its fleet, by the grace that it gives its hosts. */
import { type FleetDeadlines, fleetDeadlines } from './model.ts'

/** How much longer than an agent a launcher of it is waited for, in ms. */
const lostSlackMs = 5000
/** However short the grace is, pings are not sent more often than this, in ms. */
const minPingMs = 100

export function deadlinesFor(graceMs: number): FleetDeadlines {
  const pingMs = Math.min(fleetDeadlines.pingMs, Math.max(minPingMs, graceMs / 4))
  return { ...fleetDeadlines, pingMs, graceMs, lostMs: graceMs + lostSlackMs }
}
