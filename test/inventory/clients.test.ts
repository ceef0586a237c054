import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { clientsText, sshConfigText, targetOf } from '../../controller/inventory/client-lines.ts'
import { clientsPlace } from '../../controller/inventory/clients-element.ts'
import { type ListedHost, plainHost } from '../../controller/inventory/model.ts'
import { rewriteScenario } from '../../controller/inventory/rewrite-scenario.ts'
import { sshSettings } from '../../controller/ssh/settings.ts'
import { scenarioText } from '../support/run-case.ts'

const auto = { cpu: 'auto', weight: null, maxusers: null }
const at = { file: 'list', line: 1 }

describe('<clients> in the text of a scenario', () => {
  const cases: readonly (readonly [title: string, text: string, want: string | null])[] = [
    [
      'is found',
      '<t> <clients><client host="a"/></clients> <servers/></t>',
      '<clients><client host="a"/></clients>',
    ],
    ['is found when it is empty', '<t><clients/></t>', '<clients/>'],
    [
      'is found behind other elements',
      '<t><servers/><clients></clients></t>',
      '<clients></clients>',
    ],
    ['is not one in a comment', '<t><!-- <clients></clients> --><clients/></t>', '<clients/>'],
    [
      'is not one in a section',
      '<t><![CDATA[<clients/>]]><clients ></clients></t>',
      '<clients ></clients>',
    ],
    ['is not one in a value', '<t><x y="<clients/>"/><clients/></t>', '<clients/>'],
    [
      'is not one further down',
      '<t><sessions><clients>x</clients></sessions><clients/></t>',
      '<clients/>',
    ],
    [
      'is not one in the DOCTYPE',
      '<!DOCTYPE t [<!ENTITY c "<clients/>"> <!-- ] > -->]><t><clients></clients></t>',
      '<clients></clients>',
    ],
    ['may be missing', '<t> <servers/></t>', ''],
    ['is nowhere without a root', '<!-- nothing -->', null],
  ]
  for (const [title, text, want] of cases) {
    it(title, () => {
      const place = clientsPlace(text)
      assert.equal(place === null ? null : text.slice(place.from, place.to), want)
    })
  }

  it('does not stumble over any text', () => {
    const part = fc.constantFrom(
      '<t>',
      '<clients>',
      '</clients>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '"',
      '<',
      '>',
      '/',
      'x',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('')
        const place = clientsPlace(text)
        if (place !== null)
          assert.ok(place.from >= 0 && place.from <= place.to && place.to <= text.length)
      }),
      { seed: 1 },
    )
  })

  it('is written with the attributes that are wanted', () => {
    assert.equal(
      clientsText(['a', 'b&c'], { cpu: '2', weight: '3', maxusers: '5000' }),
      '<clients>\n  <client host="a" cpu="2" weight="3" maxusers="5000"/>\n  <client host="b&amp;c" cpu="2" weight="3" maxusers="5000"/>\n</clients>',
    )
  })
})

