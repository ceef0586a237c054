/** events.ndjson: what happened and when, one JSON object a line. */
import { join } from 'node:path'
import type { Output, RunEvent, RunHead } from '../model.ts'
import { FileSink, type OnTrouble } from './sink.ts'

/** A line of events.ndjson. */
export interface EventLine extends RunEvent {
  /** The wall clock's time, ISO 8601 in UTC. */
  readonly time: string
}

export function events(options: { readonly onTrouble: OnTrouble }): Output {
  let sink: FileSink | null = null
  let startedAt = 0
  /** Events from before the head is known. */
  const early: RunEvent[] = []
  const write = (event: RunEvent): void => {
    const line: EventLine = { time: new Date(startedAt + event.atMs).toISOString(), ...event }
    sink?.write(`${JSON.stringify(line)}\n`)
  }
  return {
    start(head: RunHead): void {
      startedAt = head.startedAt
      sink = new FileSink(join(head.folder, 'events.ndjson'), options.onTrouble)
      for (const event of early.splice(0)) write(event)
    },
    second(): void {
      // Seconds stand in series.ndjson.
    },
    event(event: RunEvent): void {
      if (sink) write(event)
      else early.push(event)
    },
    end(): void {
      // The collector's last event says that the run ended.
    },
    async close(): Promise<void> {
      await sink?.close()
    },
  }
}
