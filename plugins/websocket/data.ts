/** `off`; `message`: each message alone; `stream`: the server may refer to what it sent before. */
export type Compression = 'off' | 'message' | 'stream'

/** What the requests of a session mean for its connections: shared by all of them, complete when the session is read. */
export interface SessionNeeds {
  /** Messages that come unasked are kept for a `receive`. */
  keeps: boolean
  /** Payloads that come are looked at for stamps. */
  measures: boolean
}

/** Which messages a request waits for. */
export interface Expected {
  readonly count: number
  /** Regular expression that a message has to match to count; empty: every one does. */
  readonly filter: string
  /** 0: no deadline but idle_timeout. */
  readonly deadlineMs: number
}

/** A request as it travels from controller to launcher; texts as they are written. */
export type WebsocketData =
  | {
      readonly type: 'connect'
      readonly path: string
      readonly origin: string
      readonly subprotocols: string
      /** In the order in which they are sent. */
      readonly headers: readonly (readonly [name: string, value: string])[]
      readonly compression: Compression
      /** 0: none. */
      readonly keepaliveMs: number
      readonly deadlineMs: number
      readonly needs: SessionNeeds
    }
  | {
      readonly type: 'message'
      readonly text: string
      readonly isText: boolean
      /** 0: one frame. */
      readonly fragmentBytes: number
      /** Which stream its stamp belongs to; null: it has none. */
      readonly stream: string | null
      /** Null: no answer is awaited. */
      readonly expected: Expected | null
    }
  | { readonly type: 'receive'; readonly expected: Expected }
  | {
      readonly type: 'ping'
      readonly text: string
      readonly isAwaited: boolean
      readonly deadlineMs: number
    }
  | {
      readonly type: 'close'
      readonly code: number
      readonly reason: string
      readonly deadlineMs: number
    }
