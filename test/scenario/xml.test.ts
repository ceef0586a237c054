import assert from 'node:assert/strict'
import { onePhase, placesOf, readParts, readXml, scenarioOf, scenarioXml } from './build.ts'

const doctype = (subset: string): string => `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [${subset}]>`
const good = scenarioXml()

describe('a scenario that is not well-formed', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['an empty file', '', '1:1 there is no element'],
    ['text alone', 'hello', '1:1 "h" stands before the first element'],
    ['a DOCTYPE alone', '<!DOCTYPE tsung>', '1:17 there is no element'],
    ['a tag that does not end', '<tsung', '1:1 the tag <tsung does not end'],
    ['an element that does not end', '<tsung>\n  <clients>', '2:3 <clients> is not closed'],
    ['a wrong end tag', '<tsung>\n</tsnug>', '2:1 </tsnug> does not close <tsung> of line 1'],
    ['an end tag too many', '<tsung/></tsung>', '1:9 </tsung> closes nothing'],
    ['a second root', `${good}<tsung/>`, '8:1 <tsung> is a second root element'],
    ['text behind the end', `${good}x`, '8:1 "x" stands behind the end of the scenario'],
    ['a bare &', '<tsung a="b&c"/>', '1:12 a "&" that begins no reference'],
    ['a < in a value', '<tsung\n a="b<c"/>', '2:6 "<" cannot stand in the value of a'],
    ['an attribute twice', '<tsung a="1" a="2"/>', '1:14 <tsung> has the attribute a twice'],
    ['no blank between attributes', '<tsung a="1"b="2"/>', '1:13 a blank is missing before'],
    ['a value without quotes', '<tsung a=1/>', '1:10 the value of a needs quotes'],
    ['an attribute without value', '<tsung a/>', '1:8 the attribute a has no value'],
    ['a value that does not end', '<tsung a="1/>', '1:10 the value of a does not end'],
    ['a sign in a tag', '<tsung %/>', '1:8 "%" cannot stand in the tag <tsung>'],
    ['a < that begins no tag', '<tsung>< x</tsung>', '1:8 a "<" that begins no tag'],
    ['a comment that does not end', '<tsung><!-- x', '1:8 the comment does not end'],
    ['-- in a comment', '<tsung><!-- a -- b --></tsung>', '1:15 "--" cannot stand in a comment'],
    ['a CDATA section that does not end', '<tsung><![CDATA[x', '1:8 the CDATA section does not'],
    [']]> in text', '<tsung>a]]>b</tsung>', '1:9 "]]>" cannot stand in text'],
    [
      'a late XML declaration',
      ' <?xml version="1.0"?><tsung/>',
      '1:2 the XML declaration is not at',
    ],
    [
      'an XML declaration inside',
      '<tsung><?xml version="1.0"?></tsung>',
      '1:8 the XML declaration is',
    ],
    ['no version', '<?xml encoding="UTF-8"?><tsung/>', '1:1 the XML declaration cannot be read'],
    [
      'a DOCTYPE twice',
      '<!DOCTYPE tsung><!DOCTYPE tsung><tsung/>',
      '1:17 a DOCTYPE cannot stand here',
    ],
    [
      'a DOCTYPE that does not end',
      '<!DOCTYPE tsung SYSTEM "x" <tsung/>',
      '1:1 the DOCTYPE does not',
    ],
    ['a control character', '<tsung a="\u0001"/>', '1:11 XML does not allow the character U+0001'],
    [
      'a reference to no character',
      '<tsung a="&#0;"/>',
      '1:11 XML does not allow the character U+0000',
    ],
    [
      'a reference beyond Unicode',
      '<tsung a="&#x110000;"/>',
      '1:11 XML does not allow the character',
    ],
  ]
  for (const [title, xml, expected] of cases) {
    it(`${title}: one error, at its place`, () => {
      const { scenario, diagnostics } = readXml(xml)
      assert.equal(scenario, null)
      const found = diagnostics.map(
        ({ text, position }) => `${position.line}:${position.column} ${text}`,
      )
      assert.equal(found.length, 1, found.join('\n'))
      assert.ok(found[0]!.startsWith(expected), found[0])
      assert.equal(diagnostics[0]!.code, 'E_XML')
      assert.equal(diagnostics[0]!.position.file, 'dir/scenario.xml')
    })
  }

  it('elements nested without end are refused, not followed', () => {
    const { diagnostics } = readXml('<tsung>'.repeat(100_000))
    assert.match(diagnostics[0]!.text, /nested more than 200 deep/)
  })
})

