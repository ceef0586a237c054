import type { PluginDeclaration } from '../api.ts'
import { httpDeclaration } from '../http/declaration.ts'
import { readerFault } from '../http/url.ts'

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
  checkRequest: (element, error) => {
    const url = element.attributes.get('url') ?? ''
    const fault = url.includes('%%') ? null : readerFault(url, '')
    if (fault === null) return
    const text = `url="${url}" cannot be read: ${fault}`
    error('E_URL', text, element.attributePosition('url'), 'write /path or http://host:port/path')
  },
}
