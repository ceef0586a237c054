/** `<mqtt_property>` and `<mqtt_user_property>`. Source: MQTT 5.0, 2.2.2.2. */
import { byteString } from '../../core/byte-string.ts'
import type { ParseContext, ScenarioElement } from '../api.ts'
import type { Property, Version } from './data.ts'
import { type Carrier, largestNumber, propertyId, propertyKinds } from './property-table.ts'

/** @param carrier the packet, or its will @returns null after a reported error */
export function parseProperties(
  element: ScenarioElement,
  carrier: Carrier,
  context: ParseContext,
): readonly Property[] | null {
  const properties: (Property | null)[] = []
  for (const child of element.children) {
    const isWill = child.attributes.get('of') === 'will'
    if (isWill && element.attributes.get('type') !== 'connect') tellNoWill(child, context)
    else if (isWill !== (carrier === 'will')) continue
    else if (child.name === 'mqtt_property') properties.push(propertyOf(child, carrier, context))
    else if (child.name === 'mqtt_user_property') properties.push(userProperty(child, context))
  }
  return properties.includes(null) ? null : (properties as readonly Property[])
}

function tellNoWill(child: ScenarioElement, context: ParseContext): void {
  const text = 'of="will" means something in type="connect" only'
  context.warning('W_UNUSED_ATTRIBUTE', text, child.attributePosition('of'))
}

function userProperty(child: ScenarioElement, context: ParseContext): Property | null {
  const name = child.attributes.get('name')!
  const value = child.attributes.get('value')!
  checkMarkers(child, ['name', 'value'], context)
  const isShort = fits(child, 'name', context) && fits(child, 'value', context)
  return isShort ? { id: propertyId.user, name, value } : null
}

function propertyOf(
  child: ScenarioElement,
  carrier: Carrier,
  context: ParseContext,
): Property | null {
  const name = child.attributes.get('name')!
  const value = child.attributes.get('value')!
  const kind = Object.hasOwn(propertyKinds, name) ? propertyKinds[name]! : null
  if (kind === null || kind.type === 'pair' || !kind.carriers.includes(carrier)) {
    const text = `there is no property "${name}" of ${carrier}`
    const hint = `it can be ${namesFor(carrier).join(', ')}`
    context.error('E_BAD_ATTRIBUTE', text, child.attributePosition('name'), hint)
    return null
  }
  checkMarkers(child, ['value'], context)
  const max = largestNumber(kind)
  if (max === 0) return fits(child, 'value', context) ? { id: kind.id, name: '', value } : null
  const isOpen = context.subst === 'true' && value.includes('%%')
  if (!isOpen && !(/^\d{1,10}$/.test(value) && Number(value) <= max)) {
    const text = `the property ${name} cannot be "${value}"`
    const place = child.attributePosition('value')
    context.error('E_BAD_ATTRIBUTE', text, place, `write a whole number up to ${max}`)
    return null
  }
  return { id: kind.id, name: '', value }
}

function namesFor(carrier: Carrier): readonly string[] {
  return Object.entries(propertyKinds)
    .filter(([, { carriers, type }]) => carriers.includes(carrier) && type !== 'pair')
    .map(([name]) => name)
}

function fits(child: ScenarioElement, name: string, context: ParseContext): boolean {
  if (byteString(child.attributes.get(name)!).length <= 0xffff) return true
  const text = `${name} of <${child.name}> is longer than 65535 bytes`
  context.error('E_BAD_ATTRIBUTE', text, child.attributePosition(name))
  return false
}

function checkMarkers(
  child: ScenarioElement,
  names: readonly string[],
  context: ParseContext,
): void {
  if (context.subst !== 'true') return
  for (const name of names) {
    context.checkMarkers(child.attributes.get(name)!, child.attributePosition(name))
  }
}

/** Tells attributes and properties that only MQTT 5 has. @param names of attributes */
export function checkVersion(
  element: ScenarioElement,
  names: readonly string[],
  version: Version,
  context: ParseContext,
): void {
  if (version === 5) return
  const hint = 'give the connect version="5"'
  for (const name of names) {
    if (!element.attributes.has(name)) continue
    const text = `${name} does nothing before MQTT 5`
    context.warning('W_UNUSED_ATTRIBUTE', text, element.attributePosition(name), hint)
  }
  for (const child of element.children) {
    if (child.name === 'mqtt_topic') continue
    const text = `<${child.name}> does nothing before MQTT 5`
    context.warning('W_UNUSED_ATTRIBUTE', text, child.position, hint)
  }
}
