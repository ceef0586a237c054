/** A run of real processes that a test steers as it goes on: a fleet on this machine, and what its launchers tell. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fleet } from '../../controller/fleet/fleet.ts'
import type { FleetListener, LossPolicy, StartedLauncher } from '../../controller/fleet/model.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import { hostsOf, newRunName } from '../../controller/hosts.ts'
import { loadScenario } from '../../controller/load-scenario.ts'
import type { Plan } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { Interval } from '../../core/stats/model.ts'
import { MutableTotals } from '../../core/stats/totals.ts'

export class SteeredRun implements FleetListener {
  readonly fleet: Fleet
  readonly plan: Plan
  readonly totals: MutableTotals = new MutableTotals()
  readonly intervals: { readonly launcher: number; readonly interval: Interval }[] = []
  readonly launchers: StartedLauncher[] = []
  /** Users that a lost launcher has started or not. */
  maybe = 0
  /** `TYPE: TEXT` */
  readonly events: string[] = []
  readonly #start: () => Promise<boolean>

  private constructor(
    open: (listener: FleetListener) => Fleet,
    plan: Plan,
    start: (fleet: Fleet) => Promise<boolean>,
  ) {
    this.fleet = open(this)
    this.plan = plan
    this.#start = () => start(this.fleet)
  }

  /** @param folder where the scenario is put */
  static async open(
    folder: string,
    xml: string,
    { policy = 'continue' }: { readonly policy?: LossPolicy } = {},
  ): Promise<SteeredRun> {
    const path = join(folder, 'steered.xml')
    writeFileSync(path, xml)
    const { scenario, diagnostics } = await loadScenario(path)
    rmSync(path)
    if (scenario === null) throw new Error(JSON.stringify(diagnostics))
    const plan = makePlan(scenario, { seed: '1', facts: { cores: [2] }, arrivals: 'conditioned' })
    const { transports } = hostsOf(
      scenario.clients,
      {
        local: true,
        sshCommand: null,
        remoteNode: null,
        sendNode: false,
        spread: false,
        sshConfig: null,
        acceptNewHostKeys: false,
        graceMs: fleetDeadlines.graceMs,
        askSecret: () => Promise.reject(new Error('nobody is there')),
      },
      newRunName(),
    )
    const run = new SteeredRun(
      (listener) => new Fleet(transports, listener, { policy }),
      plan,
      async (fleet) => {
        await fleet.connect()
        const rest = { arrivals: 'conditioned', intervalMs: 200, dataFiles: [] } as const
        return fleet.prepare({ run: 'steered', scenario, plan, folder, ...rest })
      },
    )
    return run
  }

  /** @returns when the run began, on `performance.now()`'s clock */
  async start(): Promise<number> {
    if (!(await this.#start())) throw new Error(this.events.join('\n'))
    this.fleet.start(200)
    return performance.now() + 200
  }

  async close(): Promise<void> {
    this.fleet.stop(0)
    await this.fleet.ended()
    await this.fleet.close()
  }

  /** Sum of a gauge over the last intervals of all launchers. */
  gauge(name: 'users' | 'due'): number {
    const last = new Map(
      this.intervals.map(({ launcher, interval }) => [launcher, interval.gauges[name]]),
    )
    return [...last.values()].reduce((sum, each) => sum + each, 0)
  }

  counter(name: string): number {
    return this.totals.counters.get(name) ?? 0
  }

  launcherStarted(launcher: StartedLauncher): void {
    this.launchers.push(launcher)
  }

  interval(launcher: number, interval: Interval): void {
    this.totals.add(interval)
    this.intervals.push({ launcher, interval })
  }

  lines(): void {
    // None matters here.
  }

  launcherClock(): void {
    // All are on this machine.
  }

  launcherEnded(launcher: number, state: string, why: string, maybe = 0): void {
    this.maybe += maybe
    this.events.push(`ended: ${launcher} ${state} ${why}`)
  }

  event(type: string, text: string): void {
    this.events.push(`${type}: ${text}`)
  }
}
