/** What a run's folder holds, read back. Lines that a crash or a full disk cut are skipped and counted. */
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EventLine } from '../outputs/events.ts'
import type { SeriesHead, SeriesHealth, SeriesLine } from '../outputs/series.ts'
import type { Summary } from '../outputs/summary.ts'
import type { Chart } from './charts.ts'
import { DistributionBuilder, type Distributions, type HeatMap } from './distribution.ts'
import { distributionNames } from './distribution-charts.ts'
import { HostTracks } from './host-tracks.ts'
import { MonitoredTracks } from './monitored.ts'
import { type PhaseTimes, PhaseTimesBuilder } from './phase-times.ts'
import { Rebuilder } from './rebuilt.ts'
import { linesOf, parsed, readHead, readSummary, readText } from './run-lines.ts'
import { type Timeline, TimelineBuilder } from './timeline.ts'

export interface RunFiles {
  /** Base name of the folder. */
  readonly name: string
  readonly head: SeriesHead
  readonly summary: Summary
  /** The run left no summary: this one was rebuilt from the series. */
  readonly rebuilt: boolean
  readonly timeline: Timeline
  readonly distributions: Distributions
  readonly heatMap: HeatMap | null
  readonly phaseTimes: readonly PhaseTimes[]
  readonly health: readonly SeriesHealth[]
  /** Over time; none of what was not told. */
  readonly hostCharts: readonly Chart[]
  readonly monitoredCharts: readonly Chart[]
  readonly events: readonly EventLine[]
  /** The scenario's XML, or null when it is not in the folder. */
  readonly scenario: string | null
  /** Lines that could not be read. */
  readonly brokenLines: number
}

/** @throws {ReportError} when there is no series, or it is of another version */
export async function readRun(folder: string): Promise<RunFiles> {
  const path = join(folder, 'series.ndjson')
  const head = await readHead(path)
  const summary = await readSummary(folder)
  const lastMs = summary?.durationMs ?? (await lastMsOf(path))
  const timeline = new TimelineBuilder(head, lastMs)
  const isFelt = summary === null || summary.metrics['response'] !== undefined
  const distribution = new DistributionBuilder(isFelt ? 'response' : 'request')
  const phaseTimes = new PhaseTimesBuilder(head)
  const health: SeriesHealth[] = []
  const hosts = new HostTracks(lastMs)
  const monitored = new MonitoredTracks(lastMs)
  const rebuilder = summary ? null : new Rebuilder(head)
  let brokenLines = 0
  for await (const line of linesOf<SeriesLine>(path)) {
    if (line === null) brokenLines++
    else if (line.type === 'second') {
      timeline.second(line)
      phaseTimes.second(line)
      hosts.second(line)
      rebuilder?.second(line)
    } else if (line.type === 'histograms') {
      timeline.histograms(line)
      distribution.histograms(line)
      phaseTimes.histograms(line)
      rebuilder?.histograms(line)
    } else if (line.type === 'health') health.push(line)
    else if (line.type === 'monitored') monitored.line(line)
  }
  const events: EventLine[] = []
  for await (const event of linesOf<EventLine>(join(folder, 'events.ndjson'))) {
    if (event) events.push(event)
    else brokenLines++
  }
  return {
    name: basename(folder),
    head,
    summary: summary ?? rebuilder!.build(),
    rebuilt: summary === null,
    timeline: timeline.build(),
    distributions: distribution.distributions(distributionNames),
    heatMap: distribution.heatMap(),
    phaseTimes: phaseTimes.build(),
    health,
    hostCharts: hosts.charts(),
    monitoredCharts: monitored.charts(),
    events,
    scenario: await readText(join(folder, basename(head.scenario.file))),
    brokenLines,
  }
}

/** Time of the last whole line that has one, from the end of the file. */
async function lastMsOf(path: string): Promise<number> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, 4 * 1024 * 1024)
    const bytes = Buffer.alloc(length)
    await handle.read(bytes, 0, length, size - length)
    for (const text of bytes.toString('utf8').split('\n').reverse()) {
      const line = parsed<SeriesLine>(text)
      if (line?.type === 'second' || line?.type === 'end') return line.atMs
    }
    return 0
  } finally {
    await handle.close()
  }
}
