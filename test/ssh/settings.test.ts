import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import {
  fingerprint,
  hostKeyState,
  knownHostLine,
  knownKeyTypes,
  lookupName,
} from '../../controller/ssh/known-hosts.ts'
import { splitTarget, sshSettings } from '../../controller/ssh/settings.ts'

const here = { home: '/home/ann', user: 'ann', agentSocket: '/run/agent' }

describe('what ssh_config says of a host', () => {
  it('is OpenSSH’s defaults when it says nothing', () => {
    assert.deepEqual(sshSettings('load7', { ...here, config: '' }), {
      host: 'load7',
      hostName: 'load7',
      port: 22,
      user: 'ann',
      identityFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((key) => `/home/ann/.ssh/${key}`),
      identitiesOnly: false,
      agentSocket: '/run/agent',
      knownHostsFiles: ['/home/ann/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
      hostKeyAlias: null,
      jumps: [],
    })
  })

  const config = `
Host load*
  HostName %h.example.net
  Port 2200
  IdentityFile ~/.ssh/%r-load
  IdentitiesOnly yes
  ProxyJump bea@gate:2222,inner
Host load7
  User cem
Host *
  user dan
  IdentityFile /etc/keys/all
  IdentityAgent none
  UserKnownHostsFile ~/.ssh/load_hosts ~/.ssh/known_hosts
  HostKeyAlias farm
`
  const found = sshSettings('load7', { ...here, config })
  const cases: readonly (readonly [keyof typeof found, unknown])[] = [
    ['hostName', 'load7.example.net'],
    ['port', 2200],
    ['user', 'cem'],
    ['identityFiles', ['/home/ann/.ssh/cem-load', '/etc/keys/all']],
    ['identitiesOnly', true],
    ['agentSocket', null],
    [
      'knownHostsFiles',
      ['/home/ann/.ssh/load_hosts', '/home/ann/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    ],
    ['hostKeyAlias', 'farm'],
    ['jumps', ['bea@gate:2222', 'inner']],
  ]
  for (const [name, want] of cases) {
    it(`${name} is ${JSON.stringify(want)}`, () => assert.deepEqual(found[name], want))
  }

  it('gives way to what the target says', () => {
    const { user, port, hostName } = sshSettings('eve@load7:23', { ...here, config })
    assert.deepEqual([user, port, hostName], ['eve', 23, 'load7.example.net'])
  })

  for (const [target, user, host, port] of [
    ['load7', null, 'load7', null],
    ['ann@load7', 'ann', 'load7', null],
    ['load7:22', null, 'load7', '22'],
    ['[::1]:22', null, '::1', '22'],
    ['fe80::1', null, 'fe80::1', null],
    ['ann@2001:db8::7:22', 'ann', '2001:db8::7:22', null],
    ['ssh://ann@load7:22', 'ann', 'load7', '22'],
  ] as const) {
    it(`${target} is ${user} at ${host}, port ${port}`, () => {
      assert.deepEqual(splitTarget(target), { user, host, port })
    })
  }

  it('a port that is none is told', () => {
    const wrong = { ...here, config: 'Host *\n  Port none\n' }
    assert.throws(() => sshSettings('load7', wrong), /port "none" for load7 is none/)
  })
})

describe('known hosts', () => {
  const key = (text: string): Buffer => {
    const type = Buffer.from('ssh-ed25519')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(type.length)
    return Buffer.concat([length, type, Buffer.from(text)])
  }
  const own = key('own')
  const hashed = (name: string): string => {
    const salt = Buffer.from('0123456789abcdef0123')
    const hash = createHmac('sha1', salt).update(name).digest('base64')
    return `|1|${salt.toString('base64')}|${hash}`
  }
  const stateIn = (text: string, name = 'load7'): string =>
    hostKeyState([{ path: 'hosts', text }], name, own).type
  const line = (hosts: string, of = own): string => knownHostLine(hosts, of)

  for (const [title, text, want] of [
    ['nothing', '', 'unknown'],
    ['the key', line('load7'), 'known'],
    ['the key under several names', line('load1,load7,load9'), 'known'],
    ['a pattern', line('load?'), 'known'],
    ['a pattern that leaves it out', line('load*,!load7'), 'unknown'],
    ['a hashed name', line(hashed('load7')), 'known'],
    ['another hashed name', line(hashed('load8')), 'unknown'],
    ['another key', line('load7', key('other')), 'changed'],
    ['both keys', line('load7', key('other')) + line('load7'), 'known'],
    ['the key of another host', line('load8', key('other')), 'unknown'],
    ['a comment and an empty line', `# load7\n\n${line('load7')}`, 'known'],
    ['a revoked key', `${line('load7')}@revoked ${line('*')}`, 'revoked'],
    ['a key of another type', 'load7 ssh-rsa AAAA\n', 'unknown'],
    ['half a line', 'load7 ssh-ed25519\n', 'unknown'],
  ] as const) {
    it(`${title}: ${want}`, () => assert.equal(stateIn(text), want))
  }

  it('tell where the wrong key stands', () => {
    const text = `# first\n${line('load7', key('other'))}`
    const state = hostKeyState([{ path: '/etc/hosts-known', text }], 'load7', own)
    assert.deepEqual(state, { type: 'changed', file: '/etc/hosts-known', line: 2 })
  })

  it('have the port in the name unless it is 22', () => {
    assert.equal(lookupName('Load7', 22), 'load7')
    assert.equal(lookupName('Load7', 2222), '[load7]:2222')
    assert.equal(stateIn(line('[load7]:2222'), '[load7]:2222'), 'known')
  })

  it('tell the types that are known of a host', () => {
    const files = [{ path: 'hosts', text: `${line('load7')}load7 ssh-rsa AAAA\n` }]
    assert.deepEqual(knownKeyTypes(files, 'load7'), ['ssh-ed25519', 'ssh-rsa'])
  })

  it('a fingerprint is as OpenSSH prints it', () => {
    assert.match(fingerprint(own), /^SHA256:[A-Za-z0-9+/]{43}$/)
  })
})
