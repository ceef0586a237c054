import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { check } from '../../controller/commands/check.ts'
import { elementHelp, elementTopics, unknownTopic } from '../../controller/commands/element-help.ts'
import { loadScenario } from '../../controller/load-scenario.ts'
import { onePhase, scenarioXml } from './build.ts'

/** What was written. */
class Collected {
  text = ''
  write(part: string): boolean {
    this.text += part
    return true
  }
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsts-scenario-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const withEntity = (systemId: string): string =>
  scenarioXml({
    doctype: `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [<!ENTITY load SYSTEM "${systemId}">]>`,
    load: '&load;',
  })

describe('a scenario on the disk', () => {
  it('is read with its entities and files from its folder', async () => {
    mkdirSync(join(folder, 'parts'))
    write('parts/load.xml', onePhase)
    write('users.csv', 'a;b\n')
    const text = withEntity('parts/load.xml').replace(
      '<sessions>',
      '<options><option name="file_server" value="users.csv"/></options><sessions>',
    )
    const { scenario, diagnostics, sources, expandedXml, sha256 } = await loadScenario(
      write('s.xml', text),
    )
    assert.deepEqual(diagnostics, [])
    assert.equal(scenario?.file, 's.xml')
    assert.equal(scenario?.load.phases.length, 1)
    assert.deepEqual([...sources.keys()], [join(folder, 's.xml'), join(folder, 'parts/load.xml')])
    assert.equal(sha256, createHash('sha256').update(expandedXml).digest('hex'))
  })

  it('finds data files in the current folder, as Tsung does, but no entities', async () => {
    const options = '<option name="file_server" value="package.json"/>'
    const data = await loadScenario(write('data.xml', scenarioXml({ options })))
    assert.deepEqual(data.diagnostics, [])
    const entity = await loadScenario(write('entity.xml', withEntity('package.json')))
    assert.deepEqual(
      entity.diagnostics.map(({ code }) => code),
      ['E_ENTITY'],
    )
  })

  it('does not read what lies outside of its folder', async () => {
    const secret = write('secret.xml', onePhase)
    mkdirSync(join(folder, 'inner'))
    for (const systemId of [secret, '../secret.xml', `file://${secret}`]) {
      const { scenario, diagnostics } = await loadScenario(
        write('inner/s.xml', withEntity(systemId)),
      )
      assert.equal(scenario, null)
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        ['E_ENTITY'],
      )
    }
  })

  it('leaves requests out by their tag', async () => {
    const session = '<request tag="img"><http url="/"/></request>'
    const path = write('s.xml', scenarioXml({ session }))
    const { scenario } = await loadScenario(path, { excludeTags: ['img'] })
    assert.deepEqual(scenario?.sessions[0]?.actions, [])
  })

  it('may come from standard input, under Tsung’s name', async () => {
    const { scenario } = await loadScenario('-', { stdin: Buffer.from(scenarioXml()) })
    assert.equal(scenario?.file, 'tsung_stdin.xml')
  })

  it('that cannot be read is told in one line', async () => {
    await assert.rejects(loadScenario(join(folder, 'no.xml')), {
      code: 'E_USAGE',
      message: /no such file/,
    })
    await assert.rejects(loadScenario(folder), { code: 'E_USAGE', message: /it is a folder/ })
  })
})

describe('tsts check', () => {
  async function checked(text: string): Promise<readonly [number, string]> {
    const stdout = new Collected()
    const code = await check(write('s.xml', text), { stdin: Readable.from([]), stdout } as never)
    return [code, stdout.text.replaceAll(folder, '')]
  }

  it('of a good scenario is 0 and one line', async () => {
    assert.deepEqual(await checked(scenarioXml()), [
      0,
      's.xml: a valid scenario, 1 session, 1 server, 1 phase\n',
    ])
  })

  it('of warnings and what cannot be played is 0', async () => {
    const [code, out] = await checked(scenarioXml({ session: '<request/>' }).replace(/^.*\n/, ''))
    assert.equal(code, 0)
    assert.match(out, /1 warning, 1 not playable yet\ns\.xml: a valid scenario/)
  })

  it('of an error is 2', async () => {
    const [code, out] = await checked('<tsung>\n<clients>\n</tsung>\n')
    assert.equal(code, 2)
    assert.match(
      out,
      /^\/s\.xml:3:1: error: <\/tsung> does not close <clients> of line 2 \[E_XML\]\n/,
    )
    assert.match(out, /\n1 error\n$/)
  })

  it('reads standard input', async () => {
    const stdout = new Collected()
    const stdin = Readable.from([Buffer.from(scenarioXml())])
    assert.equal(await check('-', { stdin, stdout } as never), 0)
    assert.match(stdout.text, /^tsung_stdin\.xml: a valid scenario/)
  })
})

describe('tsts help', () => {
  for (const topic of elementTopics()) {
    it(`knows ${topic}`, () =>
      assert.match(elementHelp(topic) ?? '', new RegExp(`^(<${topic}>|option ${topic}\\b)`)))
  }

  const parts: readonly (readonly [string, RegExp])[] = [
    ['server', /stands in {2}<servers>/],
    ['server', /example {4}<server host="\S+" port="80" type="tcp"\/>/],
    ['<server>', /one of ssl, tcp, udp/],
    ['weight', /^$/],
    ['client', /default "800"/],
    ['thinktime', /<thinktime>[\s\S]*option thinktime/],
    ['thinktime', /value=?.*\n.*\(s\)/],
    ['global_number', /option global_number:[\s\S]*option global_number of ts_jabber:/],
    ['jabber', /cannot play it yet/],
    ['arrivalphase', /\(users \| session_setup \| rate\)\*/],
    ['iprange', /since Tsung 1\.7\.0/],
    ['http', /%%_variables%% are replaced/],
  ]
  for (const [topic, text] of parts) {
    it(`${topic} says ${text.source}`, () => assert.match(elementHelp(topic) ?? '', text))
  }

  it('suggests what was meant', () => {
    assert.equal(elementHelp('sesion'), null)
    assert.match(unknownTopic('sesion'), /did you mean session\?/)
    assert.doesNotMatch(unknownTopic('xyzzyplugh'), /did you mean/)
  })
})
