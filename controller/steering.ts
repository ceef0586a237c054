/** How a run that goes on is steered: what is asked is checked, done, and told with who did it. */
import type { RunEvent, Steering, SteeringChange } from './model.ts'
import { UsageError } from './usage-error.ts'

/** As the scenario has it. */
export const unsteered: Steering = {
  arrivalFactor: 1,
  thinkTimeFactor: 1,
  requestsPerSecond: null,
  paused: false,
}

/** Greatest factor, and greatest rate of requests per second: more is a slip of the finger. */
const maxFactor = 1000
const maxRate = 1e9

/** Does what is asked of the launchers. */
export type Steer = (change: SteeringChange) => Steering

export class Helm {
  readonly #steer: Steer
  readonly #tell: (event: Omit<RunEvent, 'atMs'>) => void
  #now: Steering = unsteered

  /** @param tell writes the event of each change down */
  constructor(steer: Steer, tell: (event: Omit<RunEvent, 'atMs'>) => void) {
    this.#steer = steer
    this.#tell = tell
  }

  get now(): Steering {
    return this.#now
  }

  /**
   * @param who for people
   * @throws {UsageError} when the run cannot be steered so
   */
  change(who: string, change: SteeringChange): Steering {
    const from = this.#now
    const to = this.#steered(change)
    this.#now = to
    const text = `${who}: ${changeText(from, to, change.skipPhase === true)}`
    this.#tell({ type: 'steered', text, steering: { who, from, to } })
    return to
  }

  /** @throws {UsageError} */
  #steered(change: SteeringChange): Steering {
    try {
      return this.#steer(change)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new UsageError(error.message, { cause: error })
    }
  }

  /** A change that another controller of this run was asked for. */
  changed({ steering }: Pick<RunEvent, 'steering'>): void {
    if (steering !== undefined) this.#now = steering.to
  }
}

/** `arrivals x 1 to x 1.5, paused` */
export function changeText(from: Steering, to: Steering, skipPhase: boolean): string {
  const parts: string[] = []
  if (from.arrivalFactor !== to.arrivalFactor) {
    parts.push(`arrivals × ${from.arrivalFactor} to × ${to.arrivalFactor}`)
  }
  if (from.thinkTimeFactor !== to.thinkTimeFactor) {
    parts.push(`think times × ${from.thinkTimeFactor} to × ${to.thinkTimeFactor}`)
  }
  if (from.requestsPerSecond !== to.requestsPerSecond) {
    parts.push(
      `constant rate ${rateName(from.requestsPerSecond)} to ${rateName(to.requestsPerSecond)}`,
    )
  }
  if (from.paused !== to.paused) parts.push(to.paused ? 'paused' : 'resumed')
  if (skipPhase) parts.push('the phase ends now')
  return parts.length === 0 ? 'nothing changes' : parts.join(', ')
}

/** How it is steered now, in short; empty when it is not. */
export function steeringText(now: Steering): string {
  const text = changeText(unsteered, { ...now, paused: false }, false)
  const factors =
    text === 'nothing changes' ? [] : [text.replaceAll(/ × 1 to| the scenario’s to/g, '')]
  return [...(now.paused ? ['paused'] : []), ...factors].join(', ')
}

function rateName(requestsPerSecond: number | null): string {
  return requestsPerSecond === null ? 'the scenario’s' : `${requestsPerSecond}/s`
}

/**
 * What somebody wants changed, from outside.
 *
 * @throws {UsageError} when it is no change
 */
export function parseChange(value: unknown): SteeringChange {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('a change is an object, such as {"arrivalFactor": 1.5}')
  }
  const change: { -readonly [Name in keyof SteeringChange]: SteeringChange[Name] } = {}
  for (const [name, given] of Object.entries(value)) {
    switch (name) {
      case 'arrivalFactor':
      case 'thinkTimeFactor':
        change[name] = number(name, given, 0, maxFactor)
        break
      case 'requestsPerSecond':
        change[name] = given === null ? null : number(name, given, 0, maxRate)
        break
      case 'paused':
        if (typeof given !== 'boolean') throw new UsageError('paused is true or false')
        change[name] = given
        break
      case 'skipPhase':
        if (given !== true) throw new UsageError('skipPhase is true or is left out')
        change[name] = given
        break
      default:
        throw new UsageError(`there is nothing called ${name.slice(0, 40)} to change`)
    }
  }
  if (Object.keys(change).length === 0) throw new UsageError('nothing to change was given')
  return change
}

function number(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new UsageError(`${name} is a number from ${min} to ${max}`)
}
