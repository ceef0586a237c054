/** `<set_option>`: an option that holds from here on. Source: reference tsung-core.md, 1.10. */
import { isInteger } from '../lexical.ts'
import type { Certificate, SetOption } from '../model.ts'
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
    case 'connect_timeout':
      return connectTimeout(element, reading)
    case 'rate_limit':
      wholeNumber(element, reading)
      report.unplayable('U_NOT_YET', 'rate_limit cannot be played yet', position)
      return null
    case 'certificate':
      return certificateOption(element, reading)
    default: {
      const hint = suggestion(name, names) ?? `it can be ${names.join(', ')}`
      report.error('E_SET_OPTION', `${name} cannot be set in a session`, position, hint)
      return null
    }
  }
}

function connectTimeout(element: XmlElement, reading: Reading): SetOption | null {
  const ms = wholeNumber(element, reading)
  return ms === null ? null : { name: 'connect_timeout', ms }
}

/** The attribute `value`; null after a reported error. */
function wholeNumber(element: XmlElement, { report }: Reading): number | null {
  const value = element.attributes.get('value')?.trim()
  if (value !== undefined && isInteger(value)) return Number(value)
  const name = element.attributes.get('name')
  if (value !== undefined) {
    const text = `value of <set_option>: "${value}" is not a whole number`
    report.error('E_BAD_ATTRIBUTE', text, element.attributePosition('value'))
    return null
  }
  const text = `<set_option name="${name}"> needs the attribute value`
  // Tsung's reader sees it for rate_limit alone.
  if (name === 'rate_limit') report.error('E_MISSING_ATTRIBUTE', text, element.position)
  else report.unplayable('U_UNUSABLE', text, element.position)
  return null
}

function certificateOption(element: XmlElement, { report, files }: Reading): SetOption | null {
  const [certificate] = childrenOf(element, 'certificate')
  if (certificate === undefined) {
    const text = '<set_option name="certificate"> needs a <certificate> in it'
    report.error('E_MISSING_ELEMENT', text, element.position)
    return null
  }
  let isPlayable = true
  for (const [name, value] of certificate.attributes) {
    if (!value.includes('%%')) continue
    const text = `${name} of <certificate> from a variable cannot be played yet`
    report.unplayable('U_VARIABLE', text, certificate.attributePosition(name))
    isPlayable = false
  }
  if (!isPlayable) return null
  const fileOf = (name: string): string | null => {
    const path = certificate.attributes.get(name)
    if (path === undefined) return null
    const pem = files.quietly(path)
    if (pem === null) {
      const text = `the file ${path} cannot be read: no TLS connection could be made with it`
      report.unplayable('U_FILE', text, certificate.attributePosition(name))
      isPlayable = false
    }
    return pem
  }
  const read: Certificate = {
    ca: fileOf('cacertfile'),
    key: fileOf('keyfile'),
    passphrase: certificate.attributes.get('keypass') ?? null,
    cert: fileOf('certfile'),
  }
  return isPlayable ? { name: 'certificate', certificate: read } : null
}
