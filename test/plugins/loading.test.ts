import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { elementHelp } from '../../controller/commands/element-help.ts'
import { knownDeclarations } from '../../controller/commands/known-declarations.ts'
import { scenarioSchema } from '../../controller/commands/schema.ts'
import { loadScenario } from '../../controller/load-scenario.ts'
import { loadPlugin } from '../../controller/plugins/load.ts'
import { placeOf } from '../../controller/plugins/place.ts'
import { decodePack, encodePack } from '../../core/plugin-pack.ts'
import { withSentPlugins } from '../../launcher/sent-plugins.ts'
import type { AnyPlugin } from '../../plugins/api.ts'
import { scenarioXml } from '../scenario/build.ts'
import { builtMain } from '../support/dist.ts'
import { TstsProcess } from '../support/tsts-process.ts'

/** A plugin whose request is `text`, encoded as `expression` says. */
function source(type: string, expression = 'view.render(request.text)', head = ''): string {
  const word = type.slice('ts_'.length)
  return `import { definePlugin } from 'tsts/plugin'
${head}
export const plugin = definePlugin({
  apiVersion: 1,
  type: '${type}',
  doc: 'a test',
  elements: [{ name: '${word}', doc: 'asks ${word}', attributes: {
    text: { type: 'string', required: true, substitutable: true, doc: 'what is asked' } } }],
  options: [{ name: '${word}_mood', doc: 'how', attributes: { value: { type: 'enum', values: ['good', 'bad'], doc: 'm' } } }],
  counters: [{ name: '${word}_asked', kind: 'count', isError: false, doc: 'questions' }],
  encode: (request, user, connection, view) => ${expression},
  decode: () => 'done',
})
`
}

