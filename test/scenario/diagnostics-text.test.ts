import assert from 'node:assert/strict'
import { diagnosticsText } from '../../controller/diagnostics-text.ts'
import type { Diagnostic } from '../../core/scenario/errors.ts'
import { readParts } from './build.ts'

const at = (line: number, column: number, rest: Partial<Diagnostic> = {}): Diagnostic => ({
  severity: 'error',
  code: 'E_X',
  text: 'wrong',
  position: { file: 'a.xml', line, column },
  ...rest,
})
const plain = (diagnostics: readonly Diagnostic[], text: string): string =>
  diagnosticsText(diagnostics, new Map([['a.xml', text]]), {})

describe('what is told of a scenario', () => {
  it('is place, text, code, line, caret, hint and count', () => {
    const { diagnostics, sources } = readParts({
      servers: '<server host="a" prot="80" port="8O" type="tcp"/>',
      monitoring: '<monitoring><monitor host="a"/></monitoring>\n',
      session: '<request/>',
    })
    assert.equal(
      diagnosticsText(diagnostics, sources, { isTTY: false }),
      `dir/scenario.xml:4:33: error: <server> has no attribute prot [E_UNKNOWN_ATTRIBUTE]
    4 | <servers><server host="a" prot="80" port="8O" type="tcp"/></servers>
      |                                 ^
      hint: did you mean port?
dir/scenario.xml:4:43: error: port of <server>: "8O" is not a whole number [E_BAD_ATTRIBUTE]
    4 | <servers><server host="a" prot="80" port="8O" type="tcp"/></servers>
      |                                           ^
dir/scenario.xml:5:1: warning: monitoring is not supported yet: the servers are not watched [W_MONITORING]
    5 | <monitoring><monitor host="a"/></monitoring>
      | ^
dir/scenario.xml:7:62: not playable: the request asks nothing: Tsung’s user would end here with error_unknown [U_EMPTY_REQUEST]
    7 | <sessions><session name="s" probability="100" type="ts_http"><request/></session></sessions>
      |                                                              ^
2 errors, 1 warning, 1 not playable yet
`,
    )
  })

  it('is in order of place, by file', () => {
    const other = at(1, 1, { position: { file: 'b.xml', line: 1, column: 1 } })
    const sources = new Map([
      ['a.xml', 'x\ny'],
      ['b.xml', 'z'],
    ])
    const text = diagnosticsText([other, at(2, 1), at(1, 2), at(1, 1)], sources, {})
    assert.deepEqual(text.match(/^\w\.xml:\d:\d/gm), [
      'a.xml:1:1',
      'a.xml:1:2',
      'a.xml:2:1',
      'b.xml:1:1',
    ])
  })

  it('of a long line shows what is around the caret', () => {
    const text = plain([at(1, 5001)], `${'a'.repeat(5000)}X${'b'.repeat(5000)}`)
    const [, line, caret] = text.split('\n')
    assert.ok(line!.length < 120)
    assert.equal(line![caret!.indexOf('^')], 'X')
    assert.match(line!, /\| …a+Xb+…$/)
  })

  it('points at the character that is meant, whatever stands before it', () => {
    for (const before of ['\t\t', 'é', 'e\u0301', 'a']) {
      const [, line, caret] = plain([at(1, [...before].length + 1)], `${before}X`).split('\n')
      const seen = line!.normalize('NFC')
      assert.equal(seen[caret!.indexOf('^')], 'X', JSON.stringify(before))
    }
    const [, line, caret] = plain([at(1, 3)], '日本X').split('\n')
    assert.equal(caret!.indexOf('^'), line!.indexOf('X') + 2)
  })

  it('escapes what a terminal would obey', () => {
    const evil = '\u001b[2J\u0007\u202e\u009b'
    const text = plain([at(1, 1, { text: evil, hint: evil })], evil)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    assert.match(text, /\\u\{1b\}\[2J\\u\{7\}\\u\{202e\}\\u\{9b\}/)
  })

  it('has colours on a terminal only', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it begins every colour
    const colour = /\u001b\[/
    const sources = new Map([['a.xml', 'x']])
    assert.doesNotMatch(diagnosticsText([at(1, 1)], sources, {}), colour)
    const before = process.env['NO_COLOR']
    try {
      delete process.env['NO_COLOR']
      assert.match(diagnosticsText([at(1, 1)], sources, { isTTY: true }), colour)
      process.env['NO_COLOR'] = '1'
      assert.doesNotMatch(diagnosticsText([at(1, 1)], sources, { isTTY: true }), colour)
    } finally {
      if (before === undefined) delete process.env['NO_COLOR']
      else process.env['NO_COLOR'] = before
    }
  })

  it('says what repeats ten times and counts the rest; errors all', () => {
    const many = Array.from({ length: 15 }, (_, index) => at(index + 1, 1))
    const lines = 'x\n'.repeat(15)
    assert.equal(plain(many, lines).match(/wrong/g)!.length, 15)
    const warnings = many.map((each): Diagnostic => ({ ...each, severity: 'warning' }))
    const text = plain(warnings, lines)
    assert.equal(text.match(/^a\.xml/gm)!.length, 10)
    assert.match(text, /\n5 more: warning: wrong \[E_X\]\n15 warnings\n$/)
  })

  it('goes without the line of a file that could not be read', () => {
    assert.equal(
      diagnosticsText([at(1, 1)], new Map(), {}),
      'a.xml:1:1: error: wrong [E_X]\n1 error\n',
    )
  })
})
