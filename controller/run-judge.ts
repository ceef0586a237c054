/** What judges a run: its verdict and its thresholds, from what the outputs are told and what the fleet knows. */
import { writeFile } from 'node:fs/promises'
import type { Client } from '../core/scenario/model.ts'
import type { Condition } from '../core/thresholds/model.ts'
import type { Collected } from './collector.ts'
import { exitCodeOf } from './exit-codes.ts'
import type { Compared } from './fleet/interactions.ts'
import { localName } from './local-hosts.ts'
import type { JudgedThreshold, Output, RunHead, RunResult, Second, Verdict } from './model.ts'
import { annotations, junitXml, type Outcome } from './thresholds/annotations.ts'
import { Watch } from './thresholds/watch.ts'
import { judge } from './verdict.ts'
import type { Limits } from './verdict-limits.ts'

/** What is asked of a run, besides what the scenario asks. */
export interface JudgeOptions {
  readonly thresholds: readonly Condition[]
  readonly limits: Limits
  /** Where JUnit's XML goes; null: nowhere. */
  readonly junit: string | null
}

/** What a run came to. */
export type Conclusion = Pick<RunResult, 'verdict' | 'thresholds' | 'exitCode'>

/** Besides what was measured. */
export interface HowEnded {
  /** Before its plan did. */
  readonly cut: boolean
  readonly compared: Compared | null
  /** A host or launcher was. */
  readonly lost: boolean
  readonly interrupted: boolean
}

export class RunJudge implements Output {
  readonly #options: JudgeOptions
  readonly #watch: Watch
  readonly #troubles: string[] = []
  readonly #memoryBytes = new Map<string, number>()
  #plannedUsers = 0
  #abort: JudgedThreshold | null = null

  /** @param ofScenario thresholds that the scenario has */
  constructor(options: JudgeOptions, ofScenario: readonly Condition[]) {
    this.#options = options
    this.#watch = new Watch([...options.thresholds, ...ofScenario])
  }

  start(head: RunHead): void {
    this.#plannedUsers = head.plan.users
    this.#watch.begin(head)
  }

  second(second: Second): void {
    this.#abort ??= this.#watch.second(second)
  }

  event(): void {
    // What happened is judged by what came of it.
  }

  end(): void {
    // Everything was asked before.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** A file could not be written whole. */
  trouble(text: string): void {
    this.#troubles.push(text)
  }

  /** @param facts of each host; @param ofClient index of each client's host */
  hosts(
    clients: readonly Client[],
    ofClient: readonly number[],
    facts: readonly ({ readonly memoryBytes: number } | null)[],
  ): void {
    for (const [client, host] of ofClient.entries()) {
      const bytes = facts[host]?.memoryBytes
      if (bytes !== undefined) this.#memoryBytes.set(clients[client]!.host || localName, bytes)
    }
  }

  /** The first `abort-if` that held; null: none did. */
  get abort(): JudgedThreshold | null {
    return this.#abort
  }

  /** Another controller of this run ended it for that reason. */
  aborted(judgement: JudgedThreshold): void {
    this.#abort = judgement
    this.#watch.held(judgement)
  }

  /** While it goes on: of each launcher, a user may just have become due. */
  soFar(collected: Collected, compared: Compared | null): Verdict {
    const { last, launchers } = collected
    const due = Math.max(0, (last?.due ?? 0) - launchers.length)
    const spared = launchers.map((report) => {
      const { strain } = report
      return { ...report, strain: { ...strain, dueUsers: Math.max(0, strain.dueUsers - 1) } }
    })
    return this.#verdict({ ...collected, launchers: spared }, { cut: true, compared, due })
  }

  #verdict(
    { totals, launchers, hosts }: Collected,
    { cut, compared, due }: Pick<HowEnded, 'cut' | 'compared'> & { readonly due: number },
  ): Verdict {
    const evidence = {
      plannedUsers: this.#plannedUsers,
      dueUsers: due,
      startedUsers: totals.counters.get('users_count') ?? 0,
      cut,
      launchers,
      compared,
      phases: this.#watch.phases,
      memoryBytes: this.#memoryBytes,
      hosts,
      troubles: this.#troubles,
    }
    return judge(evidence, this.#options.limits)
  }

  conclusion(collected: Collected, { cut, compared, lost, interrupted }: HowEnded): Conclusion {
    const due = collected.last?.due ?? 0
    const verdict = this.#verdict(collected, { cut, compared, due })
    const thresholds = this.#watch.end({ cut, plannedUsers: this.#plannedUsers })
    const thresholdsFailed = thresholds.some(({ ok }) => !ok)
    const { status } = verdict
    const exitCode = exitCodeOf({ lost, interrupted, verdict: status, thresholdsFailed })
    return { verdict, thresholds, exitCode }
  }

  /**
   * Tells scripts that run this what it came to.
   *
   * @param tell a line for GitHub, if it runs there
   * @param onTrouble told when JUnit's file cannot be written
   */
  async announce(
    outcome: Outcome,
    tell: (line: string) => void,
    onTrouble: (text: string) => void,
  ): Promise<void> {
    if (process.env['GITHUB_ACTIONS'] === 'true') annotations(outcome).forEach(tell)
    const { junit } = this.#options
    if (junit === null) return
    try {
      await writeFile(junit, junitXml(outcome))
    } catch (error) {
      const text = `cannot write ${junit}: ${(error as Error).message}`
      this.trouble(text)
      onTrouble(text)
    }
  }
}
