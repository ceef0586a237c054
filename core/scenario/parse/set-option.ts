/** `<set_option>`: an option that holds from here on. Source: reference tsung-core.md, 1.10. */
import { isInteger } from '../lexical.ts'
import type { Certificate, CertificateFile, SetOption } from '../model.ts'
import { suggestion } from '../suggest.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { childrenOf } from './values.ts'

const names: readonly string[] = ['connect_timeout', 'rate_limit', 'certificate']

/** Null after a report. */
export function parseSetOption(element: XmlElement, reading: Reading): SetOption | null {
  const { report } = reading
  const name = element.attributes.get('name')
  if (name === undefined) return null
  const position = element.attributePosition('name')
  if (element.attributes.has('type')) {
    const text = 'no protocol has options that can be set in a session'
    report.error('E_SET_OPTION', text, element.attributePosition('type'))
    return null
  }
  switch (name) {
    case 'connect_timeout': {
      const ms = wholeNumber(element, 'value', reading)
      return ms === null ? null : { name, ms }
    }
    case 'rate_limit': {
      const kibPerS = wholeNumber(element, 'value', reading)
      const burstKib = element.attributes.has('max')
        ? wholeNumber(element, 'max', reading)
        : kibPerS
      return kibPerS === null || burstKib === null ? null : { name, kibPerS, burstKib }
    }
    case 'certificate':
      return certificateOption(element, reading)
    default: {
      const hint = suggestion(name, names) ?? `it can be ${names.join(', ')}`
      report.error('E_SET_OPTION', `${name} cannot be set in a session`, position, hint)
      return null
    }
  }
}

/** A whole number, or a text with markers; null after a report. */
function wholeNumber(
  element: XmlElement,
  attribute: 'value' | 'max',
  { report, checkText }: Reading,
): string | null {
  const value = element.attributes.get(attribute)?.trim()
  const position = element.attributePosition(attribute)
  if (value?.includes('%%')) {
    checkText(value, position)
    return value
  }
  if (value !== undefined && isInteger(value)) return value
  if (value !== undefined) {
    const text = `${attribute} of <set_option>: "${value}" is not a whole number`
    report.error('E_BAD_ATTRIBUTE', text, position)
    return null
  }
  const name = element.attributes.get('name')
  const text = `<set_option name="${name}"> needs the attribute ${attribute}`
  // Tsung's reader sees it for rate_limit alone.
  if (name === 'rate_limit') report.error('E_MISSING_ATTRIBUTE', text, element.position)
  else report.unplayable('U_UNUSABLE', text, element.position)
  return null
}

function certificateOption(element: XmlElement, reading: Reading): SetOption | null {
  const { report, files } = reading
  const [certificate] = childrenOf(element, 'certificate')
  if (certificate === undefined) {
    const text = '<set_option name="certificate"> needs a <certificate> in it'
    report.error('E_MISSING_ELEMENT', text, element.position)
    return null
  }
  let isPlayable = true
  const textOf = (name: string): string | null => {
    const value = certificate.attributes.get(name)
    if (value === undefined) return null
    reading.checkText(value, certificate.attributePosition(name))
    return value
  }
  const fileOf = (name: string): CertificateFile | null => {
    const path = textOf(name)
    if (path === null) return null
    if (path.includes('%%')) return { path }
    const pem = files.quietly(path)
    if (pem !== null) return { pem }
    const text = `the file ${path} cannot be read: no TLS connection could be made with it`
    report.unplayable('U_FILE', text, certificate.attributePosition(name))
    isPlayable = false
    return null
  }
  const read: Certificate = {
    ca: fileOf('cacertfile'),
    key: fileOf('keyfile'),
    passphrase: textOf('keypass'),
    cert: fileOf('certfile'),
  }
  return isPlayable ? { name: 'certificate', certificate: read } : null
}
