/** What is made of a host's answers, and whether a shell takes what is told. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { doctorExitCode } from '../../controller/doctor/doctor.ts'
import { doctorText } from '../../controller/doctor/doctor-text.ts'
import { judgeUnreached } from '../../controller/doctor/judge-access.ts'
import { judgeClock, judgeCpu, judgeRuns } from '../../controller/doctor/judge-machine.ts'
import { type Examined, fault, ok, warning } from '../../controller/doctor/model.ts'
import { asRoot, onHost, rootFile } from '../../controller/doctor/remedy.ts'
import { SshError } from '../../controller/ssh/ssh-error.ts'
import type { CpuAnswer } from '../../core/wire/probe.ts'
import { here, place } from './host.ts'

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

  it('leaves out what is well when it is told to', () => {
    assert.equal(
      doctorText([good, short], 4, true),
      'load1   cpu          warning  busy; do: ps\n' +
        'load22  ports        fault    few; do: sysctl\n' +
        '2 hosts, 1 fault, 1 warning: exit code 4\n',
    )
  })
})
