/** What a run came to, for those who run it from a script: JUnit's XML, and GitHub's annotations. Pure. */
import type { JudgedThreshold, Verdict } from '../model.ts'

export interface Outcome {
  readonly scenario: string
  readonly durationMs: number
  readonly verdict: Verdict
  readonly thresholds: readonly JudgedThreshold[]
}

/** One line for each threshold. */
export function thresholdLines(thresholds: readonly JudgedThreshold[]): readonly string[] {
  return thresholds.map(({ ok, text }) => `${ok ? 'passed' : 'FAILED'}  ${text}`)
}

/**
 * A test case for the verdict, and one for each threshold.
 *
 * Source: the schema of Jenkins' xUnit plugin, which CI services read.
 */
export function junitXml({ scenario, durationMs, verdict, thresholds }: Outcome): string {
  const seconds = (durationMs / 1000).toFixed(3)
  const reasons = verdict.reasons.map(({ code, text }) => `${code}: ${text}`)
  const cases = [
    testCase(
      'verdict',
      verdict.status === 'valid' ? null : [`the run is ${verdict.status}`, ...reasons],
    ),
    ...thresholds.map(({ kind, expression, ok, text }) =>
      testCase(`${kind} ${expression}`, ok ? null : [text]),
    ),
  ]
  const failures = cases.filter(({ failed }) => failed).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" time="${seconds}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tsts" ${counts}>`,
    `  <testsuite name="${attribute(scenario)}" ${counts}>`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

interface TestCase {
  readonly failed: boolean
  readonly xml: string
}

/** @param failure lines, the first is the message; null: it passed */
function testCase(name: string, failure: readonly string[] | null): TestCase {
  const open = `    <testcase classname="tsts" name="${attribute(name)}"`
  if (failure === null) return { failed: false, xml: `${open}/>` }
  const message = `<failure message="${attribute(failure[0] ?? '')}">${text(failure.join('\n'))}</failure>`
  return { failed: true, xml: `${open}>${message}</testcase>` }
}

function text(value: string): string {
  return withoutControls(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')
}

/** XML 1.0 has no way to write them. */
function withoutControls(value: string): string {
  return [...value]
    .map((each) => (each < ' ' && !'\t\n\r'.includes(each) ? '\ufffd' : each))
    .join('')
}

/**
 * Lines that GitHub shows beside a run of a workflow; none when all is well.
 *
 * Source: GitHub's manual, "Workflow commands", "Setting an error message".
 */
export function annotations({ scenario, verdict, thresholds }: Outcome): readonly string[] {
  return [
    ...verdict.reasons.map(({ code, text: why }) =>
      annotation(verdict.status === 'invalid' ? 'error' : 'warning', `${scenario}: ${code}`, why),
    ),
    ...thresholds
      .filter(({ ok }) => !ok)
      .map(({ kind, text: why }) => annotation('error', `${scenario}: --${kind}`, why)),
  ]
}

function annotation(level: 'error' | 'warning', title: string, message: string): string {
  const property = data(title).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${level} title=${property}::${data(message)}`
}

function data(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
