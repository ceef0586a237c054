import assert from 'node:assert/strict'
import { type Files, onePhase, type Parts, placesOf, readParts, scenarioOf } from './build.ts'

const doctype = (subset: string): string => `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [${subset}]>`

describe('entities', () => {
  const server = '<server host="&h;" port="80" type="tcp"/>'
  const hosts: readonly (readonly [string, string, string])[] = [
    ['text', '<!ENTITY h "a.test">', 'a.test'],
    ['one in another', '<!ENTITY d "test"><!ENTITY h "a.&d;">', 'a.test'],
    ['declared before it is declared', '<!ENTITY h "a.&d;"><!ENTITY d "test">', 'a.test'],
    ['characters', '<!ENTITY h "&#97;.te&#x73;t">', 'a.test'],
    ['declared twice: the first counts', '<!ENTITY h "a.test"><!ENTITY h "b.test">', 'a.test'],
    ['in single quotes, with comments', "<!-- c --><!ENTITY h 'a.test' ><?pi?>", 'a.test'],
  ]
  for (const [title, subset, host] of hosts) {
    it(`in a value: ${title}`, () => {
      const scenario = scenarioOf({ doctype: doctype(subset), servers: server })
      assert.equal(scenario.servers[0]!.host, host)
    })
  }

  it('with the quotes of the value they stand in', () => {
    const parts = {
      doctype: doctype(`<!ENTITY q '"x"'>`),
      session: '<request><http url="/?&q;"/></request>',
    }
    const [action] = scenarioOf(parts).sessions[0]!.actions
    assert.equal(action?.type === 'request' && action.label, 'GET /?"x"')
  })

  it('with elements, one in another', () => {
    const subset = `<!ENTITY phase '${onePhase}'><!ENTITY all "&phase;">`
    assert.equal(scenarioOf({ doctype: doctype(subset), load: '&all;' }).load.phases.length, 1)
  })

  it('are not looked for in CDATA, comments and instructions', () => {
    const load = `<!-- &no; --><?a &no;?>${onePhase}`
    assert.deepEqual(readParts({ load }).diagnostics, [])
  })

  it('that are files are read from the folder of the scenario, without their XML declaration', () => {
    const files: Files = { 'parts/load.xml': `<?xml encoding="UTF-8"?>\n${onePhase}` }
    for (const path of ['parts/load.xml', './parts/load.xml', 'parts/x/../load.xml']) {
      const parts = { doctype: doctype(`<!ENTITY load SYSTEM "${path}">`), load: '&load;' }
      assert.equal(scenarioOf(parts, files).load.phases.length, 1, path)
    }
  })

  it('that are files and not used are not read', () => {
    const parts = { doctype: doctype('<!ENTITY load SYSTEM "/etc/passwd">') }
    assert.deepEqual(readParts(parts).diagnostics, [])
  })

  it('that lie elsewhere are taken from beside the scenario, and told', () => {
    for (const path of [
      '/home/me/load.xml',
      '../load.xml',
      'file:///x/load.xml',
      'C:\\x\\load.xml',
    ]) {
      const parts = { doctype: doctype(`<!ENTITY load SYSTEM "${path}">`), load: '&load;' }
      const { scenario, diagnostics } = readParts(parts, { 'load.xml': onePhase })
      assert.equal(scenario?.load.phases.length, 1)
      assert.deepEqual(placesOf(diagnostics), ['W_ENTITY_PATH 5:7'])
    }
  })
})

