/** Which kind of connection leads to an endpoint. */
import {
  type Connection,
  type ConnectionOwner,
  type OpenOptions,
  SocketConnection,
} from './connection.ts'
import { AdaptedConnection } from './connection-adapted.ts'
import { UdpConnection } from './connection-udp.ts'
import { isUdp } from './endpoint.ts'
import type { Engine } from './engine.ts'

/**
 * @param state the plugin's
 * @throws {CertificateError}
 */
export function openConnection(
  engine: Engine,
  owner: ConnectionOwner,
  state: unknown,
  options: OpenOptions,
): Connection {
  const { endpoint } = options
  const kind = engine.streamKind(endpoint.transport)
  if (kind !== null) return new AdaptedConnection(engine, owner, state, options, kind)
  return isUdp(endpoint)
    ? new UdpConnection(owner, state, options)
    : new SocketConnection(owner, state, options)
}
