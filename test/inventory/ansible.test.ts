import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ListedHost } from '../../controller/inventory/model.ts'
import { expandRanges } from '../../controller/inventory/ranges.ts'
import { type InventoryChoice, readInventories } from '../../controller/inventory/read-inventory.ts'
import { requirePeer } from '../support/peers.ts'
import { anyChoice } from './choice.ts'

const ini = `
# the fleet
lone ansible_host=10.0.0.9   # alone
[load]
load[01:03].example.net ansible_user=ann
[2001:db8::7]:2222
[eu:children]
load
db
[db]
db-[a:c:2] ansible_port=2200 ansible_ssh_private_key_file="~/keys/the db"
db-a ansible_port=23
[eu:vars]
ansible_user = eve
ansible_ssh_common_args='-o ProxyJump=gate.example.net'
[all:vars]
ansible_user=root
ansible_port=22
`

const yaml = `---
all:
  vars: { ansible_user: root, ansible_port: 22 }
  hosts:
    lone: { ansible_host: 10.0.0.9 }
  children:
    eu:
      vars: { ansible_user: eve, ansible_ssh_common_args: -o ProxyJump=gate.example.net }
      children:
        load:
          hosts:
            'load[01:03].example.net': { ansible_user: ann }
            '[2001:db8::7]:2222':
        db:
          hosts:
            'db-[a:c:2]': { ansible_port: 2200, ansible_ssh_private_key_file: ~/keys/the db }
            db-a: { ansible_port: 23 }
`

/** As text: `name address user port key jump`. */
function told({ name, address, user, port, keyFiles, jump }: ListedHost): string {
  return [name, address ?? '-', user ?? '-', port ?? '-', keyFiles.join() || '-', jump ?? '-'].join(
    ' ',
  )
}

const fleet = [
  'lone 10.0.0.9 root 22 - -',
  'load01.example.net - ann 22 - gate.example.net',
  'load02.example.net - ann 22 - gate.example.net',
  'load03.example.net - ann 22 - gate.example.net',
  '2001:db8::7 - eve 2222 - gate.example.net',
  'db-a - eve 23 ~/keys/the db gate.example.net',
  'db-c - eve 2200 ~/keys/the db gate.example.net',
]

