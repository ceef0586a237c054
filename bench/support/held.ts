/** Memory of the process that holds idle users, while all of them are connected. */
import { median } from './figures.ts'
import { type Memory, memoryOf } from './memory.ts'
import { finished, marked, start } from './processes.ts'
import { okCodes } from './run-tsts.ts'

/** Time for the last answers, and for what the young generation still holds. */
const settleSeconds = 6
/** How long a program has to go on after the last arrival. */
export const holdSeconds = 12

export interface Holding {
  readonly command: readonly string[]
  /** Part of the command line of the process that is measured. */
  readonly holder: string
  readonly arrivalSeconds: number
}

/** @throws when the process ended before its users were idle */
export async function memoryWhileIdle({
  command,
  holder,
  arrivalSeconds,
}: Holding): Promise<Memory> {
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
  const from = (samples[0]?.atMs ?? 0) + (arrivalSeconds + settleSeconds) * 1000
  const to = from + (holdSeconds - settleSeconds - 2) * 1000
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
