/** `<thresholds>`, which Tsung does not have: when a run has failed, or is ended early. */
import type { Condition, ThresholdKind } from '../../thresholds/model.ts'
import { parseThreshold } from '../../thresholds/parse.ts'
import { isThresholdError } from '../../thresholds/tokens.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { faultOf, type MeasuredNames } from './threshold-names.ts'
import { childrenOf } from './values.ts'

/** @param root the whole scenario */
export function parseThresholds(
  root: XmlElement,
  measured: MeasuredNames,
  report: Report,
): readonly Condition[] {
  const elements = childrenOf(childrenOf(root, 'thresholds')[0], 'threshold')
  return elements.flatMap((element) => parseCondition(element, measured, report) ?? [])
}

function parseCondition(
  element: XmlElement,
  measured: MeasuredNames,
  report: Report,
): Condition | null {
  const isFail = element.attributes.has('fail_if')
  if (isFail === element.attributes.has('abort_if')) {
    const text = '<threshold> takes either fail_if or abort_if'
    report.error('E_THRESHOLD', text, element.position, 'fail_if="p99(request) > 250ms"')
    return null
  }
  const kind: ThresholdKind = isFail ? 'fail-if' : 'abort-if'
  const attribute = isFail ? 'fail_if' : 'abort_if'
  const text = element.attributes.get(attribute)!
  const tell = (what: string, at: number, hint: string | undefined): void =>
    report.error('E_THRESHOLD', what, element.attributePosition(attribute, at), hint)
  try {
    const threshold = parseThreshold(text)
    const fault = faultOf(threshold, measured)
    if (fault === null) return { kind, threshold }
    tell(fault.text, Math.max(0, text.indexOf(fault.word)), fault.hint)
  } catch (error) {
    if (!isThresholdError(error)) throw error
    tell(`${attribute}: ${error.message}`, error.at, error.hint)
  }
  return null
}
