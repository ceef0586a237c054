import type { PluginDeclaration } from '../api.ts'
import { websocketElements } from './elements.ts'
import { newParseState, parseOptions, parseRequest } from './parse.ts'

/** Source: reference tsung-protocols.md, 5. */
export const websocketDeclaration: PluginDeclaration = {
  type: 'ts_websocket',
  requestElement: 'websocket',
  doc: 'WebSocket (RFC 6455)',
  elements: websocketElements,
  options: [],
  counters: [
    { name: 'websocket_succ', kind: 'count', isError: false, doc: 'WebSockets opened' },
    { name: 'websocket_fail', kind: 'count', isError: false, doc: 'WebSockets refused' },
    {
      name: 'websocket_messages',
      kind: 'count',
      isError: false,
      doc: 'messages received, asked for or not (ours)',
    },
    {
      name: 'websocket_close_NNNN',
      kind: 'count',
      isError: false,
      doc: 'close frames received, by code; 1005: without one (ours)',
    },
    {
      name: 'websocket_latency',
      kind: 'sample',
      isError: false,
      doc: 'ms from the stamp of a message to its coming (ours)',
    },
    error('handshake', 'an opening handshake that was refused or cannot be read'),
    error('not_connected', 'a request without a WebSocket: none was opened, or it was lost'),
    error('connected', 'a connect while there is a WebSocket'),
    error('closed', 'a close frame of the server in place of an answer'),
    error('deadline', 'not all messages, or no close, within the deadline of a request'),
    error('ping', 'nothing came for as long as keepalive says, not even a pong'),
    error('protocol', 'frames that break the protocol'),
    error('utf8', 'a text, or the reason of a close, that is not UTF-8'),
    error('deflate', 'a compressed message that cannot be read'),
    error('too_long', 'a message of more than 64 MiB'),
    error('backlog', 'a message that came unasked and was too much to be kept for a receive'),
    error('expecting', 'an expression that is none once its variables are replaced'),
  ],
  defaults: { persistent: true, bidi: true },
  transports: ['tcp', 'ssl', 'tcp6', 'ssl6'],
  player: { newParseState, parseOptions, parseRequest },
}

function error(name: string, doc: string): PluginDeclaration['counters'][number] {
  return { name: `error_websocket_${name}`, kind: 'count', isError: true, doc: `${doc} (ours)` }
}
