/** Plays one step: a run like any other, in a folder of its own. */
import { EventEmitter } from 'node:events'
import { play } from '../play.ts'
import type { Playable } from '../playable.ts'
import type { RunIo, RunOptions } from '../run-options.ts'
import type { Objective, StepTimes } from './model.ts'
import { stepScenario } from './step-scenario.ts'
import { StepWatch } from './step-watch.ts'

export interface StepRun {
  readonly playable: Playable
  /** `logDir` is where the step's folder is made. */
  readonly options: RunOptions
  readonly objective: Objective
  readonly ratePerSecond: number
  readonly times: StepTimes
}

export class StepPlayer {
  readonly #io: RunIo
  #signals: EventEmitter | null = null
  #interrupted = false

  constructor(io: RunIo) {
    this.#io = io
  }

  /** The step that is played ends at once; no other one begins. */
  interrupt(): void {
    this.#interrupted = true
    this.#end()
  }

  /**
   * @returns what was seen of it, and the exit code of the run
   * @throws {UsageError} when a file that the scenario names, or the folder, cannot be used
   */
  async play(step: StepRun): Promise<{ readonly watch: StepWatch; readonly exitCode: number }> {
    const { playable, ratePerSecond, times } = step
    const watch = new StepWatch(step.objective, times, () => this.#end())
    if (this.#interrupted) return { watch, exitCode: 0 }
    const signals = new EventEmitter()
    this.#signals = signals
    const { terminal: _, background: __, ...streams } = this.#io
    const io: RunIo = { ...streams, signals, outputs: [watch] }
    const scenario = stepScenario(
      playable.scenario,
      ratePerSecond,
      times.settleMs + times.measureMs,
    )
    const expandedXml = annotated(playable.expandedXml, ratePerSecond)
    const played = { ...playable, scenario, expandedXml }
    const options = { ...step.options, drainMs: 0, quiet: true, live: false }
    try {
      return { watch, exitCode: await play(played, options, io) }
    } finally {
      this.#signals = null
    }
  }

  #end(): void {
    this.#signals?.emit('SIGINT', 'SIGINT')
  }
}

/** The copy in the step's folder says that its phases were not played. */
function annotated(xml: string, ratePerSecond: number): string {
  const note = `<!-- A step of tsts capacity: its own phases are replaced by one of ${ratePerSecond} users a second. -->`
  return xml.replace(/<load[\s>]/, (load) => `${note}\n  ${load}`)
}
