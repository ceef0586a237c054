import assert from 'node:assert/strict'
import { newToken } from '../../controller/dashboard/access.ts'
import { Feed } from '../../controller/dashboard/feed.ts'
import { defaultListen, type Listen } from '../../controller/dashboard/listen.ts'
import { Dashboard } from '../../controller/dashboard/server.ts'
import type { RunEvent, Steering } from '../../controller/model.ts'
import { chartLibrary } from '../../controller/report/render-report.ts'
import { Helm, unsteered } from '../../controller/steering.ts'
import { UsageError } from '../../controller/usage-error.ts'

/** A dashboard of no real run: what is asked of it is kept. */
export interface OpenedDashboard {
  readonly feed: Feed
  readonly dashboard: Dashboard
  readonly helm: Helm
  /** Without what stands behind the `#`. */
  readonly origin: string
  readonly token: string | null
  /** As they were asked for. */
  readonly stops: (number | null)[]
  readonly events: Omit<RunEvent, 'atMs'>[]
  /** ms since the start, for events of steering. */
  atMs: number
}

export async function openDashboard(listen: Listen = defaultListen): Promise<OpenedDashboard> {
  const feed = new Feed(true)
  const stops: (number | null)[] = []
  const events: Omit<RunEvent, 'atMs'>[] = []
  let now: Steering = unsteered
  const helm = new Helm(
    ({ skipPhase, ...change }) => {
      if (change.arrivalFactor === 13) throw new UsageError('the launchers refuse thirteen')
      now = { ...now, ...change }
      return now
    },
    (event) => {
      events.push(event)
      feed.event({ atMs: opened.atMs, ...event })
    },
  )
  const dashboard = new Dashboard(
    feed,
    {
      status: () => ({ state: 'running', steering: helm.now }),
      steer: (who, change) => helm.change(who, change),
      stop: (_who, graceMs) => {
        stops.push(graceMs)
        return graceMs ?? 30_000
      },
    },
    chartLibrary,
  )
  await dashboard.open(listen, newToken)
  const { at } = dashboard
  assert.ok(at)
  const origin = dashboard.url.replace(/\/#.*|\/$/, '')
  const opened = { feed, dashboard, helm, origin, token: at.token, stops, events, atMs: 0 }
  return opened
}
