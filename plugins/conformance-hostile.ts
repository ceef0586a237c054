/** Bytes and alarms that no peer should bring, while an answer is awaited and while none is. */
import { fromBytes } from '../core/byte-string.ts'
import { stream } from '../core/random.ts'
import type { Progress } from './api.ts'
import { damaged, noise } from './conformance-bytes.ts'
import { Player, type Trial } from './conformance-trial.ts'

const rounds = 300
const progresses: readonly string[] = [
  'more',
  'done',
  'close',
  'failed',
  'unexpected',
  'upgrade',
] satisfies readonly Progress[]

export function checkHostile(trial: Trial): void {
  const random = stream('conformance', 'hostile', trial.fixture.name)
  for (let round = 0; round < rounds; round++) {
    const bytes = round % 3 === 0 ? noise(random) : damaged(trial.answer, random)
    const cut = Math.floor(random() * bytes.length)
    const isIdle = round % 2 === 1 && trial.fixture.progress === 'done'
    try {
      playHostile(trial, bytes, cut, isIdle)
    } catch (error) {
      const shown = JSON.stringify(fromBytes(bytes.subarray(0, 200)))
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      const when = isIdle ? ', while nothing is awaited' : ''
      trial.fail(`hostile bytes ${shown}, cut at ${cut}${when}, give ${text}`)
    }
  }
}

function playHostile(trial: Trial, bytes: Uint8Array, cut: number, isIdle: boolean): void {
  const player = new Player(trial, 1)
  player.send()
  if (isIdle) player.receive(trial.answer.slice())
  for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) {
    if (part.length === 0) continue
    const progress = player.receive(part)
    part.fill(0x58)
    if (!isKnown(progress)) return
    // A keepalive may be due at any time.
    if (player.soFar().alarmMs !== Infinity && !isKnown(player.wake())) return
  }
  if (!isIdle && player.soFar().progress === 'more') isKnown(player.end())
}

/** @returns false when the connection is over, or goes on under TLS @throws {Error} when there is no such progress */
function isKnown(progress: string): boolean {
  if (progress.startsWith('ProtocolError ')) return false
  if (!progresses.includes(progress)) throw new Error(`an unknown progress ${progress}`)
  return progress !== 'close' && progress !== 'upgrade'
}
