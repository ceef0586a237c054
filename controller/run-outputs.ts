/** Where a run is told: the files of its folder and the terminal. */
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

/** @param onTrouble told once a file of the first thing that went wrong with it */
export function runOutputs(
  options: Pick<RunOptions, 'quiet' | 'live' | 'logName' | 'report'>,
  io: Pick<RunIo, 'stdout' | 'stderr' | 'outputs'>,
  onTrouble: OnTrouble,
): readonly Output[] {
  const files = [
    tsungLog({ onTrouble, stdout: io.stdout }),
    matchLog({ onTrouble }),
    trafficDump({ onTrouble }),
    keptAnswers({ onTrouble }),
    fullStats({ onTrouble }),
    series({ onTrouble }),
    events({ onTrouble }),
    summary({ onTrouble }),
    ...(io.outputs ?? []),
  ]
  if (options.quiet) return files
  // Statistics on standard output leave it to them.
  const isTaken = options.logName === '-'
  const stream = new PatientStream(isTaken ? io.stderr : io.stdout)
  const tty = !isTaken && options.live && io.stdout.isTTY === true
  return [...files, live(stream, { tty, report: options.report }), settling(stream)]
}
