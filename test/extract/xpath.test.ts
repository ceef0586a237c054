import assert from 'node:assert/strict'
import fc from 'fast-check'
import { utf8ByteString } from '../../core/byte-string.ts'
import type { Value } from '../../core/dynvars/value.ts'
import { parseHtml } from '../../core/extract/html.ts'
import { compileXPath } from '../../core/extract/xpath.ts'

function find(expression: string, page: string): Value | undefined {
  const document = parseHtml(page)
  assert.ok(document, 'there is an element')
  const query = compileXPath(expression)
  assert.ok(query, `${expression} is XPath`)
  return query.evaluate(document)
}

const page = utf8ByteString(
  "<html><body><div id='a'><p>1</p><p>2<b>x</b></p></div><div><p>3</p>" +
    "<img src='s1'><img src='s2'></div><a HREF='u'>café &eacute;</a></body></html>",
)

describe('xpath', () => {
  // What Tsung 1.7.0's library finds in the same page.
  for (const [expression, want] of [
    ['/html/body/div/p/text()', ['1', '2', '3']],
    ['//p/text()', ['1', '2', '3']],
    ['//img/@src', ['s1', 's2']],
    ['//img[1]/@src', ['s1']],
    ['/html/body/div[2]/img[2]/@src', ['s2']],
    ['count(//p)', '3'],
    ['count(//p) > 2', 'true'],
    ['3 div 2', '1.5'],
    ['//a/@href', ['u']],
    ['/html/body/a/text()', [utf8ByteString('café é')]],
    ["concat('a','b')", 'ab'],
    ["//div[@id='a']/p[last()]/text()", ['2']],
    ['//p[position()=2]/text()', ['2']],
    ['name(/*)', 'html'],
    ['//nothing', []],
    ["//p[contains(text(),'1')]/text()", ['1']],
    ['//p/text() | //img/@src', ['1', '2', '3', 's1', 's2']],
    ["//*[@id='a']/@id", ['a']],
    ['//p//text()', ['1', '2', 'x', '3']],
    ['p', []],
    ['//div[count(p)=1]/img/@src', ['s1', 's2']],
    ['//comment()', []],
    ['not(//zzz)', 'true'],
  ] as const) {
    it(`${expression} is ${JSON.stringify(want)}`, () => {
      assert.deepEqual(find(expression, page), want)
    })
  }

  // Steps and positions as Tsung 1.7.0 takes them.
  const nested =
    '<html><body><div><span><p>deep</p></span><p>mid</p></div><p>shallow</p>' +
    '<div><p>m1</p><div><p>d2</p></div><p>m2</p></div>' +
    '<ul><li>1<ul><li>1.1</li><li>1.2</li></ul></li><li>2</li></ul></body></html>'
  for (const [expression, want] of [
    ['//p/text()', ['shallow', 'mid', 'deep', 'm1', 'm2', 'd2']],
    ['//p[1]/text()', ['shallow']],
    ['//p[3]/text()', ['deep']],
    ['//div/p/text()', ['mid', 'm1', 'm2', 'd2']],
    ['//div//p[2]/text()', ['deep']],
    ['//li/text()', ['1', '2', '1.1', '1.2']],
    ['//ul/li[2]/text()', ['2']],
    ['//div[2]/p[2]/text()', ['m2']],
    ['//p[text()][2]/text()', ['mid']],
    ['//div[1]//p[1]/text()', ['mid']],
    ['//div[last()]/p[1]/text()', ['d2']],
  ] as const) {
    it(`${expression} is ${JSON.stringify(want)} of a nested page`, () => {
      assert.deepEqual(find(expression, nested), want)
    })
  }

  // Where Tsung has no value, or fails.
  for (const [expression, want] of [
    ['//A/@HREF', ['u']],
    ['//p', ['1', '2x', '3']],
    ["//a[text()='café é']/@href", ['u']],
    ['//b/ancestor::div/@id', ['a']],
    ["normalize-space(' a  b ')", 'a b'],
    ["translate('abc','b','x')", 'axc'],
    ["substring('abc',2)", 'bc'],
    ['true()', 'true'],
    ['nothing-like-that()', undefined],
    ['//unbound:p', []],
  ] as const) {
    it(`${expression} is ${JSON.stringify(want)}, with no fault`, () => {
      assert.deepEqual(find(expression, page), want)
    })
  }

  for (const expression of ['(', '//', '//p[', '']) {
    it(`"${expression}" is no XPath`, () => assert.equal(compileXPath(expression), null))
  }
})