describe('plugins', function () {
  this.timeout(60_000)
  let folder = ''
  let count = 0
  /** A folder of its own for each test: what was loaded once is not loaded again. */
  let place = ''

  before(() => {
    builtMain()
    folder = mkdtempSync(join(tmpdir(), 'tsts-loading-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(() => {
    place = join(folder, `case-${++count}`)
    mkdirSync(place)
  })

  function write(path: string, text: string): string {
    const whole = join(place, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
    return whole
  }

  function install(name: string, text: string, manifest: object = {}): void {
    const folder = `node_modules/${name}`
    write(
      `${folder}/package.json`,
      JSON.stringify({ name, type: 'module', exports: './p.mjs', ...manifest }),
    )
    write(`${folder}/p.mjs`, text)
  }

  function scenario(type: string, path = 'scenarios/deep/a.xml', more: object = {}): string {
    const word = type.slice('ts_'.length)
    const session = `<request><${word} text="a"/></request>`
    const text = scenarioXml({ session, ...more }).replace(/type="ts_http"/, `type="${type}"`)
    assert.ok(text.includes(`type="${type}"`), text)
    return write(path, text)
  }

  async function findings(
    path: string,
    plugins: readonly string[] = [],
  ): Promise<readonly string[]> {
    const { diagnostics } = await loadScenario(path, { plugins })
    return diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, text, hint }) => `${code}: ${text} (${hint})`)
  }

  /** What a plugin encodes as a launcher loads it. */
  async function encodedBy(path: string): Promise<string> {
    const { file } = await loadPlugin(placeOf(path))
    const plugins = await withSentPlugins([file])
    return encodeWith(plugins[file.type]!)
  }

  it('are found from the folder of the scenario upwards', async () => {
    install('tsts-plugin-near', source('ts_near'))
    const loaded = await loadScenario(scenario('ts_near'))
    assert.deepEqual(loaded.diagnostics, [])
    assert.deepEqual(
      loaded.plugins.map(({ type }) => type),
      ['ts_near'],
    )
  })

  it('are found where the scenario is a part of the package', async () => {
    write('package.json', '{ "name": "tsts-plugin-my-own", "type": "module", "main": "p.js" }')
    write('p.js', source('ts_my_own'))
    assert.deepEqual(await findings(scenario('ts_my_own')), [])
  })

  it('that are not there are told with where they were looked for', async () => {
    const [found, ...others] = await findings(scenario('ts_absent', 'a.xml'))
    // That there is no element <absent> goes without saying.
    assert.deepEqual(others, [])
    assert.equal(
      found,
      `E_PLUGIN: there is no session type ts_absent: tsts has none, and no package tsts-plugin-absent is installed in ${place} ` +
        'or above it (npm install tsts-plugin-absent there, or name its folder by --plugin PATH)',
    )
    const { diagnostics } = await loadScenario(join(place, 'a.xml'))
    const { position } = diagnostics.find(({ code }) => code === 'E_PLUGIN')!
    const line = readFileSync(join(place, 'a.xml'), 'utf8').split('\n')[position.line - 1]!
    assert.equal(line.slice(position.column - 1, position.column + 8), 'ts_absent')
  })

  it('that are only misspelt are told so', async () => {
    const [found] = await findings(scenario('ts_htpp', 'a.xml'))
    assert.match(
      found!,
      /^E_PLUGIN: there is no session type ts_htpp: .*\(did you mean ts_http\?\)/,
    )
  })

  it('that lie there unused are not loaded', async () => {
    install('tsts-plugin-unused', `throw new Error('it was loaded')`)
    const path = write('a.xml', scenarioXml())
    assert.deepEqual(await findings(path), [])
  })

  it('that throw when they are loaded are told with file and line', async () => {
    install('tsts-plugin-throws', `\n\nthrow new Error('no mood')\n`)
    const [found] = await findings(scenario('ts_throws', 'a.xml'))
    assert.match(
      found!,
      /^E_PLUGIN: the plugin of ts_throws cannot be used: no mood \(.*\/node_modules\/tsts-plugin-throws\/p\.mjs:3\) \(it is /,
    )
    assert.ok(found!.includes(place))
    assert.doesNotMatch(found!, /tsts-plugins-/)
  })

  for (const [title, text, says] of [
    ['cannot be read', 'export const plugin = {', /Unexpected end of input|Unexpected token/],
    [
      'import what is not there',
      `import 'nowhere'\n${source('ts_bad')}`,
      /Cannot find package 'nowhere'/,
    ],
    ['export none', 'export const plug = 1', /it exports no plugin, but plug: export const plugin/],
    ['export something else', 'export const plugin = () => 1', /it is no plugin, but a function/],
    [
      'are for another version',
      source('ts_bad').replace('apiVersion: 1', 'apiVersion: 9'),
      /it is for 9, and this tsts has version 1/,
    ],
    ['have another type', source('ts_worse'), /it has sessions of type ts_worse/],
    [
      'have an element of tsts',
      source('ts_bad').replace(`name: 'bad'`, `name: 'http'`),
      /its element <http> is another’s, too/,
    ],
    [
      'have a counter of tsts',
      source('ts_bad').replace('bad_asked', 'users_count'),
      /its counter users_count is another’s, too/,
    ],
    [
      'have a counter of a family of tsts',
      source('ts_bad').replace('bad_asked', 'tr_x'),
      /its counter tr_x is another’s, too/,
    ],
    [
      'have a counter of a status',
      source('ts_bad').replace('bad_asked', 'a404').replace(`'a404'`, `'404'`),
      /counter cannot be called "404"/,
    ],
    [
      'call an error by another name',
      source('ts_bad').replace('isError: false', 'isError: true'),
      /the names of errors, and no others, begin with error_/,
    ],
  ] as const) {
    it(`that ${title} are refused`, async () => {
      install('tsts-plugin-bad', text)
      const found = await findings(scenario('ts_bad', 'a.xml'))
      const fault = found.find((each) => each.startsWith('E_PLUGIN: the plugin of ts_bad'))
      assert.match(fault ?? found.join('\n'), says)
    })
  }

  it('may be given by --plugin, and stand before those that are found', async () => {
    install('tsts-plugin-given', `throw new Error('the wrong one')`)
    const given = write('elsewhere/given.mjs', source('ts_given'))
    assert.deepEqual(await findings(scenario('ts_given'), [given]), [])
  })

  it('that are given and cannot be used are no finding, but wrong arguments', async () => {
    const path = scenario('ts_twice', 'a.xml')
    const one = write('one.mjs', source('ts_twice'))
    const two = write('two.mjs', source('ts_twice'))
    for (const [plugins, says] of [
      [['/no/where'], /--plugin \/no\/where: there is no such file or folder/],
      [[place], /the folder is no package/],
      [[one, two], /two\.mjs cannot be used: there are two plugins for ts_twice \[E_PLUGIN\]/],
      [[write('http.mjs', source('ts_http'))], /there are two plugins for ts_http/],
    ] as const) {
      await assert.rejects(loadScenario(path, { plugins }), { code: 'E_USAGE', message: says })
    }
  })

  it('have their options, elements and attributes checked as others', async () => {
    install('tsts-plugin-moody', source('ts_moody'))
    const option = '<option type="ts_moody" name="moody_mood" value="good"/>'
    assert.deepEqual(await findings(scenario('ts_moody', 'a.xml', { options: option })), [])
    const bad = scenario('ts_moody', 'b.xml', { options: option.replace('good', 'god') })
    assert.match(
      (await findings(bad))[0]!,
      /value of the option moody_mood: "god" is not known; .*did you mean good/,
    )
    const text = readFileSync(join(place, 'a.xml'), 'utf8')
    const wrong = write('c.xml', text.replace('<moody text=', '<moody txt='))
    assert.match(
      (await findings(wrong))[0]!,
      /<moody> has no attribute txt \(did you mean text\?\)/,
    )
  })

  it('bring what they import by relative paths, and packages with theirs', async () => {
    write(
      'node_modules/outer/package.json',
      '{ "name": "outer", "main": "main.js", "dependencies": { "inner": "*" } }',
    )
    write('node_modules/outer/main.js', `exports.outer = 'outer+' + require('inner').inner`)
    write('node_modules/outer/node_modules/inner/package.json', '{ "name": "inner" }')
    write('node_modules/outer/node_modules/inner/index.js', `exports.inner = 'inner2'`)
    write('node_modules/inner/package.json', '{ "name": "inner" }')
    write('node_modules/inner/index.js', `exports.inner = 'inner1'`)
    write('lib/words.mjs', `export { hello } from './deep/hello.mjs'`)
    write('lib/deep/hello.mjs', `export const hello = 'hello'`)
    const head = `import { hello } from '../lib/words.mjs'
import { outer } from 'outer'
import inner from 'inner'`
    const path = write(
      'plugins/file.mjs',
      source('ts_file', `[hello, outer, inner.inner].join(' ')`, head),
    )
    assert.equal(await encodedBy(path), 'hello outer+inner2 inner1')
  })

  it('may be CommonJS, which leaves endings out', async () => {
    write('lib/words.js', `exports.hello = require('./deep').hello`)
    write('lib/deep/index.js', `exports.hello = 'hello'`)
    const head = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const words = require('./lib/words')`
    const path = write('common.mjs', source('ts_common', 'words.hello', head))
    assert.equal(await encodedBy(path), 'hello')
  })

  it('that are packages bring their dependencies, each its own version, and their data', async () => {
    install(
      'tsts-plugin-whole',
      source(
        'ts_whole',
        `[a, b, data.word].join(' ')`,
        `
import { readFileSync } from 'node:fs'
import a from 'aa'
import { b } from 'bb'
const data = JSON.parse(readFileSync(new URL('./data/word.json', import.meta.url), 'utf8'))`,
      ),
      { dependencies: { aa: '1', bb: '1' } },
    )
    const own = 'node_modules/tsts-plugin-whole'
    write(`${own}/data/word.json`, '{ "word": "data" }')
    write(`${own}/.secret`, 'hush')
    write('node_modules/aa/package.json', '{ "name": "aa" }')
    write('node_modules/aa/index.js', `module.exports = 'aa1'`)
    write(
      'node_modules/bb/package.json',
      '{ "name": "bb", "type": "module", "exports": "./b.js", "dependencies": { "aa": "2", "bb": "1" } }',
    )
    write('node_modules/bb/b.js', `import aa from 'aa'; export const b = 'bb+' + aa`)
    write('node_modules/bb/node_modules/aa/package.json', '{ "name": "aa" }')
    write('node_modules/bb/node_modules/aa/index.js', `module.exports = 'aa2'`)
    assert.equal(await encodedBy(join(place, own)), 'aa1 bb+aa2 data')
  })

  it('that are too large are told with what is', async () => {
    install('tsts-plugin-large', source('ts_large'))
    write('node_modules/tsts-plugin-large/film.bin', 'x'.repeat(65 * 1024 * 1024))
    const [found] = await findings(scenario('ts_large', 'a.xml'))
    assert.match(
      found!,
      /too large to be sent \(at most 10000 files, 64 MB\), most of it is .*tsts-plugin-large/,
    )
  })

  it('are in help and schema', async () => {
    install('tsts-plugin-told', source('ts_told'))
    const known = await knownDeclarations(scenario('ts_told'), [])
    assert.match(
      elementHelp('told', known)!,
      /^<told>: asks told\n.*text; required; %%_variables%% are replaced/s,
    )
    assert.match(elementHelp('told_mood', known)!, /^option told_mood of ts_told: how/)
    assert.match(scenarioSchema(known), /name="told"/)
    assert.doesNotMatch(scenarioSchema(), /name="told"/)
    const given = await knownDeclarations(null, [join(place, 'node_modules/tsts-plugin-told')])
    assert.equal(elementHelp('told', given), elementHelp('told', known))
    await assert.rejects(knownDeclarations(scenario('ts_gone', 'gone.xml'), []), {
      code: 'E_USAGE',
    })
  })

  it('are taken from the command line, and leave nothing behind', async () => {
    const path = write('p.mjs', source('ts_cli'))
    const own = join(place, 'tmp')
    mkdirSync(own)
    const ran = async (...args: string[]): Promise<TstsProcess> => {
      const process = new TstsProcess([...args, '--plugin', path], { env: { TMPDIR: own } })
      await process.ended
      assert.deepEqual(readdirSync(own), [])
      return process
    }
    const help = await ran('help', 'cli')
    assert.equal(await help.ended, 0, help.stderr)
    assert.match(help.stdout, /^<cli>: asks cli/)
    const xml = scenario('ts_cli')
    for (const command of ['check', 'plan', 'schema']) {
      const told = await ran(command, xml)
      assert.equal(await told.ended, 0, told.stdout + told.stderr)
    }
    const run = await ran('run', xml, '--fail-if', 'rate(cli_aske) > 1')
    assert.equal(await run.ended, 2)
    assert.match(run.stderr, /nothing called cli_aske is measured .*did you mean cli_asked\?/)
  })

  it('that arrive broken are told by the launcher', async () => {
    const { file } = await loadPlugin(placeOf(write('p.mjs', source('ts_broken'))))
    const sent = { type: 'ts_broken', sha256: file.sha256, path: write('pack', 'bytes') }
    await assert.rejects(withSentPlugins([sent]), {
      message: 'the plugin of ts_broken cannot be loaded: it arrived broken',
    })
  })

  it('that cannot be loaded on a host are told by the launcher', async () => {
    const bad = new Map([['main.mjs', Buffer.from(`throw new Error('not on this host')`)]])
    const bytes = gzipSync(encodePack(bad))
    const path = join(place, 'pack')
    writeFileSync(path, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await assert.rejects(withSentPlugins([{ type: 'ts_bad', path, sha256 }]), {
      message: 'the plugin of ts_bad cannot be loaded: not on this host',
    })
  })
})

describe('packs', () => {
  it('hold files as they were', () => {
    const files = new Map([
      ['b/c.bin', Uint8Array.from([0, 255, 10])],
      ['a.mjs', Uint8Array.from([])],
    ])
    const back = decodePack(encodePack(files))
    assert.deepEqual([...back.keys()], ['a.mjs', 'b/c.bin'])
    assert.deepEqual(back.get('b/c.bin'), files.get('b/c.bin'))
  })

  for (const path of ['../a', 'a/../../b', '/etc/a', 'a//b', 'a\\b']) {
    it(`cannot lead out of their folder: ${path}`, () => {
      assert.throws(() => decodePack(encodePack(new Map([[path, new Uint8Array(1)]]))), /leads out/)
    })
  }

  it('that are cut off, or none, are told', () => {
    const whole = encodePack(new Map([['a', new Uint8Array(9)]]))
    assert.throws(() => decodePack(whole.subarray(0, whole.length - 1)), /a is cut off/)
    assert.throws(() => decodePack(new TextEncoder().encode('{}\n')), /no pack/)
  })
})

function encodeWith(plugin: AnyPlugin): string {
  const request = plugin.compile({ text: 'x' }, { subst: 'false', options: null } as never)
  const view = { render: ({ constant }: { readonly constant: string }) => constant }
  return plugin.encode(request, null, null, view as never, {} as never)
}