describe('a scenario whose clients are replaced', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-clients-'))
    file = join(folder, 'scenario.xml')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const head = '<?xml version="1.0" encoding="iso-8859-1"?>\n'
  const body = (clients: string): string =>
    `${scenarioText(80)
      .replace(/<\?xml.*?\?>\n/, head)
      .replace(/<clients>.*?<\/clients>/s, clients)}<!-- caf\xe9 -->\n`

  it('keeps every other byte, its rights and its name', async () => {
    writeFileSync(file, Buffer.from(body('<clients><client host="old"/></clients>'), 'latin1'))
    chmodSync(file, 0o640)
    const link = join(folder, 'link.xml')
    symlinkSync(file, link)
    await rewriteScenario(link, ['a', 'b:2222'], auto)
    const want = body(
      '<clients>\n    <client host="a" cpu="auto"/>\n    <client host="b:2222" cpu="auto"/>\n  </clients>',
    )
    assert.equal(readFileSync(file, 'latin1'), want)
    assert.equal(statSync(file).mode & 0o777, 0o640)
    assert.deepEqual(readdirSync(folder).sort(), ['link.xml', 'scenario.xml'])
  })

  it('keeps its line ends', async () => {
    writeFileSync(file, body('<clients/>').replaceAll('\n', '\r\n'), 'latin1')
    await rewriteScenario(file, ['a'], auto)
    const text = readFileSync(file, 'latin1')
    assert.equal(text.replaceAll('\r\n', '').includes('\n'), false)
    assert.match(text, /<clients>\r\n {4}<client host="a"/)
  })

  it('is left alone when it is no scenario, or the clients stand elsewhere', async () => {
    const entity = body('&c;').replace(
      'SYSTEM "/usr/share/tsung/tsung-1.0.dtd"',
      'SYSTEM "/usr/share/tsung/tsung-1.0.dtd" [<!ENTITY c SYSTEM "c.xml">]',
    )
    writeFileSync(join(folder, 'c.xml'), '<clients><client host="a"/></clients>')
    for (const [text, why] of [
      [entity, /comes from another file \(an entity\)/],
      ['nothing at all', /is no scenario/],
    ] as const) {
      writeFileSync(file, text, 'latin1')
      await assert.rejects(rewriteScenario(file, ['b'], auto), why)
      assert.equal(readFileSync(file, 'latin1'), text)
    }
    writeFileSync(file, body('<clients><client host="old"/></clients>'), 'latin1')
    await assert.rejects(
      rewriteScenario(file, ['a b!'], auto),
      /would not be a scenario with these clients/,
    )
    assert.deepEqual(readdirSync(folder).sort(), ['c.xml', 'scenario.xml'])
  })
})

describe('how a listed host is reached', () => {
  const config = 'Host known\n  HostName 10.0.0.1\n  User ann\n  Port 2222\n'
  const here = { config, home: '/home/ann', user: 'ann', agentSocket: null }
  const host = (name: string, more: Partial<ListedHost> = {}): ListedHost => ({
    ...plainHost(name, at),
    ...more,
  })

  for (const [listed, target, missing] of [
    [host('a'), 'a', null],
    [host('A', { address: '10.0.0.9', user: 'ann', port: 22 }), '10.0.0.9', null],
    [host('a', { port: 2200 }), 'a:2200', null],
    [host('a', { user: 'eve' }), 'a', 'User eve'],
    [host('known', { address: '10.0.0.1', port: 2222 }), 'known', null],
    [host('known', { keyFiles: ['~/k'] }), 'known', 'IdentityFile ~/k'],
    [host('a', { address: '2001:db8::1', port: 2200 }), '2001:db8::1', 'Port 2200'],
    [host('localhost'), 'localhost', null],
  ] as const) {
    it(`${JSON.stringify({ ...listed, at: undefined })}: ${target}`, () => {
      assert.deepEqual(targetOf(listed, here), { target, missing })
    })
  }

  it('is what ssh_config makes of the fragment', () => {
    const hosts = [
      host('a', {
        address: '10.0.0.9',
        user: 'eve',
        port: 2200,
        keyFiles: ['~/my key'],
        jump: 'gate:22',
      }),
      host('Known', { address: '10.0.0.1' }),
      host('plain'),
    ]
    const text = sshConfigText(hosts, here)
    assert.equal(
      text,
      'Host a\n  HostName 10.0.0.9\n  User eve\n  Port 2200\n  IdentityFile "/home/ann/my key"\n  ProxyJump gate:22\n',
    )
    const { hostName, user, port, identityFiles, jumps } = sshSettings('a', {
      ...here,
      config: text + config,
    })
    assert.deepEqual(
      [hostName, user, port, identityFiles, jumps],
      ['10.0.0.9', 'eve', 2200, ['/home/ann/my key'], ['gate:22']],
    )
  })
})
