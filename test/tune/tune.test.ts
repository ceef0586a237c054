/** What `tsts tune` prints: settings that the plan needs and no others, in scripts that other programs take. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tunePlay } from '../../controller/tune/play.ts'
import { type TunedHosts, tuneScript } from '../../controller/tune/script.ts'
import { descriptorsFor } from '../../controller/tune/settings.ts'
import { tunedHosts } from '../../controller/tune/tune.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { client, phase, request, scenarioWith, think } from '../plan/scenarios.ts'
import { requirePeer } from '../support/peers.ts'

interface Load {
  readonly usersPerSecond: number
  readonly thinkSeconds: number
  readonly maxUsers?: number
  readonly hosts?: readonly string[]
  readonly option?: boolean
}

function scenarioOf({ usersPerSecond, thinkSeconds, ...rest }: Load): Scenario {
  const { maxUsers = 60_000, hosts = ['load1'], option = false } = rest
  const scenario = scenarioWith({
    clients: hosts.map((host) => client({ host, cpu: 1, maxUsers, useControllerVm: false })),
    phases: [phase({ intensityPerMs: usersPerSecond / 1000, durationMs: 120_000 })],
    sessions: [{ actions: [request(), think({ type: 'constant', ms: 1000 * thinkSeconds })] }],
  })
  const portsRange = option ? { min: 1025, max: 11_024 } : null
  return {
    ...scenario,
    servers: [{ ...scenario.servers[0]!, host: 'www' }],
    options: { ...scenario.options, portsRange },
  }
}

function tuned(load: Load): readonly TunedHosts[] {
  const scenario = scenarioOf(load)
  const plan = makePlan(scenario, { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' })
  return tunedHosts(scenario, plan, false)
}

/** Few users, many short ones, many that stay, and more than one host can have. */
const calm: Load = { usersPerSecond: 5, thinkSeconds: 1 }
const busy: Load = { usersPerSecond: 700, thinkSeconds: 1 }
const crowded: Load = { usersPerSecond: 400, thinkSeconds: 100 }
const flooded: Load = { usersPerSecond: 2000, thinkSeconds: 1 }

describe('settings for a plan', () => {
  for (const [what, load, names, descriptors] of [
    ['a few users', calm, [], null],
    ['many short users', busy, ['net.ipv4.ip_local_port_range'], null],
    [
      'more short users than there are ports for a minute',
      flooded,
      [
        'net.ipv4.ip_local_port_range',
        'net.ipv4.tcp_tw_reuse',
        'net.netfilter.nf_conntrack_max',
        'fs.file-max',
      ],
      4096,
    ],
    ['many users that stay', crowded, ['net.ipv4.ip_local_port_range', 'fs.file-max'], 65_536],
    [
      'many short users with ports of their own',
      { ...busy, option: true },
      ['net.ipv4.tcp_tw_reuse'],
      null,
    ],
  ] as const) {
    it(`${what}: ${names.join(', ') || 'nothing'}`, () => {
      const [group] = tuned(load)
      assert.deepEqual(
        group!.tuning.sysctls.map(({ name }) => name),
        names,
      )
      assert.equal(group!.tuning.descriptors?.limit ?? null, descriptors)
      for (const { reason } of group!.tuning.sysctls) assert.match(reason, /\d/)
    })
  }

  it('say what no setting gives', () => {
    const [group] = tuned({ usersPerSecond: 1000, thinkSeconds: 110, maxUsers: 200_000 })
    assert.match(
      group!.tuning.notes.join(),
      /1\d\d,\d{3} connections are open at once.*2 times as many addresses/,
    )
  })

  it('go to hosts together that need the same', () => {
    const groups = tuned({ ...busy, hosts: ['load1', 'load2', 'localhost'] })
    assert.deepEqual(
      groups.map(({ hosts, isLocal }) => [hosts, isLocal]),
      [
        [['load1', 'load2'], false],
        [['localhost'], true],
      ],
    )
  })

  for (const [needed, limit] of [
    [1, 1024],
    [1024, 1024],
    [1025, 2048],
    [30_141, 32_768],
    [2 ** 20 + 1, 2 ** 21],
  ] as const) {
    it(`${needed} descriptors: a limit of ${limit}`, () =>
      assert.equal(descriptorsFor(needed), limit))
  }
})

const cases: readonly (readonly [string, Load])[] = [
  ['a few users', calm],
  ['many short users', busy],
  ['many short users on three hosts', { ...flooded, hosts: ['load1', 'load2', 'localhost'] }],
  ['many users that stay', { ...crowded, hosts: ["it's", 'user@load2'] }],
]

describe('what is printed for a plan', function () {
  this.timeout(60_000)
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-tune-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [what, load] of cases) {
    it(`is a script that sh and shellcheck take: ${what}`, function () {
      const path = join(folder, 'tune.sh')
      writeFileSync(path, tuneScript('shop.xml', tuned(load)))
      execFileSync('sh', ['-n', path])
      const shellcheck = requirePeer(this, 'shellcheck', 'shellcheck')
      const { status, stdout } = spawnSync(shellcheck, [path], { encoding: 'utf8' })
      assert.equal(status, 0, stdout)
    })

    it(`is a play that Ansible takes: ${what}`, function () {
      const ansible = requirePeer(this, 'ansible-playbook', 'ansible-core')
      const path = join(folder, 'tune.yml')
      writeFileSync(path, tunePlay('shop.xml', tuned(load)))
      const args = ['--syntax-check', '-i', 'load1,load2', path]
      const { status, stderr } = spawnSync(ansible, args, { encoding: 'utf8', cwd: folder })
      assert.equal(status, 0, stderr)
    })
  }

  it('reaches hosts by what their names do not say, and others by their names', () => {
    const groups = tuned({ ...calm, usersPerSecond: 2000, hosts: ['load1', '10.0.4.7:2200'] })
    const sshTo = (host: string): readonly string[] =>
      host === 'load1'
        ? ['ssh', host]
        : ['ssh', '-p', '2200', '-o', 'IdentityFile=/a b', '10.0.4.7']
    const script = tuneScript('shop.xml', groups, sshTo)
    // ssh is a program that tells its arguments.
    const told = spawnSync('sh', ['-s'], {
      input: script,
      encoding: 'utf8',
      env: { ...process.env, SSH: 'printf [%s]' },
    })
    assert.equal(told.status, 0, told.stderr)
    assert.match(told.stdout, /^\[load1\]\[sh -c/)
    assert.match(told.stdout, /\[-p\]\[2200\]\[-o\]\[IdentityFile=\/a b\]\[10\.0\.4\.7\]\[sh -c/)
  })

  it('names the scenario without what could leave a comment', () => {
    const script = tuneScript('a\nrm -rf /', tuned(calm))
    assert.match(script, /^# Settings that a\?rm\?-rf\?\? needs/m)
  })
})
