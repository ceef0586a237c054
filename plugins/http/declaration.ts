import type { PluginDeclaration } from '../api.ts'
import { httpElements, httpOptions } from './elements.ts'
import { http2Counters } from './http2-errors.ts'
import { newParseState } from './locate.ts'
import { parseOptions, parseRequest } from './parse.ts'

export const httpDeclaration: PluginDeclaration = {
  type: 'ts_http',
  requestElement: 'http',
  doc: 'HTTP/1.0, 1.1 and 2 over TCP or TLS',
  elements: httpElements,
  options: httpOptions,
  counters: [
    { name: 'NNN', kind: 'count', isError: false, doc: 'answers by status code' },
    {
      name: 'error_http_bad_content_length',
      kind: 'count',
      isError: true,
      doc: 'more body than Content-Length, or a length that is none',
    },
    {
      name: 'error_http_unexpected_chunkdata',
      kind: 'count',
      isError: true,
      doc: 'a chunked body that cannot be read',
    },
    {
      name: 'error_http_bad_status_line',
      kind: 'count',
      isError: true,
      doc: 'an answer that does not begin as HTTP does (ours)',
    },
    {
      name: 'error_http_header_too_long',
      kind: 'count',
      isError: true,
      doc: 'a header of more than 64 KiB (ours)',
    },
    {
      name: 'error_http_bad_url',
      kind: 'count',
      isError: true,
      doc: 'a URL that cannot be read once its variables are replaced (ours)',
    },
    {
      name: 'error_http_bad_encoding',
      kind: 'count',
      isError: true,
      doc: 'gzip or deflate that cannot be read, or is longer than 32 MiB, where it was needed (ours)',
    },
    ...http2Counters,
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'ssl', 'tcp6', 'ssl6'],
  player: {
    newParseState,
    parseOptions,
    parseRequest,
  },
}
