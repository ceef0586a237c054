import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 5. */
export const websocketDeclaration: PluginDeclaration = {
  type: 'ts_websocket',
  requestElement: 'websocket',
  doc: 'WebSocket (RFC 6455)',
  elements: [
    {
      name: 'websocket',
      parents: ['request'],
      content: 'mixed',
      model: '(http_header*)',
      since: '1.5.0',
      doc: 'opens, writes to or closes a WebSocket; the text is the message',
      attributes: {
        type: {
          type: 'enum',
          required: true,
          values: ['connect', 'message', 'close'],
          doc: 'what is done',
        },
        path: { type: 'string', default: '/', substitutable: true, doc: 'connect: the path' },
        origin: { type: 'string', default: '', doc: 'connect: Origin; without it, the server' },
        subprotocols: {
          type: 'string',
          default: '',
          doc: 'connect: Sec-WebSocket-Protocol',
        },
        ack: {
          type: 'enum',
          values: ['no_ack', 'parse'],
          default: 'parse',
          doc: 'message: whether an answer is waited for',
        },
        frame: {
          type: 'enum',
          values: ['binary', 'text'],
          default: 'binary',
          doc: 'message: the kind of frame',
        },
      },
    },
  ],
  options: [],
  counters: [
    { name: 'websocket_succ', kind: 'count', isError: false, doc: 'WebSockets opened' },
    { name: 'websocket_fail', kind: 'count', isError: false, doc: 'WebSockets refused' },
  ],
  defaults: { persistent: true, bidi: true },
  transports: ['tcp', 'ssl'],
}
