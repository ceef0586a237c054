/** match.log (always there, with its header) and launchers.log: lines as the launchers sent them. */
import { join } from 'node:path'
import type { Output, RunHead } from '../model.ts'
import { FileSink, type OnTrouble } from './sink.ts'

export const matchLogHeader = '# timestamp userid sessionid requestid event transaction name'

export function matchLog(options: { readonly onTrouble: OnTrouble }): Output {
  let folder = ''
  let matches: FileSink | null = null
  let log: FileSink | null = null
  return {
    start(head: RunHead): void {
      folder = head.folder
      matches = new FileSink(join(folder, 'match.log'), options.onTrouble)
      matches.write(`${matchLogHeader}\n`)
    },
    lines(stream, lines): void {
      const text = lines.map((line) => `${line}\n`).join('')
      if (stream === 'match') matches?.write(text)
      else if (stream === 'log') {
        log ??= new FileSink(join(folder, 'launchers.log'), options.onTrouble)
        log.write(text)
      }
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
      await Promise.all([matches?.close(), log?.close()])
    },
  }
}
