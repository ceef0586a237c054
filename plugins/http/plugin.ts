import type { Carriage, CompileContext, Json, Plugin, ProtocolDump, UserView } from '../api.ts'
import type { HttpData, HttpOptions } from './data.ts'
import { httpDeclaration } from './declaration.ts'
import { HttpConnection } from './decode.ts'
import { FixedRequest } from './encode.ts'
import { SubstitutedRequest } from './encode-substituted.ts'
import { drawAgent, HttpUser, hostHeader } from './user.ts'

/** A request compiled once, shared by all users. */
export type HttpRequest = FixedRequest | SubstitutedRequest

/** HTTP/1.x as Tsung's ts_http plays it. */
export const http: Plugin<HttpRequest, HttpUser, HttpConnection> = {
  declaration: httpDeclaration,

  compile(json: Json, context: CompileContext): HttpRequest {
    const data = json as unknown as HttpData
    const request = new SubstitutedRequest(data, context)
    return request.isFixed ? new FixedRequest(data) : request
  },

  newUser(view: UserView, options: Json): HttpUser {
    const agent = drawAgent(options as unknown as HttpOptions | null, () => view.random())
    return new HttpUser(agent, view.server)
  },

  newConnection(): HttpConnection {
    return new HttpConnection()
  },

  carriage(options: Json): Carriage | null {
    const { version = '1.1', usersPerConnection = 1 } = (options as unknown as HttpOptions) ?? {}
    return version === '1.1'
      ? null
      : { type: 'http2', negotiated: version === 'auto', usersPerConnection }
  },

  prepare(request, user, view) {
    if (request instanceof SubstitutedRequest) request.prepare(user, view)
  },

  target(request, user) {
    return request.target(user)
  },

  encode(request, user, connection, view): string {
    const { server } = view
    const host = request.host(user)
    if (host !== null) {
      user.host = host
      user.server = server
    } else if (user.server !== server) {
      user.host = hostHeader(server)
      user.server = server
    }
    connection.begin(request.isHead)
    return request.bytes(user, server.transport === 'ssl' || server.transport === 'ssl6', view)
  },

  decode(bytes, connection, user, sink) {
    return connection.decode(bytes, user, sink)
  },

  end(connection, _user, sink) {
    return connection.end(sink)
  },

  protocolDump(request, user, connection): ProtocolDump {
    return {
      method: request.data.method.toLowerCase(),
      host: user.server.host,
      url: request.url(user),
      status: connection.statusText,
    }
  },
}
