import assert from 'node:assert/strict'
import type { Listed } from '../../controller/inventory/model.ts'
import { readInventories } from '../../controller/inventory/read-inventory.ts'
import { anyChoice } from './choice.ts'

function read(text: string, choice: Partial<typeof anyChoice> = {}): Listed {
  return readInventories(['list'], { ...anyChoice, ...choice }, () => text)
}
function told(text: string, choice: Partial<typeof anyChoice> = {}): string {
  return read(text, choice)
    .hosts.map(({ name, address, user, port }) =>
      [name, address, user, port].filter(Boolean).join(' '),
    )
    .join(', ')
}
const output = (outputs: object): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [
        name,
        { sensitive: false, type: 'x', value },
      ]),
    ),
    null,
    2,
  )
const machine = (type: string, attributes: object, index?: number | string): object => ({
  mode: 'managed',
  type,
  name: 'load',
  instances: [{ ...(index === undefined ? {} : { index_key: index }), attributes }],
})
const state = (resources: readonly object[], version = 4): string =>
  JSON.stringify({ version, terraform_version: '1.9.0', outputs: {}, resources }, null, 2)

describe('outputs of Terraform', () => {
  const cases: readonly (readonly [title: string, text: string, want: string])[] = [
    [
      'hosts as objects',
      output({
        hosts: [
          { name: 'l1', address: '10.0.0.1', user: 'ann', port: 2222 },
          { name: 'l2', address: '10.0.0.2' },
        ],
      }),
      'l1 10.0.0.1 ann 2222, l2 10.0.0.2',
    ],
    [
      'hosts beside other outputs',
      output({ vpc: 'vpc-1', ips: ['10.9.9.9'], hosts: ['10.0.0.1', 'l2.example.net'] }),
      '10.0.0.1, l2.example.net',
    ],
    [
      'the only output with addresses',
      output({ vpc: 'vpc-1', ips: ['10.0.0.1', '10.0.0.2'] }),
      '10.0.0.1, 10.0.0.2',
    ],
    [
      'a map of addresses',
      output({ ips: { l1: '10.0.0.1', l2: '2001:db8::2' } }),
      'l1 10.0.0.1, l2 2001:db8::2',
    ],
    [
      'a map of objects',
      output({ hosts: { l1: { public_ip: '10.0.0.1', private_ip: '192.168.0.1' } } }),
      'l1 10.0.0.1',
    ],
    ['the value of one output', JSON.stringify(['10.0.0.1', '10.0.0.2']), '10.0.0.1, 10.0.0.2'],
  ]
  for (const [title, text, want] of cases) {
    it(`${title}: ${want}`, () => assert.equal(told(text), want))
  }

  it('the private address is taken when it is wanted', () => {
    const text = output({
      hosts: [{ name: 'l1', public_ip: '10.0.0.1', private_ip: '192.168.0.1' }],
    })
    assert.equal(told(text, { isPrivate: true }), 'l1 192.168.0.1')
  })

  it('several candidates are told, and one is chosen with --output', () => {
    const text = output({ public_ips: ['10.0.0.1'], private_ips: ['192.168.0.1'] })
    assert.throws(
      () => read(text),
      /list:5: several outputs may name the hosts: public_ips \(1\), private_ips \(1\) \(say --output NAME\)/,
    )
    assert.equal(told(text, { output: 'private_ips' }), '192.168.0.1')
  })

  it('an output without hosts is told at its line', () => {
    assert.throws(
      () => read(output({ hosts: [{ name: 'l1' }] })),
      /^Error: list:5: the output hosts names no hosts/,
    )
    assert.throws(() => read(output({ vpc: 'vpc-1' })), /no output names hosts: vpc/)
  })
})

