import type { PluginDeclaration } from '../api.ts'
import { noOptions } from '../no-options.ts'
import { parseRequest } from './parse.ts'

/** Source: reference tsung-protocols.md, 13. */
export const rawDeclaration: PluginDeclaration = {
  type: 'ts_raw',
  requestElement: 'raw',
  doc: 'any bytes over TCP, TLS or UDP',
  elements: [
    {
      name: 'raw',
      parents: ['request'],
      content: 'empty',
      doc: 'sends bytes',
      attributes: {
        ack: {
          type: 'enum',
          required: true,
          values: ['global', 'local', 'no_ack'],
          doc: 'local: anything that comes is the answer; no_ack: no answer; global: wait for all users',
        },
        data: { type: 'string', substitutable: true, doc: 'the bytes' },
        datasize: {
          type: 'string',
          substitutable: true,
          unit: 'bytes',
          doc: 'that many zero bytes, instead of data',
        },
      },
    },
  ],
  options: [],
  counters: [
    {
      name: 'error_raw_datasize',
      kind: 'count',
      isError: true,
      doc: 'a datasize that is no size once its variables are replaced (ours)',
    },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'tcp6', 'ssl', 'ssl6', 'udp', 'udp6', 'websocket', 'websocket_ssl'],
  player: { newParseState: () => null, parseOptions: noOptions('ts_raw'), parseRequest },
}
