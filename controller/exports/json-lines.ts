/**
 * `--json`: the run on standard output, an object a line: `head`, then `second` and `event` as they come, as in
 * series.ndjson and events.ndjson, then `summary` with all that is in summary.json.
 */
import type { Output, RunEvent, RunHead, RunResult, Second } from '../model.ts'
import { PatientStream, type TextStream } from '../outputs/patient-stream.ts'
import { seriesHead, seriesSecond } from '../outputs/series.ts'
import { type OnTrouble, StreamSink } from '../outputs/sink.ts'
import { SummaryBuilder } from '../outputs/summary.ts'

export function jsonLines(stdout: TextStream, onTrouble: OnTrouble): Output {
  // A terminal that is stopped would stop us.
  const patient = stdout.isTTY === true ? new PatientStream(stdout) : null
  const sink = new StreamSink(patient ?? stdout, onTrouble)
  let builder: SummaryBuilder | null = null
  const early: RunEvent[] = []
  let startedAt = 0
  const write = (line: object): void => sink.write(`${JSON.stringify(line)}\n`)
  const writeEvent = (event: RunEvent): void => {
    const time = new Date(startedAt + event.atMs).toISOString()
    write({ type: 'event', event: { time, ...event } })
  }
  return {
    start(head: RunHead): void {
      startedAt = head.startedAt
      builder = new SummaryBuilder(head)
      write({ ...seriesHead(head), folder: head.folder })
      for (const event of early.splice(0)) writeEvent(event)
    },
    second(second: Second): void {
      builder?.second(second)
      write(seriesSecond(second))
    },
    event(event: RunEvent): void {
      if (builder === null) early.push(event)
      else writeEvent(event)
    },
    end(result: RunResult): void {
      if (builder === null) return
      write({ type: 'summary', summary: builder.end(result) })
    },
    async close(): Promise<void> {
      await sink.close()
      await patient?.settled()
    },
  }
}
