import type { ScenarioElement } from '../../core/scenario/declaration.ts'

const position = { file: 'scenario.xml', line: 1, column: 1 }

/** An element as the scenario's reader gives it to a plugin, without its XML. */
export function element(
  name: string,
  attributes: { readonly [name: string]: string } = {},
  children: readonly ScenarioElement[] = [],
  text: string = '',
): ScenarioElement {
  return {
    name,
    position,
    attributes: new Map(Object.entries(attributes)),
    children,
    text,
    attributePosition: () => position,
  }
}
