import type { PluginDeclaration } from '../api.ts'
import { noOptions } from '../no-options.ts'
import { frameCounters, websocketError } from './counters.ts'
import { websocketElements } from './elements.ts'
import { newParseState, parseRequest } from './parse.ts'

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
      name: 'websocket_latency',
      kind: 'sample',
      isError: false,
      doc: 'ms from the stamp of a message to its coming (ours)',
    },
    ...frameCounters,
    websocketError('handshake', 'an opening handshake that was refused or cannot be read'),
    websocketError(
      'not_connected',
      'a request without a WebSocket: none was opened, or it was lost',
    ),
    websocketError('connected', 'a connect while there is a WebSocket'),
    websocketError('closed', 'a close frame of the server in place of an answer'),
    websocketError('deadline', 'not all messages, or no close, within the deadline of a request'),
    websocketError('ping', 'nothing came for as long as keepalive says, not even a pong'),
    websocketError('deflate', 'a compressed message that cannot be read'),
    websocketError(
      'backlog',
      'a message that came unasked and was too much to be kept for a receive',
    ),
    websocketError('expecting', 'an expression that is none once its variables are replaced'),
  ],
  defaults: { persistent: true, bidi: true },
  transports: ['tcp', 'ssl', 'tcp6', 'ssl6'],
  player: { newParseState, parseOptions: noOptions('ts_websocket'), parseRequest },
}
