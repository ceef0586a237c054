import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Action, Scenario } from '../../core/scenario/model.ts'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { LauncherCommand, LauncherMessage, Setup } from '../../core/wire/messages.ts'
import { scenarioOf } from '../support/scenario.ts'
import { root } from '../support/sources.ts'

type Of<Type extends LauncherMessage['type']> = Extract<LauncherMessage, { readonly type: Type }>

/** A launcher in a process of its own, and everything it says. */
class Process {
  readonly said: LauncherMessage[] = []
  readonly #child: ChildProcess
  #wake: () => void = () => undefined
  #isGone = false

  constructor() {
    const args = ['--import', 'tsx', join(root, 'launcher/main.ts'), 'launcher']
    this.#child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const decoder = new LineDecoder(
      (value) => {
        // Numbers are for the link.
        const { n: _, ...message } = value as LauncherMessage & { readonly n?: number }
        this.said.push(message as LauncherMessage)
        this.#wake()
      },
      (text) => assert.fail(text),
    )
    this.#child.stdout!.on('data', (bytes: Buffer) => decoder.push(bytes))
    this.#child.on('close', () => {
      this.#isGone = true
      this.#wake()
    })
  }

  tell(command: LauncherCommand): void {
    for (const line of encodeLine(command)) this.#child.stdin!.write(line)
  }

  /** The first message of that type that `is` wanted. */
  async next<Type extends LauncherMessage['type']>(
    type: Type,
    is: (message: Of<Type>) => boolean = () => true,
  ): Promise<Of<Type>> {
    for (;;) {
      const found = this.said.find((each) => each.type === type && is(each as Of<Type>))
      if (found !== undefined) return found as Of<Type>
      if (this.#isGone) throw new Error(`the launcher ended without ${type}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Sums of the counters of all intervals. */
function counters(process: Process): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const message of process.said) {
    if (message.type !== 'interval') continue
    for (const [name, value] of Object.entries(message.interval.counters)) {
      sums[name] = (sums[name] ?? 0) + value
    }
  }
  return sums
}

const read = (file: string): Action => ({
  type: 'setdynvars',
  source: { type: 'file', file, order: 'iter', delimiter: ';' },
  variables: ['n'],
  line: 1,
})
const sum: Action = { type: 'sum', name: 'lines', value: '%%_n%%', line: 1 }
const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})

