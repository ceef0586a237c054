/** What `tsts tune` prints is run: on a host in a namespace, over ssh, twice, and taken back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { built, Clinic } from '../doctor/clinic.ts'
import { tsts } from '../support/dist.ts'
import { requirePeer } from '../support/peers.ts'

/** What a host writes goes to folders of its own. */
const ownFolders = [
  '/etc/sysctl.d',
  '/etc/security/limits.d',
  '/var/lib',
  '/etc/systemd/system.conf.d',
]
const setUp = ownFolders
  .map((path) => `mkdir -p ${path} "$HOME${path}"\nmount --bind "$HOME${path}" ${path}`)
  .join('\n')
const wide = '1024\t65535'
const narrow = '40000\t40009'

describe('settings that were printed', function () {
  this.timeout(600_000)
  let clinic: Clinic
  let scenario: string

  before(async function () {
    built()
    clinic = await Clinic.open(this, [
      { name: 'portless', setUp, sshd: ['Subsystem sftp internal-sftp'] },
    ])
    scenario = readFileSync(clinic.scenario, 'utf8').replace(
      /arrivalrate="\d+"/,
      'arrivalrate="4000"',
    )
    writeFileSync(
      clinic.scenario,
      scenario.replace('<client host="portless">', '<client host="portless" maxusers="60000">'),
    )
  })
  beforeEach(() => set(narrow.replace('\t', ' ')))
  after(() => clinic?.close())

  const patient = (): Clinic['patients'][number] => clinic.patients[0]!
  const set = (range: string): void => {
    clinic.on(patient().machine, 'sysctl', '-qw', `net.ipv4.ip_local_port_range=${range}`)
  }
  const range = (): string =>
    clinic.on(patient().machine, 'cat', '/proc/sys/net/ipv4/ip_local_port_range').trim()
  const textOf = (path: string): string => readFileSync(`${patient().server.home}${path}`, 'utf8')

  async function printed(...flags: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await tsts(['tune', clinic.scenario, ...flags])
    assert.equal(code, 0, stderr)
    return stdout
  }

  it('by the script: they hold, a second time changes nothing, and undo takes them back', async () => {
    const path = join(clinic.folder, 'tune.sh')
    writeFileSync(path, await printed())
    clinic.follow(`sh ${path}`)
    assert.equal(range(), wide)
    const files = ['/etc/sysctl.d/90-tsts.conf', '/etc/security/limits.d/90-tsts.conf']
    const [sysctls = '', limits = ''] = files.map(textOf)
    assert.match(sysctls, /^net\.ipv4\.ip_local_port_range = 1024 65535$/m)
    assert.match(limits, /^root - nofile 65536$/m)
    const undo = textOf('/var/lib/tsts-tune.undo')
    clinic.follow(`sh ${path}`)
    assert.deepEqual(files.map(textOf), [sysctls, limits])
    assert.equal(textOf('/var/lib/tsts-tune.undo'), undo)
    clinic.follow(`sh ${path} undo`)
    assert.equal(range(), narrow)
    for (const file of files) assert.throws(() => textOf(file), /ENOENT/)
  })

  it('by the play: they hold, a second time changes nothing, and absent takes the files away', async function () {
    const path = join(clinic.folder, 'tune.yml')
    writeFileSync(path, await printed('--ansible'))
    const first = playbook(this, path)
    assert.match(first, /changed=[1-9]/)
    assert.equal(range(), wide)
    const sysctls = textOf('/etc/sysctl.d/90-tsts.conf')
    assert.match(playbook(this, path), /changed=0/)
    assert.equal(textOf('/etc/sysctl.d/90-tsts.conf'), sysctls)
    playbook(this, path, '-e', 'state=absent')
    assert.throws(() => textOf('/etc/sysctl.d/90-tsts.conf'), /ENOENT/)
  })

  function playbook(context: Context, path: string, ...more: readonly string[]): string {
    const ansible = requirePeer(context, 'ansible-playbook', 'ansible-core')
    const python = requirePeer(context, 'python3', 'python3')
    const [program, ...args] = [
      ...clinic.controller.under,
      ansible,
      '-i',
      'portless,',
      '-e',
      'ansible_become=false',
      path,
      ...more,
    ]
    const { status, stdout, stderr } = spawnSync(program!, args, {
      encoding: 'utf8',
      cwd: clinic.folder,
      timeout: 150_000,
      env: {
        ...process.env,
        HOME: clinic.folder,
        ANSIBLE_SSH_ARGS: `-F ${join(clinic.folder, '.ssh/config')}`,
        ANSIBLE_PYTHON_INTERPRETER: python,
        ANSIBLE_REMOTE_TMP: '/tmp',
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_PIPELINING: '1',
      },
    })
    assert.equal(status, 0, stdout + stderr)
    return stdout
  }
})
