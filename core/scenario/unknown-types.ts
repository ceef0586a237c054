/** Session types that no plugin has: somebody may have written one. */
import type { ScenarioCode } from './codes.ts'
import type { PluginDeclaration } from './declaration.ts'
import type { Diagnostic } from './errors.ts'
import type { Position } from './model.ts'
import type { XmlElement } from './xml/tree.ts'

export interface UnknownType {
  readonly type: string
  readonly position: Position
}

/** Why there is no plugin for a type. */
export interface TypeFault {
  readonly text: string
  readonly hint: string
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

/**
 * What was found, saying why there is no plugin instead of which types there are. Elements that nobody knows, and that are
 * like no other, may be that plugin's.
 *
 * @param faults by type
 */
export function withTypeFaults(
  { diagnostics, unknownTypes }: Found,
  faults: ReadonlyMap<string, TypeFault>,
): readonly Diagnostic[] {
  if (faults.size === 0) return diagnostics
  const placed = new Map(unknownTypes.map(({ type, position }) => [placeOf(position), type]))
  const told = diagnostics.map((each): Diagnostic => {
    const type = each.code === 'E_BAD_ATTRIBUTE' ? placed.get(placeOf(each.position)) : undefined
    const fault = type === undefined ? undefined : faults.get(type)
    return fault === undefined
      ? each
      : { ...each, code: 'E_PLUGIN' satisfies ScenarioCode, ...fault }
  })
  return told.filter(({ code, hint }) => code !== 'E_UNKNOWN_ELEMENT' || hint !== undefined)
}

interface Found {
  readonly diagnostics: readonly Diagnostic[]
  readonly unknownTypes: readonly UnknownType[]
}

function placeOf({ file, line, column }: Position): string {
  return `${line}:${column}:${file}`
}
