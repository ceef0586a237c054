/** What a run gives its fleet, by the grace that it gives its hosts. */
import type { LauncherHandle } from './launcher-handle.ts'
import { type FleetDeadlines, fleetDeadlines } from './model.ts'

/** How much longer than an agent a launcher of it is waited for, in ms. */
const lostSlackMs = 5000
/** However short the grace is, pings are not sent more often than this, in ms. */
const minPingMs = 100
/** A tenth of what one core of a host does: its cores may have other work. */
const usersClosedPerMs = 2

export function deadlinesFor(graceMs: number): FleetDeadlines {
  const pingMs = Math.min(fleetDeadlines.pingMs, Math.max(minPingMs, graceMs / 4))
  return { ...fleetDeadlines, pingMs, graceMs, lostMs: graceMs + lostSlackMs }
}

/** What the host with the most users may take to close their connections, in ms. */
export function closingMs(launchers: Iterable<Pick<LauncherHandle, 'agent' | 'users'>>): number {
  const users = new Map<number, number>()
  for (const launcher of launchers) {
    users.set(launcher.agent, (users.get(launcher.agent) ?? 0) + launcher.users)
  }
  return Math.max(0, ...users.values()) / usersClosedPerMs
}