describe('pages', () => {
  for (const [name, html, expression, want] of [
    ['text before the first element is none', 'x<b>y</b>z', '//text()', ['y']],
    ['blank texts are none', '<a> <b> x </b>\n</a>', '//text()', [' x ']],
    ['comments split texts', '<a>1<!-- c -->2</a>', '/a/text()', ['12']],
    ['list items end each other', '<ul><li>1<li>2</ul>', '/ul/li/text()', ['1', '2']],
    [
      'cells end each other',
      '<table><tr><td>1<td>2<tr><td>3',
      '/table/tr/td/text()',
      ['1', '2', '3'],
    ],
    ['no tbody is added', '<table><tr><td>1</table>', '/table/tr/td/text()', ['1']],
    ['script is text', '<script>if (a<b) {}</script>', '/script/text()', ['if (a<b) {}']],
    ['CDATA is text', '<r><![CDATA[x<y]]></r>', '/r/text()', ['x<y']],
    ['a tag that is not closed', '<p><b>1<i>2</p>', '//b/i/text()', ['2']],
    ['an end that does not begin', '</p><p>1</b></p>', '//p/text()', ['1']],
    ['a stray <', '<p>1 < 2</p>', '//p/text()', ['1 < 2']],
    ['attributes without quotes', '<a b=c d>', '//a/@*', ['c', '']],
    ['odd attributes', '<a @click="x" [y]="z" f"g>1</a>', '//a/text()', ['1']],
    ['entities in attributes', '<a b="1&amp;2&lt;">', '//a/@b', ['1&2<']],
    ['unknown entities stay', '<a>&nope; &amp</a>', '//a/text()', ['&nope; &']],
    ['bytes that are no UTF-8 stay', '<a>\xe9&eacute;</a>', '//a/text()', ['\xe9\xc3\xa9']],
    ['two roots', '<a/><b/>', 'count(/*)', '2'],
    [
      'XML has other empty elements',
      '<?xml version="1.0"?><r><link>u</link></r>',
      '//link/text()',
      ['u'],
    ],
    ['XML names without their case', '<?xml version="1.0"?><aB>u</aB>', '/aB/text()', ['u']],
    ['prefixes are part of the name', '<a:b xmlns:a="u" c:d="1">x</a:b>', '//a:b/@c:d', ['1']],
    ['a prefix is asked for', '<a:b>x</a:b>', '//b', []],
    [
      'xmlns is an attribute',
      "<q xmlns='jabber:iq:roster'><i/></q>",
      "//q[@xmlns='jabber:iq:roster']/@xmlns",
      ['jabber:iq:roster'],
    ],
  ] as const) {
    it(name, () => assert.deepEqual(find(expression, html), want))
  }

  for (const text of [
    '',
    '  ',
    'text only',
    '{"a":1}',
    '<',
    '</a>',
    '<!-- c -->',
    '<!DOCTYPE html>',
  ]) {
    it(`${JSON.stringify(text)} has no element`, () => assert.equal(parseHtml(text), null))
  }

  it('elements in elements in elements are read, and not for ever', function () {
    this.timeout(20_000)
    for (const text of ['<div>'.repeat(200_000), '<b><i>'.repeat(3000) + '</i></b>'.repeat(3000)]) {
      assert.match(String(find('count(//*)', text)), /^\d{4,}$/)
    }
    const deep = `${'<b>'.repeat(600)}x${'</b>'.repeat(600)}<p>y</p>`
    assert.deepEqual(find('/p/text()', deep), ['y'])
  })

  it('a page of 1 MB is read in a time that can be borne', function () {
    this.timeout(20_000)
    const text = `<html>${'<p class="c">some text <b>here</b></p>'.repeat(27_000)}</html>`
    const list = find('//p[@class="c"]/b/text()', text)
    assert.equal(list?.length, 27_000)
  })

  it('any text is read', () => {
    const unit = fc.constantFrom(
      ...'<>/ab="\' &;!-[]?x:\n\xe9'.split(''),
      '<a',
      '</',
      '<!--',
      '<?xml ',
      '<![CDATA[',
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const document = parseHtml(text)
        if (document !== null) compileXPath('//*[@a]/text() | //@*')!.evaluate(document)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('any expression is taken or refused', () => {
    const unit = fc.constantFrom(
      ...'/@*[]()ab1=|+-."\'$:,'.split(''),
      '//',
      'text()',
      'last()',
      '::',
      'self',
    )
    const document = parseHtml(page)!
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
        compileXPath(text)?.evaluate(document)
      }),
      { seed: 1, numRuns: 3000 },
    )
  })
})
