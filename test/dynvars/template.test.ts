import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fromUtf8 } from '../../core/byte-string.ts'
import {
  compileTemplate,
  constantTemplate,
  parseTemplate,
  renderTemplate,
} from '../../core/dynvars/template.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { environmentWith, scopeWith } from './environment.ts'

const values: { readonly [name: string]: Value } = {
  id: '42',
  empty: '',
  list: ['one', 'two', ['three', 'four']],
  'list[2]': 'literal',
  other: ['a', 'b'],
  'form:view.state': 'dots',
}

function rendered(text: string): string {
  const scope = scopeWith({
    'ts_user_server:get_unique_id': ({ id }) => String(id),
    'shop:cart': () => ['x', 'y'],
    'shop:nothing': () => undefined,
  })
  return renderTemplate(compileTemplate(text, scope), environmentWith(scope, values))
}

describe('template', () => {
  for (const [text, want] of [
    ['', ''],
    ['plain', 'plain'],
    ['%%_id%%', '42'],
    ['/a/%%_id%%/b/%%_id%%', '/a/42/b/42'],
    ['%%_id%%%%_id%%', '4242'],
    ['[%%_empty%%]', '[]'],
    ['%%_unknown%%', 'undefined'],
    ['%%_tsung_userid%%', '7'],
    ['%%_list%%', 'onetwothreefour'],
    ['%%_list[1]%%', 'one'],
    ['%%_list[2]%%', 'literal'],
    ['%%_list[3]%%', 'threefour'],
    ['%%_list[4]%%', 'undefined'],
    ['%%_list[0]%%', 'undefined'],
    ['%%_other[2]%%', 'b'],
    ['%%_id[1]%%', '42'],
    ['%%_id[2]%%', 'undefined'],
    ['%%_form:view.state%%', 'dots'],
    ['%%ts_user_server:get_unique_id%%', '7'],
    ['a%%shop:cart%%b', 'axyb'],
    ['a%%shop:nothing%%b', 'ab'],
    ['a%%shop:missing%%b', 'ab'],
    // No markers: nothing is lost, as Tsung would.
    ['100%% sure', '100%% sure'],
    ['50%%', '50%%'],
    ['%%', '%%'],
    ['%%_%%', '%%_%%'],
    ['%%id%%', '%%id%%'],
    ['50%% of %%_id%%', '50%% of 42'],
    ['%%_open and %%_id%%', 'undefined_id%%'],
    ['%20%2F', '%20%2F'],
    ['%%%_id%%', '%42'],
    ['%%_id%%%', '42%'],
  ] as const) {
    it(`${JSON.stringify(text)} reads ${JSON.stringify(want)}`, () => {
      assert.equal(rendered(text), want)
    })
  }

  it('a text without markers is ready when it is compiled', () => {
    const scope = scopeWith()
    assert.equal(compileTemplate('50%% off', scope).constant, '50%% off')
    assert.equal(compileTemplate('%%_a%%', scope).constant, null)
    assert.equal(constantTemplate('%%_a%%').constant, '%%_a%%')
  })

  it('a function that does not exist is told when it is called, its value is nothing', () => {
    const scope = scopeWith()
    const environment = environmentWith(scope)
    assert.equal(renderTemplate(compileTemplate('<%%no:such%%>', scope), environment), '<>')
    assert.deepEqual(environment.failed, ['no:such: there is no such function'])
  })

  for (const [what, text, want] of [
    ['ISO-8859-1 is a byte a character', 'é%%_id%%', 'é42'],
    ['other characters make the whole text UTF-8', 'é%%_id%%€', 'é42€'],
  ] as const) {
    it(what, () => {
      const bytes = rendered(text)
      assert.ok([...bytes].every((character) => character.charCodeAt(0) < 256))
      assert.equal(text.includes('€') ? fromUtf8(bytes) : bytes, want)
    })
  }

  it('tells what stands between markers', () => {
    assert.deepEqual(parseTemplate('a%%_b[2]%%c%%d:e%%'), [
      'a',
      { type: 'variable', name: 'b', index: 2 },
      'c',
      { type: 'call', module: 'd', name: 'e' },
    ])
  })

  it('nothing but markers is ever changed', () => {
    const piece = fc.oneof(
      fc.constantFrom('%%', '%', '_', ':', '[1]', '%%_id%%', '%%a:b%%', '\n'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const again = parseTemplate(text).map((part) => {
          if (typeof part === 'string') return part
          if (part.type === 'call') return `%%${part.module}:${part.name}%%`
          return `%%_${part.name}${part.index === null ? '' : `[${part.index}]`}%%`
        })
        assert.equal(again.join(''), text)
      }),
      { seed: 1 },
    )
  })
})
