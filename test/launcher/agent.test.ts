import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { AgentMessage, FromAgent, ToAgent } from '../../core/wire/messages.ts'
import { builtMain } from '../support/dist.ts'
import { eventually, isRunning } from '../support/tsts-process.ts'

/** A controller's end of a relay. */
class Line {
  readonly heard: FromAgent[] = []
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<number | null>
  stderr = ''

  constructor(role: 'relay' | 'rejoin', folder: string) {
    const bundle = join(builtMain(), '../../launcher.mjs')
    this.child = spawn(process.execPath, [bundle, role, folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const decoder = new LineDecoder(
      (value) => this.heard.push(value as FromAgent),
      (text) => assert.fail(`stray: ${text}`),
    )
    this.child.stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
    this.child.stderr.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString()
    })
    this.child.stdin.on('error', () => undefined)
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code)))
  }

  send(message: ToAgent): void {
    for (const line of encodeLine(message)) this.child.stdin.write(line)
  }

  async hello(): Promise<AgentMessage & { readonly type: 'hello' }> {
    const find = (): unknown => this.heard.find((each) => 'type' in each && each.type === 'hello')
    await eventually(() => find() !== undefined)
    return find() as AgentMessage & { readonly type: 'hello' }
  }

  /** The process of a launcher that said hello. */
  async launcherPid(launcher: number): Promise<number> {
    let pid = 0
    await eventually(() => {
      for (const each of this.heard) {
        if ('launcher' in each && 'message' in each && each.launcher === launcher) {
          if (each.message.type === 'hello') pid = each.message.pid
        }
      }
      return pid > 0
    })
    return pid
  }
}

describe('an agent', function () {
  this.timeout(30_000)
  let folder: string
  const lines: Line[] = []

  function line(role: 'relay' | 'rejoin' = 'relay'): Line {
    const one = new Line(role, join(folder, 'run'))
    lines.push(one)
    return one
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-agent-'))
  })
  afterEach(async () => {
    for (const each of lines.splice(0)) {
      each.send({ type: 'stop', graceMs: 0 })
      each.child.stdin.end()
      await each.ended
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('is started by the first relay, in a folder that only its user can enter', async () => {
    const { facts, launchers } = await line().hello()
    assert.ok(facts.pid > 0)
    assert.deepEqual(launchers, [])
    assert.equal(statSync(join(folder, 'run')).mode & 0o777, 0o700)
  })

  it('outlives the relay, with its launchers, and tells the next one of them', async () => {
    const first = line()
    const { facts } = await first.hello()
    first.send({ type: 'launch', launchers: [1] })
    const pid = await first.launcherPid(1)
    first.child.kill('SIGKILL')
    await first.ended
    const second = line('rejoin')
    const again = await second.hello()
    assert.equal(again.facts.pid, facts.pid)
    assert.deepEqual(again.launchers, [{ launcher: 1, pid, ended: null }])
    assert.ok(isRunning(pid))
  })

  it('listens to the relay that came last', async () => {
    const first = line()
    await first.hello()
    const second = line()
    await second.hello()
    assert.equal(await first.ended, 0)
    second.send({ type: 'ping', t1: 5 })
    await eventually(() => second.heard.some((each) => 'type' in each && each.type === 'pong'))
  })

  it('starts a launcher once, however often it is told to', async () => {
    const one = line()
    await one.hello()
    one.send({ type: 'launch', launchers: [1] })
    await one.launcherPid(1)
    one.send({ type: 'launch', launchers: [1, 2] })
    await one.launcherPid(2)
    const hellos = one.heard.filter(
      (each) => 'message' in each && each.launcher === 1 && each.message.type === 'hello',
    )
    assert.equal(hellos.length, 1)
  })

  it('tells of a launcher that died while nobody listened', async () => {
    const first = line()
    await first.hello()
    first.send({ type: 'launch', launchers: [7] })
    const pid = await first.launcherPid(7)
    first.child.kill('SIGKILL')
    await first.ended
    process.kill(pid, 'SIGKILL')
    await eventually(() => !isRunning(pid))
    const { launchers } = await line('rejoin').hello()
    assert.deepEqual(launchers, [{ launcher: 7, pid, ended: 'was killed by SIGKILL' }])
  })

  it('ends with all it started when its controller is silent for too long', async () => {
    const one = line()
    const { facts } = await one.hello()
    one.send({ type: 'watch', graceMs: 300 })
    one.send({ type: 'launch', launchers: [1] })
    const pid = await one.launcherPid(1)
    await eventually(() => !isRunning(pid) && !isRunning(facts.pid))
    await eventually(() => !existsSync(join(folder, 'run')))
    assert.equal(await one.ended, 0)
  })

  it('leaves nothing behind when it is told to stop', async () => {
    const one = line()
    const { facts } = await one.hello()
    one.send({ type: 'launch', launchers: [1, 2] })
    const pids = [await one.launcherPid(1), await one.launcherPid(2)]
    one.send({ type: 'stop', graceMs: 0 })
    await eventually(() => [facts.pid, ...pids].every((pid) => !isRunning(pid)))
    await eventually(() => !existsSync(join(folder, 'run')))
  })

  it('cannot be rejoined where there is none', async () => {
    const one = line('rejoin')
    assert.equal(await one.ended, 3)
    assert.match(one.stderr, /the agent of this run is gone/)
  })

  it('takes its launchers with it when it is killed', async () => {
    const one = line()
    const { facts } = await one.hello()
    one.send({ type: 'launch', launchers: [1] })
    const pid = await one.launcherPid(1)
    process.kill(facts.pid, 'SIGKILL')
    await eventually(() => !isRunning(pid))
    assert.equal(await one.ended, 0)
  })
})
