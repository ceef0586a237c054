/** Messages from user to user, over launchers and hosts: how long they took, which were lost, doubled, out of order. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Summary } from '../../controller/outputs/summary.ts'
import { MessageBuild, type RoomScenario, writeRoomScenario } from '../support/message-bed.ts'
import { type Fate, MessageBroker } from '../support/message-broker.ts'
import { latency } from '../support/message-plugin.ts'
import { requirePeer } from '../support/peers.ts'
import { SshSandbox } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'

const users = 8
const messages = 5
/** Between two receivers, ms: the first has it at once. */
const stepMs = 20
/** Longer than from one message of a user to the next. */
const heldMs = 1200
/** What a busy machine may take longer. */
const busyMs = 150

/** To the n-th receiver after n - 1 steps; some of it is lost, doubled, or comes after the next one. */
const fate: Fate = ({ receiver, sequence }) => {
  const ms = (receiver - 1) * stepMs
  if (sequence === 3 && receiver <= 2) return []
  if (sequence === 2 && receiver === 3) return [ms, ms + 10]
  if (sequence === 4 && receiver === 4) return [ms + heldMs]
  return [ms]
}

const lost = 2 * users
const doubled = users
const late = users
const sent = users * messages
const delivered = sent * users - lost + doubled

const schema = new URL('../../docs/summary.schema.json', import.meta.url)
const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync(schema, 'utf8')) as object,
)

