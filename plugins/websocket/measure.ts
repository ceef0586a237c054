import type { DecodeSink } from '../api.ts'

const at = 64

/** Finds the stamp in a message, wherever it stands. */
export function measure(message: Uint8Array, sink: DecodeSink): void {
  for (let from = message.indexOf(at); from >= 0; from = message.indexOf(at, from + 1)) {
    if (message[from + 1] !== at || message[from + 2] !== at) continue
    if (sink.delivered(message.subarray(from), 'websocket_latency')) return
  }
}
