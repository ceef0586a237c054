import assert from 'node:assert/strict'
import { fromOldSyntax } from '../../core/regexp/old-syntax.ts'

describe('regexp of before Tsung 1.4', () => {
  for (const [old, want] of [
    ['<title>\\(.*\\)</title>', '<title>(.*)</title>'],
    ['cartId=\\([0-9]*\\)', 'cartId=([0-9]*)'],
    ['(a|b)=\\([^()]*\\)', '(?:a|b)=([^()]*)'],
    ['[(]\\(\\d+\\)[)]', '[(](\\d+)[)]'],
    ['<title>(.*)</title>', '<title>(.*)</title>'],
    ['a\\.b', 'a\\.b'],
  ] as const) {
    it(`${old} is ${want}`, () => assert.equal(fromOldSyntax(old), want))
  }
})
