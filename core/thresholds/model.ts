/** A condition on what a run measures: under which it has failed, or is ended early. Plain data. */

export interface Threshold {
  /** As it was written, without blanks around it. */
  readonly expression: string
  readonly value: ThresholdValue
  readonly comparison: Comparison
  readonly limit: ThresholdLimit
  /** The scenario's own number of the phase (`arrivalphase/@phase`) it is about; null: the whole run. */
  readonly phase: number | null
  /** From the start of the run or of the phase; what comes before does not count. */
  readonly afterMs: number
  /**
   * Length of a window that slides over the run: the condition is looked at every second, and has held when it did
   * once. Null: all that counts together, or for `abort-if` the usual window.
   */
  readonly overMs: number | null
}

export type Comparison = '<' | '<=' | '>' | '>='

/** Times are ms. A name may be a pattern with `*` where counters are added up. */
export type ThresholdValue =
  | { readonly type: 'percentile'; readonly p: number; readonly name: string }
  | { readonly type: 'mean' | 'min' | 'max' | 'stddev'; readonly name: string }
  /** How often; of a sum its amount. */
  | { readonly type: 'count'; readonly name: string }
  /** The same in a second. */
  | { readonly type: 'rate'; readonly name: string }
  /** The same as a part of all requests that came to an end, 0..1. */
  | { readonly type: 'share'; readonly name: string }
  /** Users started. */
  | { readonly type: 'users' }

/** `planned`: a part of what the plan made due. */
export interface ThresholdLimit {
  readonly number: number
  readonly of: 'ms' | 'count' | 'rate' | 'share' | 'planned'
}

/** What a threshold is for. */
export type ThresholdKind = 'fail-if' | 'abort-if'

/** A threshold, and what happens when its condition holds. */
export interface Condition {
  readonly kind: ThresholdKind
  readonly threshold: Threshold
}

/** Requests that got no whole answer, as a part of all: what `error_rate` stands for. */
export const failedRequests = 'tsts_failed'

/** Names of gauges: sampled once a second. */
export const gaugeNames: readonly string[] = ['users', 'connected']
