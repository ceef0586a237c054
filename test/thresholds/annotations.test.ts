import assert from 'node:assert/strict'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { JudgedThreshold } from '../../controller/model.ts'
import {
  annotations,
  junitXml,
  type Outcome,
  thresholdLines,
} from '../../controller/thresholds/annotations.ts'

const threshold = (ok: boolean, text: string): JudgedThreshold => ({
  expression: text,
  kind: 'fail-if',
  value: 1,
  limit: 2,
  ok,
  text,
})
const outcome: Outcome = {
  scenario: 'shop.xml',
  durationMs: 61_500,
  verdict: {
    status: 'suspect',
    reasons: [{ code: 'V_LATE', text: 'launcher 1 was late: 100 % <&>' }],
  },
  thresholds: [threshold(true, 'a < 1'), threshold(false, 'p99("tr_a, b") > 1%\nx')],
}

interface Suite {
  readonly testsuites: {
    readonly testsuite: {
      readonly '@tests': string
      readonly '@failures': string
      readonly testcase: readonly {
        readonly '@name': string
        readonly failure?: { readonly '@message': string }
      }[]
    }
  }
}

function parsed(xml: string): Suite {
  assert.equal(XMLValidator.validate(xml), true)
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', parseAttributeValue: false }
  return new XMLParser(options).parse(xml) as Suite
}

describe('what scripts are told', () => {
  it('is one line for each threshold', () => {
    assert.deepEqual(thresholdLines([threshold(true, 'x'), threshold(false, 'y')]), [
      'passed  x',
      'FAILED  y',
    ])
  })

  it('is a test case for the verdict and for each threshold', () => {
    const { testsuite } = parsed(junitXml(outcome)).testsuites
    assert.equal(testsuite['@tests'], '3')
    assert.equal(testsuite['@failures'], '2')
    assert.deepEqual(
      testsuite.testcase.map((each) => each.failure !== undefined),
      [true, false, true],
    )
    assert.equal(testsuite.testcase[1]?.['@name'], 'fail-if a &lt; 1'.replace('&lt;', '<'))
  })

  it('is well-formed whatever a name contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parsed(junitXml({ ...outcome, scenario: text, thresholds: [threshold(false, text)] }))
      }),
      { seed: 1 },
    )
  })

  it('is an annotation for each reason and each failure, on one line', () => {
    assert.deepEqual(annotations(outcome), [
      '::warning title=shop.xml%3A V_LATE::launcher 1 was late: 100 %25 <&>',
      '::error title=shop.xml%3A --fail-if::p99("tr_a, b") > 1%25%0Ax',
    ])
    assert.deepEqual(
      annotations({ ...outcome, verdict: { status: 'valid', reasons: [] }, thresholds: [] }),
      [],
    )
  })
})
