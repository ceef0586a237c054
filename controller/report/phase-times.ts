/** Requests and their times phase by phase, right to the 10 s of a line of histograms. */
import { MutableSample } from '../../core/stats/sample.ts'
import type { SeriesHead, SeriesHistograms, SeriesSecond } from '../outputs/series.ts'
import { type MetricSummary, metricSummary } from '../outputs/summary.ts'

export interface PhaseTimes {
  /** 1, 2, 3, … in playing order; null: after the last one, when users only end. */
  readonly number: number | null
  readonly acknowledged: number
  readonly failed: number
  /** `response`, else `request`; null: there was none. */
  readonly times: MetricSummary | null
}

interface Gathered {
  acknowledged: number
  failed: number
  readonly response: MutableSample
  readonly request: MutableSample
}

export class PhaseTimesBuilder {
  readonly #phases: SeriesHead['phases']
  readonly #found = new Map<number, Gathered>()

  constructor({ phases }: SeriesHead) {
    this.#phases = phases
  }

  second({ atMs, counters }: SeriesSecond): void {
    const gathered = this.#at(atMs - 500)
    gathered.acknowledged += counters['tsts_acknowledged'] ?? 0
    gathered.failed += counters['tsts_failed'] ?? 0
  }

  histograms({ fromMs, toMs, samples }: SeriesHistograms): void {
    const gathered = this.#at((fromMs + toMs) / 2)
    const { response, request } = samples
    if (response) gathered.response.merge(response)
    if (request) gathered.request.merge(request)
  }

  build(): readonly PhaseTimes[] {
    return [...this.#found]
      .sort((a, b) => a[0] - b[0])
      .map(([index, { acknowledged, failed, response, request }]) => {
        const times = response.count > 0 ? response : request
        return {
          number: this.#phases[index]?.number ?? null,
          acknowledged,
          failed,
          times: times.count > 0 ? metricSummary(times) : null,
        }
      })
  }

  /** What belongs to a moment; before the first phase to that one. */
  #at(ms: number): Gathered {
    const past = this.#phases.filter(({ startMs, durationMs }) => startMs + durationMs <= ms)
    const index = past.length
    let gathered = this.#found.get(index)
    if (gathered === undefined) {
      gathered = {
        acknowledged: 0,
        failed: 0,
        response: new MutableSample('response'),
        request: new MutableSample('request'),
      }
      this.#found.set(index, gathered)
    }
    return gathered
  }
}
