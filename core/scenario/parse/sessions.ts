import type { ScenarioElement } from '../declaration.ts'
import type { Session } from '../model.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseActions } from './actions.ts'
import type { Reading } from './reading.ts'
import { childrenOf } from './values.ts'

/** @param elements the `<session>`s, in order */
export function parseSessions(
  elements: readonly XmlElement[],
  reading: Reading,
): readonly Session[] {
  warnOfSameNames(elements, reading.report)
  return elements.map((element, index) =>
    reading.report.inSession(index, () => parseSession(element, reading)),
  )
}

function parseSession(element: XmlElement, reading: Reading): Session {
  const type = element.attributes.get('type') ?? ''
  const plugin = reading.plugins.find((each) => each.type === type)
  reading.states.clear()
  reading.variables.begin()
  if (plugin !== undefined && plugin.player === undefined) {
    const text = `sessions of type ${type} cannot be played yet`
    reading.report.unplayable('U_SESSION_TYPE', text, element.attributePosition('type'))
  }
  const { actions } = parseActions(element.children, type, reading)
  reading.variables.tellUndefined(reading.report)
  return {
    name: element.attributes.get('name') ?? '',
    type,
    persistent: flagOf(element, 'persistent', plugin?.defaults.persistent ?? true),
    bidi: flagOf(element, 'bidi', plugin?.defaults.bidi ?? false),
    actions,
    position: element.position,
  }
}

function flagOf(element: ScenarioElement, name: string, byDefault: boolean): boolean {
  const value = element.attributes.get(name)
  return value === undefined ? byDefault : value === 'true'
}

function warnOfSameNames(elements: readonly XmlElement[], report: Report): void {
  const known = new Set<string>()
  for (const element of elements) {
    const name = element.attributes.get('name') ?? ''
    if (known.has(name)) {
      const text = `there are two sessions called "${name}": each plays what it says`
      const hint = 'in Tsung a <user session=…> always plays the first one'
      report.warning('W_SAME_SESSION', text, element.attributePosition('name'), hint)
    }
    known.add(name)
  }
}

/** The `<session>`s of a scenario. */
export function sessionElements(root: XmlElement): readonly XmlElement[] {
  return childrenOf(childrenOf(root, 'sessions')[0], 'session')
}