describe('messages between users', function () {
  this.timeout(120_000)
  let built: MessageBuild
  let broker: MessageBroker
  let folder: string

  before(async () => {
    built = await MessageBuild.make()
  })
  after(() => built?.remove())
  beforeEach(async () => {
    broker = await MessageBroker.open(fate)
    folder = mkdtempSync(join(tmpdir(), 'tsts-messages-'))
  })
  afterEach(async () => {
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(
    room: Partial<RoomScenario>,
    flags: readonly string[],
    env: { readonly [name: string]: string } = {},
  ): TstsProcess {
    const path = join(folder, 'rooms.xml')
    const clients = '<client host="localhost" cpu="2"/>'
    const plain = { clients, port: broker.port, users, messages, everySeconds: 0.2 }
    writeRoomScenario(path, { ...plain, ...room })
    const args = ['run', path, '-l', join(folder, 'log'), '--seed', '1', ...flags]
    return new TstsProcess(args, { main: built.main, env })
  }

  function runFolder(): string {
    return join(folder, 'log', readdirSync(join(folder, 'log'))[0]!)
  }

  function read(name: string): string {
    return readFileSync(join(runFolder(), name), 'utf8')
  }

  /** The run of two launchers to whose users everything came that the broker sent, and what it made of it. */
  function assertTold(summary: Summary): void {
    assert.ok(validate(summary), JSON.stringify(validate.errors))
    const told = summary.deliveries!
    assert.equal(broker.published, sent)
    assert.equal(told.stamped, sent)
    assert.equal(told.delivered, delivered)
    assert.deepEqual(
      [told.lost, told.duplicated, told.lateOrder, told.tooLate, told.unfollowed, told.foreign],
      [lost, doubled, late, 0, 0, 0],
    )
    const { metrics, counters, launchers } = summary
    assert.equal(launchers.length, 2)
    assert.equal(metrics[latency]!.count, delivered - doubled)
    const [receivers] = told.receivers
    const compared = counters['tsts_messages_compared']!
    assert.equal(receivers!.messages, compared)
    assert.ok(compared >= 20 && compared <= sent, String(compared))
    assert.ok(receivers!.max === users && receivers!.min >= users - 2)
    for (const end of ['first', 'median', 'last']) {
      assert.equal(metrics[`${latency}_${end}`]!.count, compared)
    }
  }

  /**
   * No message came sooner than the broker let it: a clock that is wrong by more than it is told shows on the way to it
   * or from it.
   *
   * @param errorMs of the clocks
   */
  function assertTimes({ metrics }: Summary, errorMs: number): void {
    const of = (end: string): Summary['metrics'][string] => metrics[`${latency}_${end}`]!
    const within = (what: string, ms: number, atLeastMs: number): void => {
      const isRight = ms >= atLeastMs - errorMs - 2 && ms <= atLeastMs + errorMs + busyMs
      assert.ok(isRight, `${what}: ${ms} ms, not ${atLeastMs} ± ${errorMs}`)
    }
    within('first', of('first').min, 0)
    within('half', of('median').min, (users / 2 - 1) * stepMs)
    within('half', of('median').p50, (users / 2 - 1) * stepMs)
    within('last', of('last').min, (users - 1) * stepMs)
    within('last', of('last').p50, (users - 1) * stepMs)
    within('the late ones', metrics[latency]!.max, heldMs + 3 * stepMs)
  }

  it('are measured from launcher to launcher, and what the broker does to them is told exactly', async () => {
    const tsts = start({}, ['--no-live'])
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    const summary = JSON.parse(read('summary.json')) as Summary
    assertTold(summary)
    assertTimes(summary, 0)
    assert.equal(summary.deliveries!.betweenHosts.count, 0)
    assert.equal(summary.deliveries!.betweenHosts.clockErrorMs, null)
    const report = read('report.html')
    assert.match(report, /<h2 id="deliveries">Deliveries<\/h2>/)
    const log = read('tsung.log')
    assert.match(log, new RegExp(`^stats: ${latency} `, 'm'))
    assert.ok(!log.includes(`${latency}_first`) && !log.includes('tsts_messages'))
  })

  it('are told once when the controller dies and another goes on', async () => {
    const started = start({ everySeconds: 0.8 }, ['--detach'])
    assert.equal(await started.ended, 0, started.stdout + started.stderr)
    const { pid } = JSON.parse(read('run.json')) as { readonly pid: number }
    while (broker.published < sent / 2) await new Promise((resolve) => setTimeout(resolve, 50))
    process.kill(pid, 'SIGKILL')
    const attached = new TstsProcess(['attach', runFolder()], { main: built.main })
    const code = await attached.ended
    assert.ok(code === 0 || code === 4, attached.stdout + attached.stderr)
    assertTold(JSON.parse(read('summary.json')) as Summary)
  })

  describe('over SSH', () => {
    let sandbox: SshSandbox
    let node: string
    let config: string

    before(async function () {
      const faketime = requirePeer(this, 'faketime', 'faketime')
      sandbox = SshSandbox.open(this)
      const servers = [await sandbox.start('127.0.0.2'), await sandbox.start('127.0.0.3')]
      for (const { address, port } of servers) sandbox.know(address, port)
      const hosts = servers.map(
        ({ address, port }, at) => `Host load${at + 1}\n  HostName ${address}\n  Port ${port}\n`,
      )
      mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
      config = join(sandbox.folder, '.ssh/config')
      writeFileSync(config, sandbox.config(hosts.join('')))
      node = join(sandbox.folder, 'node')
      const skewed = servers[1]!.home
      writeFileSync(
        node,
        `#!/bin/sh
case "$HOME" in
  ${skewed}) exec ${faketime} -f +5s ${process.execPath} "$@" ;;
  *) exec ${process.execPath} "$@" ;;
esac
`,
      )
      chmodSync(node, 0o755)
    })
    after(() => sandbox?.close())

    it('are measured within the error that is told, though one host’s clocks are 5 s ahead', async () => {
      const clients = '<client host="load1"/><client host="load2"/>'
      const flags = ['--no-live', '--remote-node', node]
      const tsts = start({ clients }, flags, { HOME: sandbox.folder })
      const code = await tsts.ended
      assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
      const summary = JSON.parse(read('summary.json')) as Summary
      assertTold(summary)
      const { count, clockErrorMs, unclocked } = summary.deliveries!.betweenHosts
      // Half of the users are on the other host.
      assert.equal(count, (sent * users) / 2 - lost / 2)
      assert.equal(unclocked, 0)
      assert.ok(clockErrorMs !== null && clockErrorMs > 0 && clockErrorMs < 60, `${clockErrorMs}`)
      const offsets = summary.launchers.map(({ clock }) => clock!.offsetMs)
      assert.ok(Math.abs(offsets[1]! - offsets[0]!) > 4000, `clocks ${offsets.join()} ms apart`)
      assertTimes(summary, clockErrorMs)
    })
  })
})
