/**
 * Tsung's log: a record every 10 s and a final one, read by `tsung_stats.pl`, tsplot and others; as JSON where the
 * scenario says `backend="json"`.
 */
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { Output, RunHead, RunResult, Second } from '../model.ts'
import { FileSink, type OnTrouble, StreamSink, type TextSink } from './sink.ts'
import { jsonForm, type TsungForm, textForm } from './tsung-forms.ts'
import { TsungRecords } from './tsung-record.ts'

export const recordEveryMs = 10_000

/** @param options `stdout`: where `-m -` writes to */
export function tsungLog(options: {
  readonly onTrouble: OnTrouble
  readonly stdout: Writable
}): Output {
  return new TsungLog(options.onTrouble, options.stdout)
}

class TsungLog implements Output {
  readonly #onTrouble: OnTrouble
  readonly #stdout: Writable
  readonly #records = new TsungRecords()
  #form: TsungForm = textForm
  #sink: TextSink | null = null
  #startedAt = 0
  #nextRecordMs = recordEveryMs
  #recordedMs = 0

  constructor(onTrouble: OnTrouble, stdout: Writable) {
    this.#onTrouble = onTrouble
    this.#stdout = stdout
  }

  start(head: RunHead): void {
    this.#startedAt = head.startedAt
    this.#form = head.scenario.backend === 'json' ? jsonForm : textForm
    this.#sink =
      head.logName === '-'
        ? new StreamSink(this.#stdout, this.#onTrouble)
        : new FileSink(join(head.folder, head.logName), this.#onTrouble)
    this.#write(this.#form.begin(head.startedAt))
  }

  second(second: Second): void {
    this.#records.add(second)
    if (second.atMs < this.#nextRecordMs) return
    this.#record(second.atMs)
    while (this.#nextRecordMs <= second.atMs) this.#nextRecordMs += recordEveryMs
  }

  event(): void {
    // The log knows numbers only.
  }

  end(result: RunResult): void {
    // tsung_stats.pl takes two records of one second for one, and would lose the last ten seconds.
    this.#record(Math.max(result.endedAtMs, this.#recordedMs + 1000))
    this.#write(this.#form.end(this.#startedAt + result.endedAtMs))
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }

  #record(atMs: number): void {
    this.#recordedMs = atMs
    this.#write(this.#form.record(this.#startedAt + atMs, this.#records.take()))
  }

  #write(text: string): void {
    if (text !== '') this.#sink?.write(text)
  }
}
