/** Whether the users of a step could have had their turns at all: a rate that they cannot ask for says nothing. Pure. */
import { countText, rateText } from '../outputs/format.ts'
import type { MeasuredStep } from './judge-step.ts'

/** Part of the turns that may be missing. */
const slack = 0.01
/** Fewer of the users that wait for an answer, and it is not the target that keeps them from their turns. */
const waitingPart = 0.5

/**
 * @param step of a search for a constant rate
 * @returns why the users are the limit, and not the target; null: they are not
 */
export function usersLimit(step: MeasuredStep, ratePerSecond: number): string | null {
  const seconds = step.reduce((sum, { lengthMs }) => sum + lengthMs, 0) / 1000
  if (seconds === 0) return null
  const due = step.reduce((sum, { turns }) => sum + (turns?.due ?? 0), 0)
  const users = step.at(-1)!.turns?.users ?? 0
  // Where a second begins and ends a turn may be counted in the next one.
  if (due + 2 < ratePerSecond * seconds * (1 - slack)) {
    return `${rateText(due / seconds)} turns a second came about: ${countText(users)} users play, and not all of them take turns, or they have ended`
  }
  const half = step.slice(Math.floor(step.length / 2))
  const [first, last] = [half[0]!, half.at(-1)!]
  const owed = (last.turns?.owed ?? 0) - (first.turns?.owed ?? 0)
  const inFlight = half.reduce((sum, each) => sum + each.inFlight, 0) / half.length
  const isOwing = owed > 0 && owed > last.inFlight - first.inFlight
  if (!isOwing || inFlight >= waitingPart * users) return null
  return (
    `users come too late for their turns, but ${countText(Math.round(inFlight))} of ${countText(users)} only wait for an answer: ` +
    'their sessions take too long for this rate; more users, or less think time, would ask for it'
  )
}
