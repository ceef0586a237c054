import type { Json, Plugin, UserView } from '../api.ts'
import type { HttpData, HttpOptions } from './data.ts'
import { httpDeclaration } from './declaration.ts'
import { HttpConnection } from './decode.ts'
import { drawAgent, HttpRequest, HttpUser, hostHeader } from './encode.ts'

/** HTTP/1.x as Tsung's ts_http plays it. */
export const http: Plugin<HttpRequest, HttpUser, HttpConnection> = {
  declaration: httpDeclaration,

  compile(data: Json): HttpRequest {
    return new HttpRequest(data as unknown as HttpData)
  },

  newUser(view: UserView, options: Json): HttpUser {
    const agent = drawAgent(options as unknown as HttpOptions | null, () => view.random())
    return new HttpUser(agent, view.server)
  },

  newConnection(): HttpConnection {
    return new HttpConnection()
  },

  target(request, user) {
    const { target } = request.data
    return target === 'home' ? user.home : target
  },

  encode(request, user, connection, view): string {
    const { server } = view
    if (request.host !== null) {
      user.host = request.host
      user.server = server
    } else if (user.server !== server) {
      user.host = hostHeader(server)
      user.server = server
    }
    connection.begin(request.isHead)
    return request.bytes(user, server.transport === 'ssl' || server.transport === 'ssl6')
  },

  decode(bytes, connection, user, sink) {
    return connection.decode(bytes, user, sink)
  },

  end(connection) {
    return connection.end()
  },
}
