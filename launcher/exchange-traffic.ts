/** What passes between a user and its target: counted, shown by `tsts try`, dumped. */
import type { Engine } from './engine.ts'

/** It is counted by the meter of its request, or by whoever replies. */
export function tellSent({ trace, dump }: Engine, user: number, bytes: string): void {
  trace?.sent(bytes)
  dump?.sent(user, bytes)
}

/** @param bytes lent until it returns */
export function tellReceived(engine: Engine, user: number, bytes: Uint8Array): void {
  const { recorder, trace, dump } = engine
  recorder.sizeReceived += bytes.length
  trace?.received(bytes)
  dump?.received(user, bytes)
}