describe('what XML allows around and in a scenario', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['an XML declaration', `<?xml version="1.0"?>\n${good}`],
    ['single quotes and blanks', `<?xml version = '1.0' encoding='utf-8' ?>${good}`],
    ['a byte order mark', `\ufeff${good}`],
    ['comments before and behind', `<!-- a -->${good}<!-- b -->\n`],
    ['instructions', `<?a b?>${good}<?c?>`],
    ['an instruction that looks like a declaration', `<?xml-?>${good}`],
    ['quotes and brackets in instructions', `<?a "b?>${good}<?c '<d>?>`],
    ['an empty internal subset', scenarioXml({ doctype: doctype('') })],
    ['a DTD that is nowhere', scenarioXml({ doctype: '<!DOCTYPE tsung SYSTEM "/no/such.dtd">' })],
    ['a public identifier', scenarioXml({ doctype: '<!DOCTYPE tsung PUBLIC "a" "b">' })],
    ['declarations', scenarioXml({ doctype: doctype('<!ELEMENT x ANY><!NOTATION n SYSTEM ">">') })],
    ['> in a value', good.replace('url="/"', 'url="/>"')],
    ['values in single quotes', good.replace('url="/"', "url = '/'")],
    ['blanks in an end tag', good.replace('</load>', '</load  >')],
  ]
  for (const [title, xml] of cases) {
    it(`${title} changes nothing`, () => assert.deepEqual(readXml(xml).diagnostics, []))
  }

  it('line ends and tabs in a value are blanks, written as references they stay', () => {
    const session = '<request><http url="/a\r\n\tb&#10;c"/></request>'
    const { scenario } = readParts({ session })
    const [action] = scenario!.sessions[0]!.actions
    assert.equal(action?.type === 'request' && action.label, 'GET /a  b\nc')
  })

  it('blanks around a token do not count', () => {
    const servers = '<server host=" 127.0.0.1 " port=" 80\n" type=" tcp "/>'
    assert.deepEqual(scenarioOf({ servers }).servers, [
      { host: '127.0.0.1', port: 80, transport: 'tcp', weight: 1 },
    ])
  })

  it('CDATA and text are one text', () => {
    const options =
      '<option type="ts_http" name="user_agent"><user_agent probability="100">a&amp;<![CDATA[<b>]]>&#99;</user_agent></option>'
    const { plugins } = scenarioOf({ options }).options
    assert.deepEqual(plugins['ts_http'], {
      useServerAsProxy: false,
      userAgents: [{ probability: 100, text: 'a&<b>c' }],
      version: '1.1',
      usersPerConnection: 1,
    })
  })

  it('text behind a comment is lost as in Tsung, and told', () => {
    const options =
      '<option type="ts_http" name="user_agent"><user_agent probability="100"><!-- x -->a</user_agent></option>'
    assert.deepEqual(placesOf(readParts({ options }).diagnostics), ['W_LOST_TEXT 6:51'])
  })
})

describe('positions', () => {
  const wrong = good.replace('<load>', '<load>\n  <bogus/>')
  it('are the same with LF, CRLF and CR', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const { diagnostics } = readXml(wrong.replaceAll('\n', end))
      assert.deepEqual(placesOf(diagnostics), ['E_UNKNOWN_ELEMENT 6:3'])
    }
  })

  it('count characters, not bytes or halves of them', () => {
    const information = '<information><name>é😀日</name><bogus/></information>'
    assert.deepEqual(placesOf(readParts({ information }).diagnostics), ['E_UNKNOWN_ELEMENT 2:37'])
  })

  it('of a value are where it begins, however the tag is written', () => {
    const servers = '<server host = "x"\n  type=\'tcp\'\n\tport=\n"many"/>'
    assert.deepEqual(placesOf(readParts({ servers }).diagnostics), ['E_BAD_ATTRIBUTE 7:2'])
  })
})

