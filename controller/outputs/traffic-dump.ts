/**
 * tsung.dump, what `dumptraffic` asks for. Source: reference tsung-core.md, 8.6.
 *
 * | mode | file | content |
 * | --- | --- | --- |
 * | `true`, `light` | tsung.dump | `NewClient` and `EndClient`, each with the users that play behind it; `Send`, `Recv` |
 * | `protocol` | tsung.dump | a header, then a line a request |
 * | `protocol_local` | tsung-LAUNCHER.dump | the same lines without header; tsung.dump stays empty |
 */
import { join } from 'node:path'
import { byteString } from '../../core/byte-string.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import type { Output, OutputStream, RunHead } from '../model.ts'
import { FileSink, type OnTrouble } from './sink.ts'

export const protocolHeader =
  '#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag'

export function trafficDump(options: { readonly onTrouble: OnTrouble }): Output {
  return new TrafficDump(options.onTrouble)
}

class TrafficDump implements Output {
  readonly #onTrouble: OnTrouble
  readonly #sinks = new Map<string, FileSink>()
  #folder = ''
  #mode: Scenario['dumpTraffic'] = 'false'
  #users = 0

  constructor(onTrouble: OnTrouble) {
    this.#onTrouble = onTrouble
  }

  start({ folder, scenario, plan }: RunHead): void {
    this.#folder = folder
    this.#mode = scenario.dumpTraffic
    if (this.#mode === 'false') return
    const sink = this.#sink('tsung.dump')
    if (this.#mode === 'protocol') sink.write(`${protocolHeader}\n`)
    if (this.#mode !== 'protocol_local') return
    for (const { launcher } of plan.launchers) this.#sink(`tsung-${launcher}.dump`)
  }

  lines(stream: OutputStream, lines: readonly string[], launcher: number): void {
    if (stream !== 'dump') return
    const name = this.#mode === 'protocol_local' ? `tsung-${launcher}.dump` : 'tsung.dump'
    const countsUsers = this.#mode === 'true' || this.#mode === 'light'
    let text = ''
    for (const line of lines) {
      text += `${byteString(line)}\n`
      if (countsUsers) text += this.#load(line)
    }
    this.#sink(name).write(text)
  }

  second(): void {
    // Lines come by themselves.
  }

  event(): void {
    // Events stand in events.ndjson.
  }

  end(): void {
    // Nothing stands at the end of these files.
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()))
  }

  /** The line behind a user's first and last. */
  #load(line: string): string {
    if (line.startsWith('NewClient:')) this.#users++
    else if (line.startsWith('EndClient:')) this.#users--
    else return ''
    return `load:${this.#users}\n`
  }

  #sink(name: string): FileSink {
    let sink = this.#sinks.get(name)
    if (sink === undefined) {
      sink = new FileSink(join(this.#folder, name), this.#onTrouble, 'latin1')
      this.#sinks.set(name, sink)
    }
    return sink
  }
}