describe('an entity that cannot be used', () => {
  const inLoad = (subset: string): Parts => ({ doctype: doctype(subset), load: '&e;' })
  const inHost = (subset: string): Parts => ({
    doctype: doctype(subset),
    servers: '<server host="&e;" port="80" type="tcp"/>',
  })
  const cases: readonly (readonly [string, Parts, string, RegExp])[] = [
    ['unknown', inLoad(''), 'E_ENTITY 5:7', /the entity e is not declared/],
    ['unknown in a value', inHost(''), 'E_XML 4:24', /the entity e is not declared/],
    [
      'in itself',
      inLoad('<!ENTITY e "&f;"><!ENTITY f "&e;">'),
      'E_ENTITY 1:70',
      /e stands in itself/,
    ],
    ['in itself in a value', inHost('<!ENTITY e "&e;">'), 'E_XML 4:24', /e stands in itself/],
    [
      'a file that is not there',
      inLoad('<!ENTITY e SYSTEM "x.xml">'),
      'E_ENTITY 5:7',
      /x\.xml cannot be read/,
    ],
    [
      'a file elsewhere',
      inLoad('<!ENTITY e SYSTEM "/etc/passwd">'),
      'E_ENTITY 5:7',
      /lies outside/,
    ],
    [
      'a file above',
      inLoad('<!ENTITY e SYSTEM "a/../../b/x.xml">'),
      'E_ENTITY 5:7',
      /lies outside/,
    ],
    [
      'a file at another site',
      inLoad('<!ENTITY e SYSTEM "http://x.test/y">'),
      'E_ENTITY 5:7',
      /outside/,
    ],
    ['the folder itself', inLoad('<!ENTITY e SYSTEM ".">'), 'E_ENTITY 5:7', /lies outside/],
    [
      'a file in a value',
      inHost('<!ENTITY e SYSTEM "x.xml">'),
      'E_XML 4:24',
      /cannot stand in an attribute/,
    ],
    ['a < in a value', inHost('<!ENTITY e "a&#60;b">'), 'E_XML 4:24', /has a "<"/],
    ['an open element', inLoad('<!ENTITY e "<user>">'), 'E_ENTITY 5:7', /opens <user>/],
    ['a closed element', inLoad('<!ENTITY e "</load>">'), 'E_XML 1:53', /another entity/],
    ['half a tag', inLoad('<!ENTITY e "<user ">'), 'E_XML 1:53', /does not end/],
    ['of parameters', inLoad('<!ENTITY % e "x"> %e;'), 'E_XML 1:59', /parameter entities/],
    ['without a name', inLoad('<!ENTITY "x">'), 'E_XML 1:41', /has no name/],
    ['without an end', inLoad('<!ENTITY e "x"'), 'E_XML 1:41', /does not end/],
  ]
  for (const [title, parts, place, text] of cases) {
    it(`${title}: one error at its place`, () => {
      const { diagnostics } = readParts(parts)
      assert.deepEqual(placesOf(diagnostics), [place])
      assert.match(diagnostics[0]!.text, text)
    })
  }

  it('faults in the file of an entity are told there', () => {
    const parts = inLoad('<!ENTITY e SYSTEM "load.xml">')
    const { diagnostics, sources } = readParts(parts, {
      'load.xml': `${onePhase}\n <user sesion="s"/>`,
    })
    assert.deepEqual(
      [...new Set(diagnostics.map(({ position }) => position.file))],
      ['dir/load.xml'],
    )
    assert.deepEqual(placesOf(diagnostics), ['E_MISSING_ATTRIBUTE 2:2', 'E_UNKNOWN_ATTRIBUTE 2:16'])
    assert.ok(sources.get('dir/load.xml')!.includes('sesion'))
  })

  it('what is not well-formed in it is told there', () => {
    const { diagnostics } = readParts(inLoad('<!ENTITY e SYSTEM "load.xml">'), {
      'load.xml': '\n <user',
    })
    assert.equal(diagnostics[0]!.position.file, 'dir/load.xml')
    assert.deepEqual(placesOf(diagnostics), ['E_XML 2:2'])
  })
})

describe('what entities grow to', () => {
  const laughs = (depth: number, times: number): string => {
    const levels = Array.from({ length: depth }, (_, level) => {
      const inner = level === 0 ? 'ha' : `&l${level - 1};`
      return `<!ENTITY l${level} "${inner.repeat(times)}">`
    })
    return doctype(levels.join(''))
  }

  it('a billion laughs in text are an error, soon', () => {
    const { diagnostics } = readParts({ doctype: laughs(10, 10), load: '&l9;' })
    assert.equal(diagnostics.length, 1)
    assert.match(diagnostics[0]!.text, /more than 200000 entities are used/)
  })

  it('a billion laughs in a value are an error, soon', () => {
    const session = '<request><http url="/&l9;"/></request>'
    const { diagnostics } = readParts({ doctype: laughs(10, 10), session })
    assert.match(diagnostics[0]!.text, /more than 200000 entities are used/)
  })

  it('few entities of great length are an error, soon', () => {
    const big = `<!ENTITY big "${'x'.repeat(100_000)}">`
    const many = `<!ENTITY many "${'&big;'.repeat(1000)}">`
    for (const parts of [
      { load: '&many;' },
      { session: '<request><http url="/&many;"/></request>' },
    ]) {
      const { diagnostics } = readParts({ doctype: doctype(big + many), ...parts })
      assert.match(diagnostics[0]!.text, /too long/)
    }
  })

  it('entities nested deep are an error', () => {
    const { diagnostics } = readParts({ doctype: laughs(40, 1), load: '&l39;' })
    assert.match(diagnostics[0]!.text, /nested more than 32 deep/)
  })
})
