/** The one table of elements that parsing, error messages, `tsts help`, the schema and the docs are made from. */
import { type ContentModel, compileModel } from './content-model.ts'
import type { ElementDeclaration, PluginDeclaration } from './declaration.ts'
import { actionElements } from './elements/actions.ts'
import { loadElements } from './elements/load.ts'
import { monitoringElements } from './elements/monitoring.ts'
import { optionElements, typesWithOptions } from './elements/options.ts'
import { requestElements } from './elements/requests.ts'
import { rootElements } from './elements/root.ts'

/** A declaration with its content model ready to check; null: no child elements. */
export interface TableElement extends ElementDeclaration {
  readonly compiled: ContentModel | null
}

export type ElementTable = ReadonlyMap<string, TableElement>

/** The core's elements and those of the plugins, by name. What two plugins declare has the parents of both. */
export function elementTable(plugins: readonly PluginDeclaration[]): ElementTable {
  const table = new Map<string, TableElement>()
  for (const declaration of [
    ...coreElements(plugins),
    ...plugins.flatMap(({ elements }) => elements),
  ]) {
    const known = table.get(declaration.name)
    if (known === undefined) {
      const { model } = declaration
      const compiled = model === undefined ? null : compileModel(model)
      table.set(declaration.name, { ...declaration, compiled })
    } else {
      const parents = [...new Set([...known.parents, ...declaration.parents])]
      table.set(declaration.name, { ...known, parents })
    }
  }
  return table
}

/** The elements that are no protocol's own. */
export function coreElements(plugins: readonly PluginDeclaration[]): readonly ElementDeclaration[] {
  const types = plugins.map(({ type }) => type)
  const inRequests = [...new Set(plugins.map(({ requestElement }) => requestElement))]
  return [
    ...rootElements,
    ...monitoringElements,
    ...loadElements,
    ...optionElements(typesWithOptions(plugins)),
    ...requestElements(types, inRequests),
    ...actionElements(types),
  ]
}
