import type { StreamKind } from '../plugins/api.ts'
import { websocketStream } from '../plugins/websocket/stream.ts'

/** What this version plays of server types that wrap a byte stream. */
export const streamKinds: readonly StreamKind[] = [websocketStream]
