/** The host as a machine: its clock, its CPU, and who else runs on it. */
import type { CpuAnswer, OtherRun } from '../../core/wire/probe.ts'
import { plural } from '../outputs/format.ts'
import { type Finding, fault, ok, warning } from './model.ts'
import { asRoot, onHost, type Place, word } from './remedy.ts'

/** A wall clock that is off by less disturbs nobody who reads its logs, in ms. */
const clockToleranceMs = 1000
/** Shares of CPU time. */
const noticedSteal = 0.05
const forbiddingSteal = 0.3
const leastGranted = 0.7
const noticedUse = 0.5

export interface ClockReading {
  /** Of the host's wall clock, ahead of ours. */
  readonly wallMs: number
  /** Half the best round trip: the bound of both errors. */
  readonly errorMs: number
}

export function judgeClock(place: Place, { wallMs, errorMs }: ClockReading): Finding {
  const direction = wallMs >= 0 ? 'ahead' : 'behind'
  const error = `±${errorMs.toFixed(2)} ms`
  const text = `its date is ${Math.abs(wallMs).toFixed(1)} ms ${direction} of ours (${error})`
  const told = `monotonic clocks are compared to ${error}`
  if (Math.abs(wallMs) - errorMs <= clockToleranceMs) return ok('clock', `${text}; ${told}`)
  const remedy = place.isLocal ? asRoot(place, 'timedatectl set-ntp true') : setDate(place)
  return warning('clock', `${text}: no number depends on it, logs of the host do; ${told}`, remedy)
}

/** To our own time, as it is when the command is run. */
function setDate({ isRoot, ssh }: Place): string {
  const sudo = isRoot ? '' : 'sudo '
  return `${ssh.map(word).join(' ')} "${sudo}date -s @$(date +%s.%N)"`
}

export function judgeCpu(place: Place, cpu: CpuAnswer): Finding {
  const { busy, stealIdle, stealBusy, usedIdle, granted } = cpu
  const text =
    `${plural(busy, 'busy core')} got ${percent(granted)} of the time, ` +
    `${percent(stealBusy)} was stolen (${percent(stealIdle)} before)`
  const steal = Math.max(stealIdle, stealBusy)
  if (steal >= noticedSteal) {
    const why =
      `${text}: its hypervisor gives others the time, or its CPU credits are used up; ` +
      'wait for them, or take machines that need none'
    const remedy = onHost(place, 'vmstat 1 10')
    return steal >= forbiddingSteal ? fault('cpu', why, remedy) : warning('cpu', why, remedy)
  }
  if (granted < leastGranted || usedIdle > noticedUse) {
    const why = `${text}: others use this machine (${percent(usedIdle)} of it before), or several of these hosts are one machine`
    return warning('cpu', why, onHost(place, 'ps -eo pid,pcpu,comm --sort=-pcpu | head'))
  }
  return ok('cpu', text)
}

export function judgeRuns(place: Place, runs: readonly OtherRun[]): Finding {
  if (runs.length === 0) return ok('runs', 'no other run of tsts is there')
  const told = runs.map(({ pid, folder }) => `${folder} (process ${pid})`).join(', ')
  const pids = runs.map(({ pid }) => pid).join(' ')
  return warning(
    'runs',
    `${plural(runs.length, 'other run')} of tsts there, to be waited for or ended: ${told}`,
    onHost(place, `kill ${pids}`),
  )
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}
