import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import type { RunIo } from '../../controller/run-options.ts'

/** What a command prints, kept. */
export interface KeptOutput extends RunIo {
  text(): string
  errors(): string
}

export function terminal(): KeptOutput {
  const out = new Kept()
  const err = new Kept()
  return {
    stdin: Readable.from([]),
    stdout: out,
    stderr: err,
    signals: new EventEmitter(),
    text: () => out.all,
    errors: () => err.all,
  }
}

class Kept extends Writable {
  all = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.all += chunk.toString('utf8')
    done()
  }
}
