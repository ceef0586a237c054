/** What goes wrong with frames, and how they end: counted by the protocol and by the server types alike. */
import type { CounterDeclaration } from '../api.ts'

export function websocketError(name: string, doc: string): CounterDeclaration {
  return { name: `error_websocket_${name}`, kind: 'count', isError: true, doc: `${doc} (ours)` }
}

export const frameCounters: readonly CounterDeclaration[] = [
  {
    name: 'websocket_close_NNNN',
    kind: 'count',
    isError: false,
    doc: 'close frames received, by code; 1005: without one (ours)',
  },
  websocketError('protocol', 'frames that break the protocol'),
  websocketError('utf8', 'a text, or the reason of a close, that is not UTF-8'),
  websocketError('too_long', 'a message of more than 64 MiB'),
]
