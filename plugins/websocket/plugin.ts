import {
  type CompileContext,
  type DecodeSink,
  type Json,
  type Plugin,
  ProtocolError,
  type UserView,
} from '../api.ts'
import type { WebsocketData } from './data.ts'
import { websocketDeclaration } from './declaration.ts'
import { notConnectedCounter, WebsocketConnection } from './decode.ts'
import { compileRequest, type WebsocketRequest } from './requests.ts'
import { WebsocketUser } from './user.ts'

/** WebSocket as Tsung's ts_websocket plays it, mended: see docs/decisions/0008-websocket.md. */
export const websocket: Plugin<WebsocketRequest, WebsocketUser, WebsocketConnection> = {
  declaration: websocketDeclaration,

  compile(json: Json, context: CompileContext): WebsocketRequest {
    return compileRequest(json as unknown as WebsocketData, context)
  },

  newUser: (view: UserView) => new WebsocketUser(view),
  newConnection: (user) => new WebsocketConnection(user),

  prepare(request, user, view) {
    if (request.type !== 'connect' && user.opened === null) {
      throw new ProtocolError(notConnectedCounter, 'there is no WebSocket')
    }
    request.prepare(user, view)
  },

  target: () => null,

  encode(request, _user, connection, _view, sink): string {
    return connection.ask(request, sink)
  },

  decode(bytes, connection, _user, sink: DecodeSink) {
    return connection.decode(bytes, sink)
  },

  end: (connection) => connection.end(),
  wake: (connection, _user, sink) => connection.wake(sink),
}