describe('a state of Terraform', () => {
  for (const [type, attributes, want] of [
    [
      'aws_instance',
      { public_ip: '3.0.0.1', private_ip: '10.0.0.1', tags: { Name: 'load 1' } },
      'load-1 3.0.0.1',
    ],
    ['aws_instance', { public_ip: '', private_ip: '10.0.0.1', tags: null }, 'load-0 10.0.0.1'],
    [
      'google_compute_instance',
      {
        name: 'g1',
        network_interface: [{ network_ip: '10.0.0.2', access_config: [{ nat_ip: '34.0.0.2' }] }],
      },
      'g1 34.0.0.2',
    ],
    [
      'azurerm_linux_virtual_machine',
      { name: 'a1', public_ip_address: '20.0.0.1', admin_username: 'azure' },
      'a1 20.0.0.1 azure',
    ],
    ['hcloud_server', { name: 'h1', ipv4_address: '5.0.0.1' }, 'h1 5.0.0.1'],
    [
      'digitalocean_droplet',
      { name: 'd1', ipv4_address: '6.0.0.1', ipv4_address_private: '10.0.0.3' },
      'd1 6.0.0.1',
    ],
  ] as const) {
    it(`${type}: ${want}`, () => assert.equal(told(state([machine(type, attributes, 0)])), want))
  }

  it('takes machines, and nothing else', () => {
    const text = state([
      machine('aws_eip', { public_ip: '3.0.0.9' }),
      { ...machine('aws_instance', { public_ip: '3.0.0.8' }), mode: 'data' },
      machine('aws_instance', { public_ip: '3.0.0.1' }),
    ])
    assert.equal(told(text), 'load 3.0.0.1')
  })

  it('machines of the same name are kept apart', () => {
    const tags = { Name: 'load' }
    const text = state([
      machine('aws_instance', { public_ip: '3.0.0.1', tags }, 0),
      machine('aws_instance', { public_ip: '3.0.0.2', tags }, 1),
    ])
    assert.equal(told(text), 'load 3.0.0.1, load-2 3.0.0.2')
  })

  it('of another version, or without machines, is told', () => {
    assert.throws(
      () => read(state([], 3)),
      /list:2: the state has version 3, only version 4 is known/,
    )
    assert.throws(() => read(state([])), /the state has no machines with an address/)
  })
})

describe('known_hosts', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  it('gives each host once, without those that are hidden', () => {
    const { hosts, warnings } = read(
      `# mine\nl1.example.net,10.0.0.1 ${key}\nl1.example.net ${key.replace('ed25519', 'rsa')}\n` +
        `[l2]:2222 ${key}\n|1|c2FsdA==|aGFzaA== ${key}\n@revoked l3 ${key}\n*.example.org ${key}\n`,
    )
    assert.deepEqual(
      hosts.map(({ name, port }) => [name, port]),
      [
        ['l1.example.net', null],
        ['l2', 2222],
      ],
    )
    assert.equal(warnings.length, 2)
    assert.match(warnings[0]!, /^list:7: \*\.example\.org is a pattern/)
    assert.match(warnings[1]!, /^list: 1 line is hashed/)
  })
})

describe('a plain list', () => {
  for (const [text, want] of [
    ['a\nb\n', 'a, b'],
    ['# all\nann@a:2222  # first\n\n10.0.0.1\n', 'a ann 2222, 10.0.0.1'],
    ['a, b c\r\n', 'a, b, c'],
    [
      'load[1:3].example.net:22\n',
      'load1.example.net 22, load2.example.net 22, load3.example.net 22',
    ],
    ['[2001:db8::1]:2222\n2001:db8::2\n', '2001:db8::1 2222, 2001:db8::2'],
  ] as const) {
    it(`${JSON.stringify(text)} is ${want}`, () =>
      assert.equal(told(text, { format: 'list' }), want))
  }

  it('a line that is no host is told', () => {
    assert.throws(() => read('a\nb!\n'), /list:2: "b!" is no name or address of a host/)
    assert.throws(() => read('a:70000\n'), /list:1: the port "70000" is none/)
  })

  it('of two lists that tell otherwise of a host the first counts', () => {
    const texts = new Map([
      ['one', 'a:1\nb\n'],
      ['two', 'a:2\nb\nc\n'],
    ])
    const { hosts, warnings } = readInventories(
      ['one', 'two'],
      anyChoice,
      (file) => texts.get(file)!,
    )
    assert.deepEqual(
      hosts.map(({ name, port }) => [name, port]),
      [
        ['a', 1],
        ['b', null],
        ['c', null],
      ],
    )
    assert.deepEqual(warnings, ['a is in one:1, too: two:1 is not taken'])
  })

  it('that is not there is told', () => {
    assert.throws(
      () => readInventories(['/nowhere/list'], anyChoice),
      /\/nowhere\/list cannot be read: there is no such file/,
    )
  })
})
