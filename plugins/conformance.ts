/**
 * What every plugin has to keep, checked on recorded answers: published as `tsts/plugin-test`, for built-in and
 * third-party plugins alike.
 *
 * | check       | holds when                                                                             |
 * | ----------- | -------------------------------------------------------------------------------------- |
 * | declaration | elements, options and counters fit together, and each has its doc                      |
 * | request     | its element can be read, its data survives JSON, is never written, and becomes the same bytes each time |
 * | outcome     | the answer ends as the fixture says, with declared counters of the right kind, on its last byte |
 * | again       | the connection takes the same request and answer once more                             |
 * | steps       | further requests, pushes and alarms on the connection come to what the fixture says    |
 * | cuts        | the outcome is the same however the answer, or what follows it, is cut                 |
 * | lent        | it is the same when the bytes are overwritten after `decode`, and `decode` writes none |
 * | hostile     | broken answers and noise, awaited or not, and alarms give a `Progress` or a `ProtocolError` with a declared code |
 * | variables   | other values give other bytes, and two users who ask in turns send what each sends alone |
 * | interleaved | two users whose answers arrive in turns see what each sees alone                       |
 */
import { toBytes } from '../core/byte-string.ts'
import type { AnyPlugin } from './api.ts'
import { checkCuts } from './conformance-cuts.ts'
import { isSame } from './conformance-data.ts'
import type { ConformanceFixture } from './conformance-fixture.ts'
import { checkHostile } from './conformance-hostile.ts'
import { checkOutcome } from './conformance-outcome.ts'
import { checkSteps } from './conformance-steps.ts'
import { checkBytes, Player, playWhole, Trial } from './conformance-trial.ts'
import { declarationFaults, documentationFaults } from './declaration-faults.ts'

export type * from './conformance-fixture.ts'

/**
 * Checks a plugin; deterministic.
 *
 * @throws {Error} on the first violation, saying which fixture and what was wrong
 */
export function checkPlugin(plugin: AnyPlugin, fixtures: readonly ConformanceFixture[]): void {
  if (fixtures.length === 0) throw new Error('conformance: no fixture was given')
  checkDeclaration(plugin)
  for (const fixture of fixtures) {
    const trial = new Trial(plugin, fixture)
    checkRequest(trial)
    checkVariables(trial)
    checkAnswer(trial)
    checkAgain(trial)
    checkSteps(trial)
    checkCuts(trial)
    checkHostile(trial)
  }
  for (let at = 0; at < fixtures.length; at++) {
    const first = new Trial(plugin, fixtures[at]!)
    checkInterleaved(first, new Trial(plugin, fixtures[(at + 1) % fixtures.length]!))
  }
}

function checkDeclaration({ declaration }: AnyPlugin): void {
  const [fault] = [...declarationFaults(declaration), ...documentationFaults(declaration)]
  if (fault !== undefined) throw new Error(`conformance: ${declaration.type}: ${fault}`)
}

function checkRequest(trial: Trial): void {
  const { plugin, fixture } = trial
  const sent = new Player(trial, 1).send()
  checkBytes(trial, sent, 'sends')
  if (fixture.sent !== undefined && fixture.sent !== sent) {
    trial.fail(`sends ${JSON.stringify(sent)}, not ${JSON.stringify(fixture.sent)}`)
  }
  const compiledAgain = new Player(new Trial(plugin, fixture), 1).send()
  if (compiledAgain !== sent) trial.fail('compiled again, its request has other bytes')
  if (new Player(trial, 1).send() !== sent) trial.fail('a second user changes a shared request')
}

function checkVariables(trial: Trial): void {
  const own = firstBytes(trial, null)
  for (const name of Object.keys(trial.fixture.variables ?? {})) {
    const changed = firstBytes(trial, name)
    if (changed === own) trial.fail(`with another value of ${name} it sends the same`)
    const players = [new Player(trial, 1), new Player(trial, 1, true, name)]
    for (const player of players) player.prepare()
    const sent = players.map((player) => player.encode())
    const all = sent.map((bytes, at) => bytes + repliesTo(trial, players[at]!))
    if (!isSame(all, [own, changed])) trial.fail(`two users that differ in ${name} get mixed up`)
  }
}

/** What a user sends, in reply to the answer too: a request may have to wait for a greeting or a login. */
function firstBytes(trial: Trial, changed: string | null): string {
  const player = new Player(trial, 1, true, changed)
  return player.send() + repliesTo(trial, player)
}

function repliesTo(trial: Trial, player: Player): string {
  player.receive(trial.answer.slice())
  return player.soFar().replies
}

function checkAnswer(trial: Trial): void {
  const { fixture } = trial
  const whole = playWhole(trial, 1)
  checkOutcome(trial, whole, fixture)
  const { progress, counters } = playWhole(trial, 1, false)
  if (progress !== whole.progress || !isSame(counters, whole.counters)) {
    trial.fail('its outcome depends on whether the content is wanted')
  }
}

function checkAgain(trial: Trial): void {
  const { fixture } = trial
  // What comes before a first answer alone, a login, cannot come again.
  if (fixture.progress !== 'done' || fixture.steps !== undefined) return
  const player = new Player(trial, 1)
  const again = fixture.again === undefined ? trial.answer : toBytes(fixture.again)
  for (const [round, answer] of [
    ['first', trial.answer],
    ['second', again],
  ] as const) {
    player.send()
    player.receive(answer.slice())
    const { progress, counters } = player.soFar()
    if (progress !== 'done' || !isSame(counters, fixture.counters)) {
      trial.fail(`the ${round} answer on a connection ends with ${progress}`)
    }
  }
}

function checkInterleaved(first: Trial, second: Trial): void {
  const alone = [playWhole(first, 1), playWhole(second, 2)]
  const trials = [first, second]
  const players = [new Player(first, 1), new Player(second, 2)]
  for (const player of players) player.send()
  const longest = Math.max(first.answer.length, second.answer.length)
  for (let at = 0; at < longest; at++) {
    for (const [index, player] of players.entries()) {
      const { answer } = trials[index]!
      if (at < answer.length) player.receive(answer.slice(at, at + 1))
    }
  }
  for (const [index, player] of players.entries()) {
    if (isSame(player.finish(), alone[index])) continue
    trials[index]!.fail(`differs when another user plays "${trials[1 - index]!.fixture.name}"`)
  }
}
