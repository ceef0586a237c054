/** What is made of a host's answers, and whether a shell takes what is told. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { doctorExitCode } from '../../controller/doctor/doctor.ts'
import { doctorText } from '../../controller/doctor/doctor-text.ts'
import { judgeUnreached } from '../../controller/doctor/judge-access.ts'
import { judgeClock, judgeCpu, judgeRuns } from '../../controller/doctor/judge-machine.ts'
import { judgeAddresses, judgeLink, judgeTargets } from '../../controller/doctor/judge-network.ts'
import {
  type Host,
  judgeCores,
  judgeDescriptors,
  judgeMemory,
  judgePorts,
  judgeTaken,
} from '../../controller/doctor/judge-resources.ts'
import { type Examined, fault, ok, warning } from '../../controller/doctor/model.ts'
import { asRoot, onHost, type Place, rootFile } from '../../controller/doctor/remedy.ts'
import { SshError } from '../../controller/ssh/ssh-error.ts'
import type { SourceAddress } from '../../core/scenario/model.ts'
import type { CpuAnswer, ReachedTarget, SystemAnswer } from '../../core/wire/probe.ts'

const place: Place = { host: 'load1', isLocal: false, isRoot: false, ssh: ['ssh'] }
const here: Place = { host: 'localhost', isLocal: true, isRoot: true, ssh: ['ssh'] }
const system: SystemAnswer = {
  type: 'system',
  user: 'ann',
  isRoot: false,
  softDescriptors: 1024,
  hardDescriptors: 4096,
  fileMax: 1e6,
  nrOpen: 1_048_576,
  memoryAvailableBytes: 4e9,
  load1: 0,
  somaxconn: 4096,
  interfaces: [
    { name: 'lo', address: '127.0.0.1', prefix: 8, isLoopback: true },
    { name: 'ens5', address: '10.0.4.7', prefix: 20, isLoopback: false },
  ],
}
const fine: Host = {
  place,
  system,
  facts: {
    host: 'load1',
    pid: 1,
    node: '20.19.0',
    addresses: ['10.0.4.7'],
    cores: 2,
    memoryBytes: 8e9,
    descriptorLimit: 4096,
    portRange: [32_768, 60_999],
    tcpTwReuse: 2,
  },
  needs: {
    host: 'load1',
    launchers: 2,
    processes: 2,
    peakUsers: 1000,
    sockets: 1000,
    ports: {
      needed: 20_000,
      available: 28_232,
      range: [32_768, 60_999],
      isOption: false,
      isReused: false,
    },
    descriptors: 540,
    memoryBytes: 2e8,
    addresses: [],
  },
}
const needing = (needs: Partial<Host['needs']>): Host => ({
  ...fine,
  needs: { ...fine.needs, ...needs },
})
const portsOf = (ports: Partial<Host['needs']['ports']>, sockets = 1000): Host =>
  needing({ sockets, ports: { ...fine.needs.ports, ...ports } })

describe('resources of a host', () => {
  it('are enough', () => {
    const all = [judgeCores, judgeMemory, judgeDescriptors].map((judge) => judge(fine).status)
    assert.deepEqual([...all, judgePorts(fine, null).status], ['ok', 'ok', 'ok', 'ok'])
  })

  for (const [what, host, remedy] of [
    [
      'a limit',
      needing({ descriptors: 5000 }),
      /^ssh load1 ".*'ann - nofile 8192' \| sudo tee \/etc/,
    ],
    [
      'a limit beyond what the kernel lets be set',
      { ...needing({ descriptors: 1_500_000 }), place: here },
      /^sysctl -w fs\.nr_open=2097152 && echo 'ann - nofile 2097152' \| cat > /,
    ],
  ] as const) {
    it(`descriptors: ${what}`, () => {
      const { status, remedy: told } = judgeDescriptors(host)
      assert.equal(status, 'fault')
      assert.match(told ?? '', remedy)
    })
  }

  for (const [what, host, remedy] of [
    [
      'a wider range is enough',
      portsOf({ needed: 60_000 }),
      /sudo sysctl -w net\.ipv4\.ip_local_port_range="1024 65535"'$/,
    ],
    ['TIME_WAIT is what takes them', portsOf({ needed: 90_000 }), /tcp_tw_reuse=1"?$/],
    [
      'both are needed',
      portsOf({ needed: 90_000 }, 50_000),
      /port_range="1024 65535" net\.ipv4\.tcp_tw_reuse=1'$/,
    ],
    [
      'there are too few addresses',
      portsOf({ needed: 200_000 }, 150_000),
      /^2 more <ip value="…"\/> in <client host="load1">$/,
    ],
    [
      'the scenario has a range of its own',
      portsOf({ needed: 60_000, isOption: true }),
      /^<option name="ports_range"/,
    ],
  ] as const) {
    it(`ports: ${what}`, () => {
      const { status, remedy: told } = judgePorts(host, null)
      assert.equal(status, 'fault')
      assert.match(told ?? '', remedy)
    })
  }

  for (const [taken, status] of [
    [8000, 'ok'],
    [9000, 'warning'],
  ] as const) {
    it(`ports: ${taken} that others have: ${status}`, () => {
      const answer = { type: 'ports', taken, listening: [40_000] } as const
      assert.equal(judgeTaken(fine, answer).status, status)
    })
  }

  for (const [what, memoryBytes, status] of [
    ['fits', 3e9, 'ok'],
    ['would fit if others had less', 5e9, 'fault'],
    ['never fits', 9e9, 'fault'],
  ] as const) {
    it(`memory that ${what}: ${status}`, () => {
      assert.equal(judgeMemory(needing({ memoryBytes })).status, status)
    })
  }

  it('cores: more launchers than there are', () => {
    const { status, text, remedy } = judgeCores(needing({ launchers: 3 }))
    assert.deepEqual(
      [status, text, remedy],
      ['warning', '3 launchers on 2 cores: they will be late', '<client host="load1" cpu="auto"/>'],
    )
  })
})

describe('the network of a host', () => {
  const range: SourceAddress = {
    type: 'range',
    parts: [
      [10, 10],
      [0, 0],
      [5, 6],
      [1, 9],
    ],
  }
  for (const [what, declared, address, remedy] of [
    [
      'one in its network',
      { type: 'ip', value: '10.0.5.1' },
      '10.0.5.1',
      'ssh load1 "sudo ip address replace 10.0.5.1/20 dev ens5"',
    ],
    [
      'one in none',
      { type: 'ip', value: '192.0.2.1' },
      '192.0.2.1',
      'ssh load1 "sudo ip address replace 192.0.2.1/32 dev ens5"',
    ],
    ['an interface', { type: 'scan', interface: 'eth9' }, 'eth9', 'ssh load1 "ip -brief address"'],
  ] as const) {
    it(`an address that is not there: ${what}`, () => {
      const error = declared.type === 'scan' ? 'ENODEV' : 'EADDRNOTAVAIL'
      const [found] = judgeAddresses(place, system, [declared], [{ address, error }])
      assert.deepEqual([found!.status, found!.remedy], ['fault', remedy])
    })
  }

  it('a range that is not there is one finding, and its loop adds every address', () => {
    const bound = ['10.0.5.1', '10.0.6.9'].map((address) => ({ address, error: 'EADDRNOTAVAIL' }))
    const findings = judgeAddresses({ ...here }, system, [range], bound)
    assert.equal(findings.length, 1)
    const script = `ip() { echo "$3"; }\n${findings[0]!.remedy}`
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    const wanted = [5, 6].flatMap((c) =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `10.0.${c}.${d}/20`),
    )
    assert.deepEqual(stdout.trim().split('\n'), wanted)
  })

  const reached: ReachedTarget = {
    host: 'www',
    port: 443,
    address: '192.0.2.9',
    from: null,
    connectMs: 1.5,
    tlsMs: 3,
    code: null,
    text: '',
  }
  for (const [what, target, status, text] of [
    [
      'reached',
      {},
      'ok',
      /^www:443 \(192\.0\.2\.9\) answers after 1\.50 ms, TLS after 3\.00 ms more$/,
    ],
    ['unknown', { address: null, connectMs: null, code: 'ENOTFOUND' }, 'fault', /getent hosts www/],
    [
      'closed',
      { connectMs: null, code: 'ECONNREFUSED' },
      'fault',
      /on www: ss -ltn 'sport = :443'/,
    ],
    [
      'behind a wall',
      { connectMs: null, code: 'ETIMEDOUT' },
      'fault',
      /nft insert rule .* 10\.0\.4\.7 tcp dport 443/,
    ],
    ['without TLS', { tlsMs: null, code: 'EPROTO' }, 'fault', /TLS fails.*openssl s_client/],
    ['for datagrams', { connectMs: null, tlsMs: null }, 'ok', /datagrams/],
  ] as const) {
    it(`a target that is ${what}: ${status}`, () => {
      const [found] = judgeTargets(place, system, [{ ...reached, ...target }])
      assert.equal(found!.status, status)
      assert.match(`${found!.text} ${found!.remedy ?? ''}`.trim(), text)
    })
  }

  it('of many targets all that are not reached are told, and some of the others', () => {
    const targets = Array.from({ length: 30 }, (_, at) => ({ ...reached, port: at }))
    const walled = { ...reached, port: 99, connectMs: null, code: 'ETIMEDOUT' }
    const findings = judgeTargets(place, system, [...targets, walled])
    assert.equal(findings[0]!.status, 'fault')
    assert.equal(findings.at(-1)!.text, '22 more are reached')
  })

  for (const [fromHost, intervalMs, status, remedy] of [
    [200_000, 1000, 'ok', null],
    [130_000, 1000, 'warning', 'tsts doctor x.xml --interval 10000'],
    [130_000, 10_000, 'ok', null],
    [10_000, 1000, 'warning', 'fewer launchers there: a lower cpu in its <client>'],
  ] as const) {
    it(`a link of ${fromHost} B/s for two launchers every ${intervalMs} ms: ${status}`, () => {
      const link = { roundTripMs: 1, toHost: 1e6, fromHost }
      const found = judgeLink(link, 2, intervalMs, 'tsts doctor x.xml')
      assert.deepEqual([found.status, found.remedy], [status, remedy])
    })
  }
})

describe('the machine of a host', () => {
  const idle: CpuAnswer = {
    type: 'cpu',
    busy: 2,
    cores: 2,
    stealIdle: 0,
    stealBusy: 0,
    usedIdle: 0.02,
    granted: 0.98,
  }
  for (const [what, cpu, status] of [
    ['its own', {}, 'ok'],
    ['noticeably stolen', { stealBusy: 0.1, granted: 0.88 }, 'warning'],
    [
      'stolen as soon as it is used: no credits are left',
      { stealBusy: 0.8, granted: 0.2 },
      'fault',
    ],
    ['used by others', { usedIdle: 0.9, granted: 0.4 }, 'warning'],
  ] as const) {
    it(`CPU that is ${what}: ${status}`, () => {
      assert.equal(judgeCpu(place, { ...idle, ...cpu }).status, status)
    })
  }

  for (const [wallMs, errorMs, status] of [
    [900, 1, 'ok'],
    [-900, 1, 'ok'],
    [1500, 600, 'ok'],
    [-5000, 1, 'warning'],
  ] as const) {
    it(`a date that is ${wallMs} ms off, known to ${errorMs} ms: ${status}`, () => {
      assert.equal(judgeClock(place, { wallMs, errorMs }).status, status)
    })
  }

  it('other runs are named', () => {
    assert.equal(judgeRuns(place, []).status, 'ok')
    const { status, text } = judgeRuns(place, [{ pid: 7, folder: '/tmp/tsts-0-a' }])
    assert.equal(status, 'warning')
    assert.match(text, /1 other run of tsts.*\/tmp\/tsts-0-a \(process 7\)/)
  })
})

describe('the way to a host', () => {
  for (const [code, hint, check, remedy] of [
    ['E_SSH_UNREACHABLE', 'try: ssh -p 22 ann@load1', 'reach', 'ssh -p 22 ann@load1'],
    ['E_SSH_TIMEOUT', 'is the host alive?', 'reach', 'ssh load1 true'],
    ['E_SSH_HOST_KEY', 'compare it', 'host-key', 'tsts doctor x --accept-new-host-keys'],
    ['E_SSH_LOGIN', 'try: ssh load1', 'login', 'ssh-copy-id load1'],
    ['E_REMOTE_NODE', 'install it', 'node', 'tsts doctor x --send-node'],
    ['E_REMOTE', null, 'bundle', "ssh load1 'df -h ~ /tmp; ls -ld ~/.cache'"],
  ] as const) {
    it(`ends at ${check}: ${code}`, () => {
      const again = { again: 'tsts doctor x', sendsNode: false }
      const found = judgeUnreached(place, 'was not started', new SshError(code, 'no', hint), again)
      assert.ok(found.slice(0, -1).every(({ status }) => status === 'ok'))
      const last = found.at(-1)!
      assert.deepEqual([last.check, last.status, last.remedy], [check, 'fault', remedy])
    })
  }

  it('Node that was sent in vain is not to be sent again', () => {
    const again = { again: 'tsts doctor x', sendsNode: true }
    const error = new SshError('E_REMOTE_NODE', 'another platform')
    const last = judgeUnreached(place, '', error, again).at(-1)!
    assert.match(last.remedy ?? '', /uname/)
  })
})

describe('a remedy', () => {
  /** Stands for ssh: runs the command here, in a shell of its own, as sshd does. */
  const stand = 'ssh() { sh -c "$2"; };'

  for (const [what, remedy, said] of [
    [
      'with words that mean something to a shell',
      onHost(place, `echo "a $((1 + 1))" '$HOME'`),
      'a 2 $HOME\n',
    ],
    ['in plain words', onHost(place, 'echo one  two'), 'one two\n'],
    ['on this machine', asRoot(here, 'echo "a b"'), 'a b\n'],
    ['for root there', asRoot({ ...place, isRoot: true }, 'echo a; echo b'), 'a\nb\n'],
  ] as const) {
    it(`reaches the host as it is: ${what}`, () => {
      const { stdout } = spawnSync('sh', ['-c', `${stand} ${remedy}`], { encoding: 'utf8' })
      assert.equal(stdout, said)
    })
  }

  it('asks sudo for a list as a whole', () => {
    assert.equal(
      asRoot({ ...place, isLocal: true }, 'echo a; echo b'),
      "sudo sh -c 'echo a; echo b'",
    )
    assert.equal(
      rootFile({ ...place, isLocal: true }, '/etc/x', 'a b'),
      "echo 'a b' | sudo tee /etc/x > /dev/null",
    )
  })
})

describe('what doctor ends with', () => {
  const examined = (
    host: string,
    isUsable: boolean,
    ...findings: Examined['findings']
  ): Examined => ({
    host,
    isUsable,
    needs: null,
    findings,
  })
  const good = examined('load1', true, ok('cores', 'two'), warning('cpu', 'busy', 'ps'))
  const short = examined('load22', true, fault('ports', 'few', 'sysctl'))
  const gone = examined('x', false, fault('reach', 'no\u001b[2J', 'ssh'))

  for (const [all, code] of [
    [[good], 0],
    [[good, short], 4],
    [[good, short, gone], 5],
  ] as const) {
    it(`${all.map(({ host }) => host).join(', ')}: ${code}`, () => {
      assert.equal(doctorExitCode(all), code)
    })
  }

  it('is one line a finding, without what could steer a terminal', () => {
    assert.equal(
      doctorText([good, short, gone], 5),
      'load1   cores        ok       two\n' +
        'load1   cpu          warning  busy; do: ps\n' +
        'load22  ports        fault    few; do: sysctl\n' +
        'x       reach        fault    no·[2J; do: ssh\n' +
        '3 hosts, 1 of them cannot be used, 2 faults, 1 warning: exit code 5\n',
    )
  })
})
