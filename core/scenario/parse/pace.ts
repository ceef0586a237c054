/** `<pace/>`, which Tsung does not have. */
import type { ScenarioElement } from '../declaration.ts'
import type { Action } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { childrenOf } from './values.ts'

export function parsePace(element: XmlElement, reading: Reading): Action {
  if (!reading.hasRate) {
    const text = 'no phase has a <rate>: this <pace/> waits for nothing'
    const hint = 'put <rate value="100" unit="second"/> into an arrivalphase'
    reading.report.warning('W_NO_RATE', text, element.position, hint)
  }
  return { type: 'pace', line: element.position.line }
}

/** Some phase says how often users have their turn. @param root the whole scenario */
export function hasRate(root: ScenarioElement): boolean {
  const phases = childrenOf(childrenOf(root, 'load')[0], 'arrivalphase')
  return phases.some((phase) => childrenOf(phase, 'rate').length > 0)
}
