import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutNode } from '../support/bare-host.ts'
import { type Machine, Network } from '../support/netns.ts'
import { scenarioText } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'

/** Bare hosts of a network of their own, with what the controller sends counted on its cable. */
describe('tsts hosts prepare over a network', function () {
  this.timeout(240_000)
  let sandbox: SshSandbox
  let network: Network
  let controller: Machine
  const machines: Machine[] = []
  const servers: SshServer[] = []
  let scenario: string

  before(async function () {
    sandbox = SshSandbox.open(this)
    const bare = withoutNode(this)
    network = Network.open(this)
    controller = network.add()
    for (let host = 0; host < 4; host++) {
      const machine = network.add()
      const server = await sandbox.start(machine.address, [], [...machine.under, ...bare])
      sandbox.know(server.address, server.port)
      machines.push(machine)
      servers.push(server)
    }
    const hosts = servers.map(
      ({ address, port }, at) => `Host load${at + 1}\n  HostName ${address}\n  Port ${port}\n`,
    )
    mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
    writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(hosts.join('')))
    scenario = join(sandbox.folder, 'scenario.xml')
    const clients = servers.map((_, at) => `<client host="load${at + 1}"/>`).join('')
    writeFileSync(
      scenario,
      scenarioText(80).replace(/<clients>.*?<\/clients>/s, `<clients>${clients}</clients>`),
    )
  })
  after(async () => {
    await sandbox?.close()
    network?.close()
  })
  beforeEach(() => {
    for (const { home } of servers) rmSync(join(home, '.cache'), { recursive: true, force: true })
  })

  /** @returns what it said, and the bytes that left the controller's cable meanwhile */
  async function prepared(): Promise<{ readonly text: string; readonly sentBytes: number }> {
    const before = sentBytes(controller)
    const args = ['hosts', 'prepare', scenario, '--send-node', '--spread']
    const env = { HOME: sandbox.folder, SSH_AUTH_SOCK: '' }
    const tsts = new TstsProcess(args, { env, under: controller.under })
    assert.equal(await tsts.ended, 0, tsts.stdout + tsts.stderr)
    return { text: tsts.stdout + tsts.stderr, sentBytes: sentBytes(controller) - before }
  }
  /** Of Node as it is sent. */
  const packedBytes = (text: string): number =>
    Number(/Node [\d.]+ sent \(([\d.]+) MB\)/.exec(text)![1]) * 1e6

  it('sends Node once to four hosts', async () => {
    const { text, sentBytes: sent } = await prepared()
    assert.equal(text.match(/Node [\d.]+ from load\d/g)?.length, 3, text)
    const once = packedBytes(text)
    assert.ok(sent > once && sent < 1.5 * once, `${sent} bytes were sent, Node has ${once}`)
    assert.deepEqual(listeners(machines), [])
  })

  it('sends it to a host that hears nothing of the others, and says so', async () => {
    const [deaf, ...others] = machines
    for (const from of others) network.deafen(deaf!, { from, percent: 100 })
    try {
      const { text } = await prepared()
      assert.match(text, /^4 of 4 hosts are ready after /m)
      for (const { home } of servers) {
        const cache = join(home, '.cache/tsts')
        assert.ok(existsSync(cache))
        assert.equal(readdirSync(cache).length, 2, readdirSync(cache).join())
      }
      // Whoever came first was sent it; when that was the deaf one, the others got it from nobody else at first.
      assert.match(
        text,
        /warning: load\d did not get a file from load\d: \S+ port \d+ cannot be reached/,
      )
    } finally {
      network.undeafen(deaf!)
    }
  })
})

/** Source: proc_pid_net(5), dev. */
function sentBytes({ under }: Machine): number {
  const text = inside(under, 'cat', '/proc/net/dev')
  const line = text.split('\n').find((each) => each.trim().startsWith('eth0:'))!
  return Number(line.split(':')[1]!.trim().split(/\s+/)[8])
}

/** Sockets that listen on these machines, but for sshd. */
function listeners(machines: readonly Machine[]): readonly string[] {
  return machines.flatMap(({ under }) =>
    inside(under, 'cat', '/proc/net/tcp')
      .split('\n')
      .filter(
        (line) =>
          / 0A /.test(line) &&
          !line.includes(`:${(2222).toString(16).toUpperCase().padStart(4, '0')} `),
      ),
  )
}

function inside(under: readonly string[], ...command: readonly string[]): string {
  const [program, ...args] = [...under, ...command]
  return execFileSync(program!, args, { encoding: 'utf8' })
}
