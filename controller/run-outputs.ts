/** Where a run is told: the files of its folder and the terminal. */
import { exportOutputs } from './exports/exports.ts'
import { live } from './live/live.ts'
import type { Output } from './model.ts'
import { events } from './outputs/events.ts'
import { fullStats } from './outputs/full-stats.ts'
import { keptAnswers } from './outputs/kept-answers.ts'
import { matchLog } from './outputs/match-log.ts'
import { PatientStream, settling } from './outputs/patient-stream.ts'
import { series } from './outputs/series.ts'
import type { OnTrouble } from './outputs/sink.ts'
import { summary } from './outputs/summary.ts'
import { trafficDump } from './outputs/traffic-dump.ts'
import { tsungLog } from './outputs/tsung-log.ts'
import type { RunIo, RunOptions } from './run-options.ts'

export interface OutputHooks {
  /** Told once a file, or whatever else is written to, of the first thing that went wrong with it. */
  readonly trouble: OnTrouble
  /** The same, of files of the run's folder only: they are not whole. */
  readonly lost: OnTrouble
}

export function runOutputs(
  options: Pick<RunOptions, 'quiet' | 'live' | 'logName' | 'report' | 'exports'>,
  io: Pick<RunIo, 'stdout' | 'stderr' | 'outputs'>,
  hooks: OutputHooks,
): readonly Output[] {
  const say = (text: string): void => {
    if (!options.quiet) io.stderr.write(`tsts: ${text}\n`)
  }
  const onTrouble = (text: string): void => {
    hooks.lost(text)
    hooks.trouble(text)
  }
  const files = [
    tsungLog({ onTrouble, stdout: io.stdout }),
    matchLog({ onTrouble }),
    trafficDump({ onTrouble }),
    keptAnswers({ onTrouble }),
    fullStats({ onTrouble }),
    series({ onTrouble }),
    events({ onTrouble }),
    summary({ onTrouble }),
    ...exportOutputs(options.exports, io.stdout, hooks.trouble, say),
    ...(io.outputs ?? []),
  ]
  if (options.quiet) return files
  // Statistics on standard output leave it to them.
  const isTaken = options.logName === '-' || options.exports.json
  const stream = new PatientStream(isTaken ? io.stderr : io.stdout)
  const tty = !isTaken && options.live && io.stdout.isTTY === true
  return [...files, live(stream, { tty, report: options.report }), settling(stream)]
}
