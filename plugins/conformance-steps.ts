/** What happens on the connection behind the first answer: more requests, pushes, alarms. */
import { toBytes } from '../core/byte-string.ts'
import { cutsOf, cutText, lendInParts } from './conformance-cuts.ts'
import { isSame } from './conformance-data.ts'
import type { ConformanceStep } from './conformance-fixture.ts'
import { checkOutcome } from './conformance-outcome.ts'
import { type Outcome, Player, type Trial } from './conformance-trial.ts'

export function checkSteps(trial: Trial): void {
  const { fixture } = trial
  const steps = fixture.steps ?? []
  if (steps.length === 0) return
  if (fixture.progress === 'close' || fixture.closes === true) {
    trial.fail('nothing can follow on a connection that is closed')
  }
  const requests = steps.map((step) => (step.type === 'request' ? trial.compile(step) : null))
  const outcomes = play(trial, requests, (player, bytes) => player.receive(bytes.slice()))
  for (const [at, step] of steps.entries())
    checkOutcome(trial, outcomes[at]!, step, nameOf(at, step))
  const longest = Math.max(...steps.map((step) => bytesOf(step).length))
  for (const cuts of cutsOf(longest, `${fixture.name}, steps`)) {
    const lent = play(trial, requests, (player, bytes) => {
      lendInParts(trial, player, bytes, inside(cuts, bytes), true)
    })
    const wrong = steps.findIndex((_, at) => !isSame(lent[at], outcomes[at]))
    if (wrong < 0) continue
    const told = `${JSON.stringify(lent[wrong])}, not ${JSON.stringify(outcomes[wrong])}`
    const where = nameOf(wrong, steps[wrong]!)
    trial.fail(`${where}cut ${cutText(cuts)} the outcome is ${told.slice(0, 1000)}`)
  }
}

/** @returns what came of each step */
function play(
  trial: Trial,
  requests: readonly unknown[],
  give: (player: Player, bytes: Uint8Array) => void,
): readonly Outcome[] {
  const player = new Player(trial, 1)
  player.send()
  player.receive(trial.answer.slice())
  return (trial.fixture.steps ?? []).map((step, at) => {
    player.anew()
    if (step.type === 'alarm') sound(trial, player, step, nameOf(at, step))
    else {
      if (step.type === 'request') checkSent(trial, step, player.send(requests[at]), at)
      give(player, toBytes(bytesOf(step)))
    }
    return player.soFar()
  })
}

function sound(
  trial: Trial,
  player: Player,
  { afterMs }: ConformanceStep & { readonly type: 'alarm' },
  where: string,
): void {
  const { alarmMs } = player.soFar()
  if (alarmMs !== afterMs) trial.fail(`${where}the alarm is set for ${alarmMs}, not ${afterMs} ms`)
  player.wake()
}

function checkSent(
  trial: Trial,
  { sent }: ConformanceStep & { readonly type: 'request' },
  got: string,
  at: number,
): void {
  if (sent === undefined || sent === got) return
  const told = `${JSON.stringify(got)}, not ${JSON.stringify(sent)}`
  trial.fail(`step ${at + 1}, a request: sends ${told}`)
}

function bytesOf(step: ConformanceStep): string {
  return step.type === 'request' ? step.answer : step.type === 'push' ? step.bytes : ''
}

function inside(cuts: readonly number[], bytes: Uint8Array): readonly number[] {
  return cuts.filter((at) => at < bytes.length)
}

const articles = { request: 'a request', push: 'a push', alarm: 'an alarm' } as const

function nameOf(at: number, { type }: ConformanceStep): string {
  return `step ${at + 1}, ${articles[type]}: `
}
