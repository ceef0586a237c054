/** Error codes of HTTP/2, by number. Source: RFC 9113, section 7. */
import type { CounterDeclaration } from '../api.ts'

const errors: readonly (readonly [name: string, doc: string])[] = [
  ['no_error', 'the server ended the stream before its answer was complete, without a fault'],
  ['protocol_error', 'what the server or tsts sent is no HTTP/2 to the other'],
  ['internal_error', 'the server has failed'],
  ['flow_control_error', 'more was sent than the window allows'],
  ['settings_timeout', 'settings were not acknowledged in time'],
  ['stream_closed', 'a frame came for a stream that was closed'],
  ['frame_size_error', 'a frame has a size that is wrong or too large'],
  ['refused_stream', 'the server took up no more requests'],
  ['cancel', 'the server gave up the request'],
  ['compression_error', 'header compression went wrong'],
  ['connect_error', 'a tunnel broke'],
  ['enhance_your_calm', 'the server is asked for too much'],
  ['inadequate_security', 'TLS is not good enough for the server'],
  ['http_1_1_required', 'the server wants HTTP/1.1'],
]
const unknown = 'error_http2_unknown'
const names: readonly string[] = errors.map(([name]) => `error_http2_${name}`)

/** The counter of an error code. */
export function http2Counter(code: number): string {
  return names[code] ?? unknown
}

/** A request that cannot be said in HTTP/2. */
export const badRequest = 'error_http2_bad_request'

export const http2Counters: readonly CounterDeclaration[] = [
  ...errors.map(
    ([name, doc]): CounterDeclaration => ({
      name: `error_http2_${name}`,
      kind: 'count',
      isError: true,
      doc: `HTTP/2: ${doc} (ours)`,
    }),
  ),
  {
    name: unknown,
    kind: 'count',
    isError: true,
    doc: 'HTTP/2: an error code that nobody knows (ours)',
  },
  {
    name: badRequest,
    kind: 'count',
    isError: true,
    doc: 'HTTP/2: a header of the request that cannot be sent (ours)',
  },
  {
    name: 'http2_asked_again',
    kind: 'count',
    isError: false,
    doc: 'HTTP/2: requests that the server had not taken up when it closed the connection (GOAWAY), asked again on another (ours)',
  },
]
