import type { AttributeDeclaration, ElementDeclaration } from '../api.ts'

/** An attribute that Tsung does not have. */
function ours(
  types: readonly string[],
  attribute: Omit<AttributeDeclaration, 'since' | 'onlyWith'>,
): AttributeDeclaration {
  return { ...attribute, since: 'tsts', onlyWith: { attribute: 'type', values: types } }
}

/** Source: reference tsung-protocols.md, 5.1. */
export const websocketElements: readonly ElementDeclaration[] = [
  {
    name: 'websocket',
    parents: ['request'],
    content: 'mixed',
    model: '(http_header*)',
    since: '1.5.0',
    doc: 'opens, writes to, listens to or closes a WebSocket; the text is the message',
    attributes: {
      type: {
        type: 'enum',
        required: true,
        values: ['connect', 'message', 'receive', 'ping', 'close'],
        doc: 'what is done; receive (waits for messages) and ping (waits for the pong) are ours',
      },
      path: { type: 'string', default: '/', substitutable: true, doc: 'connect: the path' },
      origin: {
        type: 'string',
        default: '',
        substitutable: true,
        doc: 'connect: Origin; without it, the server',
      },
      subprotocols: {
        type: 'string',
        default: '',
        substitutable: true,
        doc: 'connect: Sec-WebSocket-Protocol, of which the server may choose one',
      },
      ack: {
        type: 'enum',
        values: ['no_ack', 'parse'],
        default: 'parse',
        doc: 'message, ping: whether an answer is waited for',
      },
      frame: {
        type: 'enum',
        values: ['binary', 'text'],
        default: 'binary',
        doc: 'message: the kind of frame',
      },
      expect: ours(['message', 'receive'], {
        type: 'integer',
        min: 1,
        max: 1_000_000,
        default: '1',
        doc: 'so many messages are the answer, in any order; matches see them all, a line end between two',
      }),
      expecting: ours(['message', 'receive'], {
        type: 'regexp',
        default: '',
        substitutable: true,
        doc: 'only messages in which this regular expression is found are the answer; others go by',
      }),
      deadline: ours(['connect', 'message', 'receive', 'ping', 'close'], {
        type: 'number',
        unit: 's',
        min: 0,
        default: '0',
        doc: 'the request fails when its answer is not whole after so long; 0: only idle_timeout counts',
      }),
      stamped: ours(['connect', 'message', 'receive'], {
        type: 'boolean',
        default: 'false',
        doc: 'message: a stamp goes before the text, or in place of %%stamp%%; in all: stamps that come are measured',
      }),
      stream: ours(['message'], {
        type: 'string',
        default: '',
        substitutable: true,
        doc: 'with stamped: what those who get the message get in order, e.g. a room: tells what is lost',
      }),
      fragment: ours(['message'], {
        type: 'integer',
        unit: 'bytes',
        min: 0,
        default: '0',
        doc: 'sends the message in frames of at most so many bytes; 0: in one',
      }),
      compression: ours(['connect'], {
        type: 'enum',
        values: ['off', 'message', 'stream'],
        default: 'off',
        doc: 'offers permessage-deflate: each message alone, or the server may keep its context (32 KiB a user)',
      }),
      keepalive: ours(['connect'], {
        type: 'number',
        unit: 's',
        min: 0,
        default: '0',
        doc: 'sends a ping so often; when nothing came since the last one the connection is lost; 0: never',
      }),
      code: ours(['close'], {
        type: 'integer',
        min: 1000,
        max: 4999,
        default: '1000',
        doc: 'the close code that is sent',
      }),
      reason: ours(['close'], {
        type: 'string',
        default: 'close',
        substitutable: true,
        doc: 'the reason that is sent, of at most 123 bytes',
      }),
    },
  },
]
