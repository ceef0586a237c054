/** Idle users: what they play, and the memory of the process that holds them while all of them are connected. */
import { median } from './figures.ts'
import { type Memory, memoryOf } from './memory.ts'
import { finished, marked, start } from './processes.ts'
import { okCodes } from './run-tsts.ts'
import { type ScenarioParts, scenario } from './scenario.ts'

/** Users of the process that the one with many is compared with: enough for a launcher to warm up, as it does with many. */
export const few = 500
/** Time for the last answers, and for what the young generation still holds. */
const settleSeconds = 6
/** How long a program has to go on after the last arrival. */
export const holdSeconds = 12

type IdleParts = Pick<ScenarioParts, 'port' | 'tls' | 'options' | 'type' | 'session'>

/**
 * Users that come in `arrivalSeconds` and stay. Tsung's waits add up to more than their mean half the time: it has twice
 * as long, and the number of users ends the phase, not its time. Handshakes of TLS take long enough: there it is not run.
 */
export function idleScenario(users: number, arrivalSeconds: number, parts: IdleParts): string {
  const seconds = (parts.tls ? 1 : 2) * arrivalSeconds + holdSeconds
  return scenario({
    ...parts,
    // The connections of earlier runs keep the ports of 127.0.0.1 for a minute.
    sources: 4,
    loadAttributes: `duration="${seconds}" unit="second"`,
    load: `<arrivalphase phase="1" duration="${3 * arrivalSeconds + 10}" unit="second">
      <users arrivalrate="${users / arrivalSeconds}" unit="second" maxnumber="${users}"/>
    </arrivalphase>`,
  })
}

/**
 * Of the last seconds, before the end takes users away.
 *
 * @param holder part of the command line of the process that is measured
 * @throws when the process ended before its users were idle
 */
export async function memoryWhileIdle(command: readonly string[], holder: string): Promise<Memory> {
  const ended = finished(start(1, command), command, okCodes)
  const samples: { readonly atMs: number; readonly memory: Memory }[] = []
  const sampling = setInterval(() => {
    const pid = marked().find((each) => each.command.includes(holder))?.pid ?? 0
    const memory = memoryOf(pid)
    if (memory !== null) samples.push({ atMs: performance.now(), memory })
  }, 500)
  try {
    await ended
  } finally {
    clearInterval(sampling)
  }
  const lastMs = samples.at(-1)?.atMs ?? 0
  const from = lastMs - (holdSeconds - settleSeconds) * 1000
  const to = lastMs - 2000
  const kept = samples.filter(({ atMs }) => atMs >= from && atMs <= to)
  if (kept.length === 0) throw new Error('the process ended before its users were idle')
  const middle = (of: keyof Memory): number => median(kept.map(({ memory }) => memory[of]))
  return { rssBytes: middle('rssBytes'), pssBytes: middle('pssBytes') }
}

/** Of the process that holds the users. */
export const holders = {
  tsts: 'launcher.mjs launcher',
  tsung: 'beam.smp',
} as const
