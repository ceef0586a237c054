/** Plays one step: a run like any other, in a folder of its own. */
import { EventEmitter } from 'node:events'
import { play } from '../play.ts'
import type { Playable } from '../playable.ts'
import type { RunIo, RunOptions } from '../run-options.ts'
import { countedWords, type Objective, type Searched, type StepTimes } from './model.ts'
import { stepScenario } from './step-scenario.ts'
import { StepWatch } from './step-watch.ts'

export interface StepRun {
  readonly playable: Playable
  /** `logDir` is where the step's folder is made. */
  readonly options: RunOptions
  readonly objective: Objective
  readonly of: Searched
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
    const { playable, of, ratePerSecond, times } = step
    const watch = new StepWatch(step.objective, of, times, () => this.#end())
    if (this.#interrupted) return { watch, exitCode: 0 }
    const signals = new EventEmitter()
    this.#signals = signals
    const { terminal: _, background: __, ...streams } = this.#io
    const io: RunIo = { ...streams, signals, outputs: [watch] }
    const durationMs = times.settleMs + times.measureMs
    const scenario = stepScenario(playable.scenario, of, ratePerSecond, durationMs)
    const expandedXml = annotated(playable.expandedXml, `${ratePerSecond} ${countedWords[of]}`)
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
function annotated(xml: string, rate: string): string {
  const note = `<!-- A step of tsts capacity: its own phases are replaced by one of ${rate} a second. -->`
  return xml.replace(/<load[\s>]/, (load) => `${note}\n  ${load}`)
}
