/** A plugin's connection that is open, for tests that care for bytes alone. */

import { VariableNames } from '../../core/dynvars/variables.ts'
import type { DecodeSink, Progress } from '../../plugins/api.ts'
import type { WebsocketData } from '../../plugins/websocket/data.ts'
import type { WebsocketConnection } from '../../plugins/websocket/decode.ts'
import { websocket } from '../../plugins/websocket/plugin.ts'
import type { WebsocketRequest } from '../../plugins/websocket/requests.ts'
import type { WebsocketUser } from '../../plugins/websocket/user.ts'
import { compileContext, PluginUser } from './plugin-user.ts'
import { strictSink } from './strict-sink.ts'
import { type Frame, framesIn } from './websocket-frames.ts'
import { acceptOf, agreeing } from './websocket-target.ts'

export const connectData: Extract<WebsocketData, { readonly type: 'connect' }> = {
  type: 'connect',
  path: '/',
  origin: '',
  subprotocols: '',
  headers: [],
  compression: 'off',
  keepaliveMs: 0,
  deadlineMs: 0,
  needs: { keeps: false, measures: false },
}

export class Driver {
  readonly user: WebsocketUser
  readonly connection: WebsocketConnection
  /** Of the answer, in order. */
  content = ''
  /** What was sent since the WebSocket is open. */
  replies = ''
  readonly counted: string[] = []
  readonly #view = new PluginUser({ host: 'target.example', port: 80, transport: 'tcp' })
  readonly sink: DecodeSink

  /** @param extensions what the server agrees to, as a header line */
  constructor(connect: Partial<typeof connectData> = {}, extensions = '') {
    this.user = websocket.newUser(this.#view, null)
    this.connection = websocket.newConnection(this.user)
    this.sink = {
      ...strictSink,
      wantsContent: true,
      content: (bytes) => {
        this.content += Buffer.from(bytes).toString('latin1')
      },
      reply: (bytes) => {
        this.replies += bytes
      },
      count: (name) => void this.counted.push(name),
      goOn: () => undefined,
      wakeAfter: () => undefined,
      fail: () => 'failed',
    }
    const head = this.ask({ ...connectData, ...connect })
    this.decode(Buffer.from(`${agreeing(acceptOf(head))}${extensions}\r\n`, 'latin1'))
    this.content = ''
    this.counted.length = 0
  }

  /** @returns what is sent */
  ask(data: WebsocketData): string {
    const context = compileContext(new VariableNames())
    const request: WebsocketRequest = websocket.compile(data as never, context)
    websocket.prepare!(request, this.user, this.#view)
    return websocket.encode(request, this.user, this.connection, this.#view, this.sink)
  }

  decode(bytes: Uint8Array): Progress {
    return websocket.decode(bytes, this.connection, this.user, this.sink)
  }

  get sent(): readonly Frame[] {
    return framesIn(Buffer.from(this.replies, 'latin1')).frames
  }
}
