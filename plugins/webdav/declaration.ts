import type { PluginDeclaration } from '../api.ts'
import { httpDeclaration } from '../http/declaration.ts'

/** `<http>` with the methods of WebDAV. Source: reference tsung-protocols.md, 4. */
export const webdavDeclaration: PluginDeclaration = {
  type: 'ts_webdav',
  requestElement: 'http',
  doc: 'HTTP with the methods of WebDAV',
  // Its elements are those of ts_http.
  elements: [],
  options: [],
  counters: httpDeclaration.counters,
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'ssl', 'tcp6', 'ssl6'],
}