describe('launcher', function () {
  this.timeout(20_000)
  let folder = ''
  let launcher: Process
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-launcher-'))
    writeFileSync(join(folder, 'numbers'), '1\n10\n100\n1000\n')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(() => {
    launcher = new Process()
  })
  afterEach(() => launcher.kill())

  function setUp(
    actions: readonly Action[],
    users: number,
    rest: { readonly scenario?: Partial<Scenario>; readonly maxUsers?: number } = {},
  ): void {
    const plan: LauncherPlan = {
      launcher: 1,
      client: 0,
      host: 'localhost',
      share: 1,
      maxUsers: rest.maxUsers ?? 800,
      addresses: [],
      firstUserId: 1,
      users,
      staticUsers: Array.from({ length: users }, () => ({ startMs: 0, session: 0 })),
      phases: [],
    }
    const plain = scenarioOf([{ type: 'ts_http', actions }], { port: 1 })
    const setup: Setup = {
      scenario: { ...plain, ...rest.scenario },
      folder,
      dataFiles: { numbers: join(folder, 'numbers') },
      plan,
      arrivals: 'conditioned',
      seed: 'seed',
      intervalMs: 100,
      graceMs: 10_000,
      stamps: { token: 'tests', host: 0, comparedPerSecond: 20 },
    }
    launcher.tell({ type: 'setup', setup })
  }

  function start(...lines: readonly (readonly [from: number, count: number])[]): void {
    const leases = lines.map(([from, count]) => ({ id: 'numbers', from, count }))
    launcher.tell({ type: 'start', delayMs: 0, cursor: null, skipBefore: null, leases })
  }

  it('plays with the lines it may use, asks for more, and counts who had to wait', async () => {
    setUp([read('numbers'), sum, read('numbers'), sum], 1)
    await launcher.next('ready')
    start([1, 1])
    const asked = await launcher.next('lease')
    assert.deepEqual(asked, { type: 'lease', what: 'file', id: 'numbers', count: 1 })
    launcher.tell({ type: 'lease', what: 'file', id: 'numbers', from: 3, count: 1 })
    await launcher.next('done')
    const { 'sum.lines': lines, tsts_lease_waits: waits } = counters(launcher)
    assert.deepEqual([lines, waits], [1010, 1])
  })

  it('gives back what it has not used when it is recalled', async () => {
    setUp([read('numbers'), sum, think(10_000)], 1)
    await launcher.next('ready')
    start([0, 3])
    await launcher.next('interval', ({ interval }) => interval.counters['sum.lines'] === 1)
    launcher.tell({ type: 'recall', id: 'numbers' })
    assert.deepEqual(await launcher.next('unused'), {
      type: 'unused',
      id: 'numbers',
      leases: [{ id: 'numbers', from: 1, count: 2 }],
      recalled: true,
    })
  })

  it('gives back what it has not used before it hands over at maxusers', async () => {
    setUp([read('numbers'), sum, think(10_000)], 3, { maxUsers: 2 })
    await launcher.next('ready')
    start([0, 4])
    await launcher.next('full')
    const order = launcher.said.map(({ type }) => type)
    assert.ok(order.indexOf('unused') < order.indexOf('full'))
    const { leases, recalled } = await launcher.next('unused')
    assert.deepEqual([leases, recalled], [[{ id: 'numbers', from: 2, count: 2 }], false])
  })

  it('asks the controller to end the run, once, and ends when it is told to', async () => {
    setUp([{ type: 'abort', what: 'all', line: 7 }], 3)
    await launcher.next('ready')
    start()
    await launcher.next('done')
    assert.equal(launcher.said.filter(({ type }) => type === 'abort').length, 1)
    const { error_abort: aborted, finish_users_count: finished } = counters(launcher)
    assert.deepEqual([aborted, finished], [1, 3])
  })

  it('tells interactions by the clock of the run, and measures what it is answered', async () => {
    const said = (action: 'send' | 'receive'): Action => ({
      type: 'interaction',
      action,
      id: 'm',
      line: 1,
    })
    setUp([said('send'), think(50), said('receive'), think(200)], 1)
    await launcher.next('ready')
    start()
    const sent = await launcher.next('interaction', ({ action }) => action === 'send')
    const received = await launcher.next('interaction', ({ action }) => action === 'receive')
    assert.ok(sent.atMs >= 0 && received.atMs - sent.atMs >= 50)
    launcher.tell({ type: 'interaction', id: 'm', ms: 12.5 })
    const { interval } = await launcher.next(
      'interval',
      ({ interval: { samples } }) => samples['tr_m'] !== undefined,
    )
    const { count, max } = interval.samples['tr_m']!
    assert.deepEqual([count, max], [1, 12.5])
  })

  it('calls functions of modules beside the scenario; the first that fail are told', async () => {
    const source = `
      export const two = () => 2
      export const fail = (variables, user) => { throw new Error('user ' + user.id) }`
    const add = (value: string): Action => ({ type: 'sum', name: 'all', value, line: 1 })
    setUp([add('%%mine:two%%'), add('%%mine:two%%0'), add('%%mine:fail%%7')], 1, {
      scenario: { modules: [{ name: 'mine', source }] },
    })
    await launcher.next('ready')
    start()
    await launcher.next('done')
    const { 'sum.all': total, error_function: failed } = counters(launcher)
    assert.deepEqual([total, failed], [29, 1])
    const { lines } = await launcher.next('lines', ({ stream }) => stream === 'error')
    assert.match(lines[0]!, /error_function.*user 1/)
  })

  it('says which module cannot be loaded', async () => {
    setUp([], 1, { scenario: { modules: [{ name: 'mine', source: 'export const' }] } })
    const { code, text } = await launcher.next('failed')
    assert.equal(code, 'E_LAUNCHER_SETUP')
    assert.match(text, /module mine cannot be loaded/)
  })

  it('tells single values with backend="fullstats"', async () => {
    const transaction: Action = { type: 'transaction', name: 't', actions: [think(20)], line: 1 }
    setUp([transaction], 2, { scenario: { backend: 'fullstats' } })
    await launcher.next('ready')
    start()
    await launcher.next('done')
    const { lines } = await launcher.next('lines', ({ stream }) => stream === 'sample')
    const [name, ...values] = JSON.parse(lines[0]!) as [string, ...number[]]
    assert.equal(name, 'tr_t')
    assert.equal(values.length, 2)
    for (const ms of values) assert.ok(ms >= 20)
  })

  it('goes on counting in one interval while too much waits to be acknowledged', async () => {
    const send: Action = { type: 'interaction', action: 'send', id: 'mail', line: 1 }
    setUp([...Array.from({ length: 700 }, () => send), think(1500)], 1)
    await launcher.next('ready')
    start()
    await launcher.next('done')
    const intervals = launcher.said.flatMap((each) =>
      each.type === 'interval' ? [each.interval] : [],
    )
    assert.ok(intervals.length <= 3, `${intervals.length} intervals`)
    const { fromMs, toMs } = intervals.at(-1)!
    assert.ok(toMs - fromMs > 1000, `the last one from ${fromMs} to ${toMs} ms`)
    const { users_count, finish_users_count } = counters(launcher)
    assert.deepEqual([users_count, finish_users_count], [1, 1])
  })

  it('sends what its users dumped before it is done', async () => {
    setUp([think(10)], 1, { scenario: { dumpTraffic: 'true' } })
    await launcher.next('ready')
    start()
    await launcher.next('done')
    const dumped = launcher.said.flatMap((each) =>
      each.type === 'lines' && each.stream === 'dump' ? each.lines : [],
    )
    assert.deepEqual(
      dumped.map((line) => line.replace(/:[\d.]+:/, ':T:')),
      ['NewClient:T:static', 'EndClient:T:1'],
    )
  })
})
