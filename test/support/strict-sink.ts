import assert from 'node:assert/strict'
import type { DecodeSink } from '../../plugins/api.ts'

/** A sink to which nothing may be said: tests replace what is expected. */
export const strictSink: DecodeSink = {
  wantsContent: false,
  count: (name) => assert.fail(`counts ${name}`),
  add: (name) => assert.fail(`adds to ${name}`),
  sample: (name) => assert.fail(`samples ${name}`),
  delivered: (_payload, metric) => assert.fail(`measures ${metric}`),
  joins: () => assert.fail('joins'),
  wakeAfter: (ms) => assert.fail(`sets an alarm in ${ms} ms`),
  content: () => assert.fail('hands on content'),
  reply: () => assert.fail('replies'),
  goOn: () => assert.fail('lets the user go on'),
  fail: (counter) => assert.fail(`fails with ${counter}`),
}
