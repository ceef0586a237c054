import type { Json, ParseContext, PluginParser, ScenarioElement } from './api.ts'

/** `parseOptions` of a protocol that has none: each is told. @param type of the session, e.g. `ts_raw` */
export function noOptions(type: string): PluginParser['parseOptions'] {
  return (elements: readonly ScenarioElement[], context: ParseContext): Json => {
    for (const element of elements) {
      const text = `${type} has no option "${element.attributes.get('name')}"`
      context.error('E_UNKNOWN_OPTION', text, element.attributePosition('name'), 'leave it out')
    }
    return null
  }
}
