/** A search for the highest rate that a target bears: what is asked, what was seen, what is answered. */
import type { Threshold, ThresholdLimit } from '../../core/thresholds/model.ts'

/** The rate that is searched: of users that arrive, or of the turns that all users have together at `<pace/>`. */
export const searched = ['arrivals', 'rate'] as const
export type Searched = (typeof searched)[number]

/** What a rate counts in a second. */
export const countedWords: { readonly [of in Searched]: string } = {
  arrivals: 'users',
  rate: 'turns',
}

/** Rates are users, or turns, per second, over all launchers. */
export interface SearchLimits {
  readonly of: Searched
  /** The first that is tried. */
  readonly from: number
  /** None above it is tried; null: no bound. */
  readonly to: number | null
  /** The answer is found when the lowest rate that was missed is at most so much above it, e.g. 0.05. */
  readonly precision: number
}

export interface StepTimes {
  /** Users come, and nobody has a turn yet: whole seconds, 0 when arrivals are searched. Nothing of it counts. */
  readonly bringUpMs: number
  /** From then on; nothing of it counts either. */
  readonly settleMs: number
  /** Measured after that, at least. */
  readonly measureMs: number
}

/** How a step ended. `held`: all of the objective; `untrusted`: its run was suspect or invalid. */
export type Outcome = 'held' | 'missed' | 'untrusted'

/** What a condition came to in a step, or in all steps of a rate. */
export interface Finding {
  readonly expression: string
  /** Times in ms, shares 0..1; null: nothing of the kind was measured. */
  readonly value: number | null
  /** Standard error of `value`, from slices of the measured time; null: too few of them. */
  readonly error: number | null
  readonly held: boolean
  /** The limit lies within the doubt about `value`. */
  readonly close: boolean
  /** For people: `12.3 ms`. */
  readonly text: string
}

/** One run of the scenario at a rate. */
export interface Step {
  /** 1, 2, 3, … */
  readonly number: number
  readonly ratePerSecond: number
  readonly outcome: Outcome
  /** Of this step and those before it at the same rate. */
  readonly findings: readonly Finding[]
  /** Why the outcome is what it is, when the findings do not tell: one line each. */
  readonly reasons: readonly string[]
  /** Some finding is close. */
  readonly close: boolean
  readonly startedUsers: number
  /** Requests that ended in the measured time. */
  readonly requests: number
  readonly settleMs: number
  readonly measuredMs: number
  /** It was plainly missed, and ended before its time. */
  readonly endedEarly: boolean
  /** Of the run, relative to the search's. */
  readonly folder: string
}

/**
 * found      the answer is within the precision
 * to         the objective held at the highest rate that was to be tried
 * generator  above the answer the load generator was the limit: the target may bear more
 * budget     the time was over before the answer was found
 * interrupted
 * none       the objective held at no rate that was tried
 */
export type AnswerKind = 'found' | 'to' | 'generator' | 'budget' | 'interrupted' | 'none'

export interface Answer {
  readonly kind: AnswerKind
  /** The highest rate at which the objective held; null: none is known. */
  readonly ratePerSecond: number | null
  /** The lowest rate above it at which it was missed; null: none is known. */
  readonly missedPerSecond: number | null
  /** The lowest rate above it at which the load generator was the limit; null: none. */
  readonly untrustedPerSecond: number | null
}

export interface ObjectiveLine {
  readonly expression: string
  /** Times in ms, shares 0..1. */
  readonly limit: number
  readonly of: ThresholdLimit['of']
}

/** What is written as `capacity.json`. */
export interface CapacityReport {
  readonly version: 1
  readonly scenario: string
  readonly objective: readonly ObjectiveLine[]
  readonly answer: Answer
  /** For people, one line. */
  readonly text: string
  readonly limits: SearchLimits
  readonly times: StepTimes
  readonly steps: readonly Step[]
  /** What was noticed besides. */
  readonly notes: readonly string[]
  readonly seed: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly tsts: string
}

/** The conditions that have to hold. */
export type Objective = readonly Threshold[]
