/** Session types that no plugin has: somebody may have written one. */
import type { PluginDeclaration } from './declaration.ts'
import type { Position } from './model.ts'
import type { XmlElement } from './xml/tree.ts'

export interface UnknownType {
  readonly type: string
  readonly position: Position
}

/** Where types stand, by element. */
const typed: ReadonlyMap<string, string> = new Map([
  ['session', 'type'],
  ['change_type', 'new_type'],
  ['option', 'type'],
])

/** In document order. */
export function findUnknownTypes(
  root: XmlElement,
  plugins: readonly Pick<PluginDeclaration, 'type'>[],
): readonly UnknownType[] {
  const known = new Set(plugins.map(({ type }) => type))
  const found: UnknownType[] = []
  const look = (element: XmlElement): void => {
    const attribute = typed.get(element.name)
    const type = attribute === undefined ? undefined : element.attributes.get(attribute)?.trim()
    if (type !== undefined && !known.has(type) && isPluginType(type)) {
      found.push({ type, position: element.attributePosition(attribute!) })
    }
    for (const child of element.children) look(child)
  }
  look(root)
  return found
}

/** Whether a plugin might have that type. */
export function isPluginType(type: string): boolean {
  return /^ts_[a-z][a-z0-9_]*$/.test(type)
}