describe('an inventory of Ansible', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-inventory-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function file(name: string, text: string): string {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  function read(name: string, text: string, choice: Partial<InventoryChoice> = {}): string[] {
    const path = file(name, text)
    return readInventories([path], { ...anyChoice, ...choice }).hosts.map(told)
  }
  function wrong(name: string, text: string): string {
    const path = file(name, text)
    try {
      readInventories([path], anyChoice)
    } catch (error) {
      return (error as Error).message.replace(path, name)
    }
    throw new Error('it was read')
  }

  it('in INI gives its hosts, with what their groups say', () => {
    assert.deepEqual(read('hosts', ini), fleet)
  })

  it('in YAML gives the same', () => {
    assert.deepEqual(read('hosts.yml', yaml), fleet)
  })

  it('as ansible-inventory prints it gives the same', function () {
    this.timeout(60_000)
    const program = requirePeer(this, 'ansible-inventory', 'ansible-core')
    for (const [name, text] of [
      ['hosts', ini],
      ['hosts.yml', yaml],
    ] as const) {
      const { stdout, stderr } = spawnSync(program, ['-i', file(name, text), '--list'], {
        encoding: 'utf8',
        timeout: 50_000,
      })
      assert.deepEqual(read('list.json', stdout).sort(), [...fleet].sort(), stderr)
    }
  })

  it('takes variables from group_vars and host_vars, as ansible-inventory does', function () {
    this.timeout(60_000)
    file('group_vars/all.yml', 'ansible_user: from-all\n')
    file('group_vars/load/a.yml', 'ansible_port: 2201\nip: 10.1.1.1\n')
    file('group_vars/load/b.yml', 'ansible_host: "{{ ip }}"\n')
    file('group_vars/db', '$ANSIBLE_VAULT;1.1;AES256\n6261\n')
    file('host_vars/l2.yaml', 'ansible_user: own\n')
    const path = file(
      'hosts',
      '[load]\nl1 ansible_port=1\nl2\n[db]\nd1\n[load:vars]\nansible_port=7\n',
    )
    const { hosts, warnings } = readInventories([path], anyChoice)
    const want = ['l1 10.1.1.1 from-all 1 - -', 'l2 10.1.1.1 own 2201 - -', 'd1 - from-all - - -']
    assert.deepEqual(hosts.map(told), want)
    assert.deepEqual(warnings, [
      `${join(folder, 'group_vars/db')}:1: encrypted by ansible-vault: what it says of hosts is not known`,
    ])
    rmSync(join(folder, 'group_vars/db'))
    const program = requirePeer(this, 'ansible-inventory', 'ansible-core')
    const { stdout } = spawnSync(program, ['-i', path, '--list'], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    assert.deepEqual(read('list.json', stdout).sort(), [...want].sort())
  })

  for (const [limit, want] of [
    ['load', 'load01.example.net load02.example.net load03.example.net 2001:db8::7'],
    ['load*', 'load01.example.net load02.example.net load03.example.net 2001:db8::7'],
    ['eu:!db', 'load01.example.net load02.example.net load03.example.net 2001:db8::7'],
    ['eu:&db', 'db-a db-c'],
    ['!eu', 'lone'],
    ['db,lone', 'lone db-a db-c'],
    ['~load0[12]', 'load01.example.net load02.example.net'],
    ['load[0]', 'load01.example.net'],
    ['load[1:2]', 'load02.example.net load03.example.net'],
    ['load[-1]', '2001:db8::7'],
    ['ungrouped', 'lone'],
  ] as const) {
    it(`--limit ${limit} leaves ${want}, as in Ansible`, function () {
      this.timeout(60_000)
      const names = read('hosts', ini, { limit }).map((line) => line.split(' ')[0])
      assert.equal(names.join(' '), want)
      const program = requirePeer(this, 'ansible', 'ansible-core')
      const args = ['-i', join(folder, 'hosts'), limit.startsWith('!') ? `all:${limit}` : limit]
      const { stdout } = spawnSync(program, [...args, '--list-hosts'], {
        encoding: 'utf8',
        timeout: 50_000,
      })
      const listed = stdout
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
      assert.deepEqual(listed.filter((line) => line !== '').sort(), want.split(' ').sort())
    })
  }

  it('a limit that means nothing is told', () => {
    assert.throws(
      () => read('hosts', ini, { limit: 'laod' }),
      /--limit: laod is no host and no group/,
    )
  })

  for (const [name, text, want] of [
    [
      'hosts',
      '[load]\na\n[load:kids]\nb\n',
      'hosts:3: the section [load:kids] is none (write [group], [group:children] or [group:vars])',
    ],
    [
      'hosts',
      '[load]\na ansible_port=none\n',
      'hosts:2: the port "none" is none (a number from 1 to 65535)',
    ],
    [
      'hosts',
      '[load]\na ansible_user\n',
      'hosts:2: "ansible_user" is no variable (write name=value behind the host)',
    ],
    ['hosts', '[load]\na b="c\n', 'hosts:2: a " is opened and not closed'],
    [
      'hosts',
      '[load]\nweb[5:2]\n',
      'hosts:2: the range [5:2] ends before it begins (write [01:20], [a:f] or [1:9:2])',
    ],
    [
      'h.yml',
      'all:\n  hosts:\n    a:\n      ansible_port: 0\n',
      'h.yml:4: the port "0" is none (a number from 1 to 65535)',
    ],
    [
      'h.yml',
      'all:\n  hosts: [a, b]\n',
      'h.yml:2: hosts of all are no mapping (write each as name:)',
    ],
    [
      'h.yml',
      'all:\n  host:\n    a:\n',
      'h.yml:2: the group all has the key host (a group has hosts, children and vars)',
    ],
    ['h.yml', 'all:\n  hosts:\n   a: {\n', 'h.yml:4: '],
    ['inv', '#!/usr/bin/env python3\n', 'inv:1: a program is no list of hosts'],
  ] as const) {
    it(`says ${want}`, () => {
      const told = wrong(name, text)
      assert.ok(told.startsWith(want), told)
    })
  }

  it('a value that only Ansible can work out is told, not guessed', () => {
    const path = file(
      'hosts',
      `a ansible_user="{{ lookup('env', 'WHO') }}"\nb ansible_user={{x}} x=ann\n`,
    )
    const { hosts, warnings } = readInventories([path], anyChoice)
    assert.deepEqual(
      hosts.map(({ user }) => user),
      [null, 'ann'],
    )
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]!, /hosts:1: ansible_user of a cannot be told without Ansible/)
  })
})

describe('a range of names', () => {
  const at = { file: 'hosts', line: 1 }
  for (const [pattern, want] of [
    ['plain', 'plain'],
    ['w[1:3]', 'w1 w2 w3'],
    ['w[08:10]', 'w08 w09 w10'],
    ['w[1:7:3]', 'w1 w4 w7'],
    ['w[:2]', 'w0 w1 w2'],
    ['[a:c]x', 'ax bx cx'],
    ['r[1:2]-h[1:2]', 'r1-h1 r1-h2 r2-h1 r2-h2'],
  ] as const) {
    it(`${pattern} is ${want}`, () => assert.equal(expandRanges(pattern, at).join(' '), want))
  }
  it('that would fill the memory is told', () => {
    assert.throws(() => expandRanges('w[1:999999999]', at), /more than 100000/)
  })
})
