/** match.log (always there, with its header), tsung.dump and launchers.log: lines as the launchers sent them. */
import { join } from 'node:path'
import type { Output, RunHead } from '../model.ts'
import { FileSink, type OnTrouble } from './sink.ts'

export const matchLogHeader = '# timestamp userid sessionid requestid event transaction name'

const dumpHeaders: { readonly [mode: string]: string } = {
  protocol:
    '#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag',
}

export function matchLog(options: { readonly onTrouble: OnTrouble }): Output {
  const sinks = new Map<string, FileSink>()
  let folder = ''
  const sinkOf = (name: string): FileSink => {
    const sink = sinks.get(name) ?? new FileSink(join(folder, name), options.onTrouble)
    sinks.set(name, sink)
    return sink
  }
  return {
    start(head: RunHead): void {
      folder = head.folder
      sinkOf('match.log').write(`${matchLogHeader}\n`)
      const dump = head.scenario.dumpTraffic
      if (dump === 'false') return
      const header = dumpHeaders[dump]
      sinkOf('tsung.dump').write(header === undefined ? '' : `${header}\n`)
    },
    lines(stream, lines): void {
      if (lines.length > 0) sinkOf(fileOf[stream]).write(`${lines.join('\n')}\n`)
    },
    second(): void {
      // Lines come by themselves.
    },
    event(): void {
      // Events stand in events.ndjson.
    },
    end(): void {
      // Nothing stands at the end of these files.
    },
    async close(): Promise<void> {
      await Promise.all([...sinks.values()].map((sink) => sink.close()))
    },
  }
}

const fileOf = { match: 'match.log', dump: 'tsung.dump', log: 'launchers.log' } as const
