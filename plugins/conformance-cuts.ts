/** The same bytes, cut everywhere, and overwritten once `decode` has returned. */
import { stream } from '../core/random.ts'
import { isSame } from './conformance-data.ts'
import { type Outcome, Player, playWhole, type Trial } from './conformance-trial.ts'

/** Bytes up to this many are cut at every one. */
const everyCutUpTo = 2000
const randomCuts = 300

export function checkCuts(trial: Trial): void {
  const { answer } = trial
  const whole = playWhole(trial, 1)
  for (const cuts of cutsOf(answer.length, trial.fixture.name)) checkCut(trial, whole, cuts)
}

/** Each with increasing places, all inside. */
export function* cutsOf(length: number, name: string): Generator<readonly number[]> {
  const random = stream('conformance', 'cuts', name)
  if (length <= everyCutUpTo) {
    for (let at = 1; at < length; at++) yield [at]
    yield Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1)
  }
  for (let count = 0; count < randomCuts; count++) {
    const cuts = Array.from({ length: 1 + (count % 6) }, () => Math.floor(random() * length))
    yield [...new Set(cuts)].filter((at) => at > 0).sort((a, b) => a - b)
  }
}

/** Where something was cut, for people. */
export function cutText(cuts: readonly number[]): string {
  return cuts.length > 10 ? 'byte by byte' : `at ${cuts.join(', ')}`
}

function checkCut(trial: Trial, whole: Outcome, cuts: readonly number[]): void {
  const lent = playCut(trial, cuts, true)
  if (isSame(lent, whole)) return
  const where = cutText(cuts)
  if (isSame(playCut(trial, cuts, false), whole)) {
    trial.fail(`keeps bytes that were lent: cut ${where} they are overwritten after decode`)
  }
  const told = `${JSON.stringify(lent)}, not ${JSON.stringify(whole)}`
  trial.fail(`cut ${where} the outcome is ${told.slice(0, 1000)}`)
}

/** @param overwrites one buffer lends every part, as the engine does */
function playCut(trial: Trial, cuts: readonly number[], overwrites: boolean): Outcome {
  const player = new Player(trial, 1)
  player.send()
  lendInParts(trial, player, trial.answer, cuts, overwrites)
  return player.finish()
}

/** Gives a player bytes in parts. @param overwrites see above */
export function lendInParts(
  trial: Trial,
  player: Player,
  bytes: Uint8Array,
  cuts: readonly number[],
  overwrites: boolean,
): void {
  const buffer = new Uint8Array(bytes.length)
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    const part = bytes.subarray(from, to)
    let given = part.slice()
    if (overwrites) {
      buffer.set(part)
      given = buffer.subarray(0, part.length)
    }
    const progress = player.receive(given)
    if (!part.every((byte, at) => given[at] === byte)) trial.fail('writes bytes that were lent')
    buffer.fill(0x58)
    if (progress !== 'more' && to < bytes.length) {
      trial.fail(`ends with ${progress} after ${to} of ${bytes.length} bytes`)
    }
    from = to
  }
}