describe('encodings', () => {
  const named = (encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?>${scenarioXml({
      sessions: '<session name="é€" probability="100" type="ts_http"/>',
    })}`
  const utf16be = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['UTF-8', Buffer.from(named('UTF-8')), 'é€'],
    ['UTF-16 little-endian', Buffer.from(`\ufeff${named('UTF-16')}`, 'utf16le'), 'é€'],
    ['UTF-16 big-endian', utf16be(named('UTF-16')), 'é€'],
    ['ISO-8859-1', Buffer.from(named('ISO-8859-1').replace('€', ''), 'latin1'), 'é'],
    ['windows-1252', Buffer.from(named('windows-1252').replace('€', '\x80'), 'latin1'), 'é€'],
    ['windows-1251', Buffer.from(named('windows-1251').replace('é€', '\xe9\xff'), 'latin1'), 'йя'],
  ]
  for (const [title, bytes, name] of cases) {
    it(`${title} is read`, () => assert.equal(readXml(bytes).scenario?.sessions[0]?.name, name))
  }

  const refusals: readonly (readonly [string, Uint8Array, RegExp, string])[] = [
    ['an unknown one', Buffer.from(named('klingon')), /"klingon" is not known/, '1:1'],
    [
      'UTF-16 that is none',
      Buffer.from(named('UTF-16')),
      /says UTF-16, but the file is not/,
      '1:1',
    ],
    ['bytes that are no UTF-8', Buffer.from('<a>\n é', 'latin1'), /the file is not UTF-8/, '2:2'],
  ]
  for (const [title, bytes, text, place] of refusals) {
    it(`${title} is refused`, () => {
      const { diagnostics } = readXml(bytes)
      assert.deepEqual(placesOf(diagnostics), [`E_ENCODING ${place}`])
      assert.match(diagnostics[0]!.text, text)
    })
  }
})

describe('the DOCTYPE', () => {
  it('is not needed: a warning', () => {
    const { scenario, diagnostics } = readXml(good.replace(/^.*\n/, ''))
    assert.ok(scenario !== null)
    assert.deepEqual(placesOf(diagnostics), ['W_NO_DOCTYPE 1:1'])
  })

  it('without a DTD: a warning', () => {
    const { diagnostics } = readParts({ doctype: '<!DOCTYPE tsung>' })
    assert.deepEqual(placesOf(diagnostics), ['W_NO_DOCTYPE 1:1'])
  })

  it('for another root: an error', () => {
    const { diagnostics } = readParts({ doctype: '<!DOCTYPE other SYSTEM "x.dtd">' })
    assert.deepEqual(placesOf(diagnostics), ['E_DOCTYPE 1:1'])
  })

  it('may declare an attribute, which then does nothing', () => {
    const parts = { doctype: doctype('<!ATTLIST tsung mine CDATA "">'), root: 'mine="1"' }
    assert.deepEqual(placesOf(readParts(parts).diagnostics), ['W_DECLARED_ATTRIBUTE 2:14'])
  })
})

describe('the expanded scenario', () => {
  it('has its DOCTYPE, no entities, and says the same', () => {
    const parts = { doctype: doctype(`<!ENTITY all '${onePhase}'>`), load: '&all;' }
    const { expandedXml, scenario } = readParts(parts)
    const lines = expandedXml.split('\n')
    assert.equal(lines[0], '<?xml version="1.0" encoding="UTF-8"?>')
    assert.equal(lines[1], '<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">')
    assert.ok(expandedXml.includes(`<load>${onePhase}</load>`))
    assert.deepEqual(
      readXml(expandedXml).scenario?.load.phases.length,
      scenario?.load.phases.length,
    )
  })

  it('of a file that is not well-formed is the file', () => {
    assert.equal(readXml('<tsung>').expandedXml, '<tsung>')
  })
})
