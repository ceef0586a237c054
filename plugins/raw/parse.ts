/** From `<raw>` to plain data. Source: reference tsung-protocols.md, 13; Tsung 1.7, run. */
import type { Ack, Json, ParseContext, ParsedRequest, ScenarioElement } from '../api.ts'
import { maxSize, type RawData, sizeOf } from './data.ts'

/** Characters of a label. */
const labelLength = 40

/** `datasize` wins over `data`; an empty one is none. */
export function parseRequest(
  element: ScenarioElement,
  context: ParseContext,
): ParsedRequest | null {
  const { attributes } = element
  const ack = attributes.get('ack') as Ack
  const size = attributes.get('datasize')?.trim() ?? ''
  if (size !== '') return sizeRequest(element, size, ack, context)
  const text = attributes.get('data') ?? ''
  if (context.subst === 'true') context.checkMarkers(text, element.attributePosition('data'))
  const data: RawData = { type: 'data', data: text }
  const label = text.length <= labelLength ? text : `${text.slice(0, labelLength)}…`
  return { ack, data: data as unknown as Json, label: JSON.stringify(label) }
}

function sizeRequest(
  element: ScenarioElement,
  size: string,
  ack: Ack,
  context: ParseContext,
): ParsedRequest | null {
  const place = element.attributePosition('datasize')
  const hasMarkers = size.includes('%%')
  if (!hasMarkers && !/^\d+$/.test(size)) {
    const hint = 'write a whole number, or %%_variable%%'
    context.error('E_BAD_ATTRIBUTE', `<raw> datasize="${size}" is no size`, place, hint)
    return null
  }
  if (!hasMarkers && sizeOf(size) === null) {
    const hint = `write at most ${maxSize}`
    context.unplayable('U_UNUSABLE', `<raw> datasize="${size}" is too long`, place, hint)
    return null
  }
  if (hasMarkers && context.subst !== 'true') {
    const text = `the variable in <raw> datasize="${size}" is not replaced: Tsung’s user would end here`
    context.unplayable('U_UNUSABLE', text, place, 'give the request subst="true"')
    return null
  }
  context.checkMarkers(size, place)
  const data: RawData = { type: 'size', size }
  return { ack, data: data as unknown as Json, label: `${size} zero bytes` }
}
