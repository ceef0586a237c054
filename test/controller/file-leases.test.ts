import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { FileLeases, type LeaseHooks } from '../../controller/fleet/file-leases.ts'
import { Lines, type LineWaiter } from '../../launcher/lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsts-leases-'))
const path = join(folder, 'numbers')

/** Launchers that read one file, with lines of communication on which messages take their time. */
class Launchers {
  /** Lines in the order in which users got them. */
  readonly got: number[] = []
  waits = 0
  readonly #toController: (() => void)[][]
  readonly #toLauncher: (() => void)[][]
  readonly #lines: Lines[]
  readonly leases: FileLeases

  constructor(lines: number, shares: readonly number[]) {
    const text = Array.from({ length: lines }, (_, line) => `${line}\n`).join('')
    writeFileSync(path, text)
    this.#toController = shares.map(() => [])
    this.#toLauncher = shares.map(() => [])
    const hooks: LeaseHooks = {
      grant: (launcher, lease) =>
        this.#toLauncher[launcher]!.push(() => this.#lines[launcher]!.grant(lease)),
      recall: (launcher, id) => this.#toLauncher[launcher]!.push(() => this.#recall(launcher, id)),
    }
    const lanes = shares.map((share, launcher) => ({ launcher, share }))
    this.leases = new FileLeases('f', lines, lanes, hooks)
    this.#lines = shares.map((_, launcher) => this.#open(launcher))
    for (const [launcher, each] of this.#lines.entries()) {
      const lease = this.leases.first(launcher, null)
      if (lease !== null) each.grant(lease)
    }
  }

  #open(launcher: number): Lines {
    return new Lines(
      { f: path },
      {
        ask: (_, count) =>
          this.#toController[launcher]!.push(() => this.leases.ask(launcher, count)),
        waited: () => this.waits++,
      },
    )
  }

  #recall(launcher: number, id: string): void {
    const leases = this.#lines[launcher]!.takeBack(id)
    this.#toController[launcher]!.push(() => this.leases.unused(launcher, leases, true))
  }

  /** A user of the launcher wants a line. */
  read(launcher: number): void {
    const take = (): void => {
      const line = this.#lines[launcher]!.next('f', waiter)
      if (line !== null) this.got.push(Number(line))
    }
    const waiter: LineWaiter = { lineReady: take }
    take()
  }

  /** One message to or from a launcher arrives. @returns false when there was none */
  deliver(launcher: number, toLauncher: boolean): boolean {
    const message = (toLauncher ? this.#toLauncher : this.#toController)[launcher]!.shift()
    message?.()
    return message !== undefined
  }

  /** Everything arrives. */
  settle(): void {
    const each = this.#lines.flatMap((_, launcher) => [launcher, -1 - launcher])
    const arrives = (at: number): boolean => this.deliver(at < 0 ? -1 - at : at, at >= 0)
    while (each.filter(arrives).length > 0);
  }

  /** The launcher is over, in order. */
  end(launcher: number): void {
    const leases = this.#lines[launcher]!.takeBack('f')
    this.leases.unused(launcher, leases, false)
    this.leases.gone(launcher)
  }

  /** Its successor begins. */
  succeed(launcher: number): void {
    this.leases.unused(launcher, this.#lines[launcher]!.takeBack('f'), false)
    const successor = this.#lines.length
    this.#toController.push([])
    this.#toLauncher.push([])
    this.#lines.push(this.#open(successor))
    const lease = this.leases.first(successor, launcher)
    if (lease !== null) this.#lines[successor]!.grant(lease)
  }
}

function twice(got: readonly number[], lines: number): readonly number[] {
  const first = got.slice(0, lines)
  return first.filter((line, at) => first.indexOf(line) !== at)
}

describe('leases of file lines', () => {
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('one launcher reads in the order of the file, round and round', () => {
    const launchers = new Launchers(100, [1])
    for (let read = 0; read < 250; read++) {
      launchers.read(0)
      launchers.settle()
    }
    assert.deepEqual(
      launchers.got,
      Array.from({ length: 250 }, (_, at) => at % 100),
    )
  })

  it('users do not wait while there are more than a few lines for each launcher', () => {
    const launchers = new Launchers(10_000, [0.25, 0.25, 0.25, 0.25])
    for (let read = 0; read < 9900; read++) {
      launchers.read(read % 4)
      launchers.settle()
    }
    assert.equal(launchers.waits, 0)
    assert.equal(new Set(launchers.got).size, 9900)
  })

  it('blocks follow the weights and are consecutive', () => {
    const granted: object[] = []
    const hooks = { grant: (_: number, lease: object) => granted.push(lease), recall: assert.fail }
    const lanes = [0.75, 0.25].map((share, at) => ({ launcher: at + 1, share }))
    const leases = new FileLeases('f', 1000, lanes, hooks)
    assert.deepEqual(leases.first(1, null), { id: 'f', from: 0, count: 250 })
    assert.deepEqual(leases.first(2, null), { id: 'f', from: 250, count: 62 })
    leases.ask(1, 0)
    leases.ask(2, 100)
    assert.deepEqual(granted, [
      { id: 'f', from: 312, count: 172 },
      { id: 'f', from: 484, count: 100 },
    ])
  })

  it('every line is used once before any twice, whoever reads when and however slow messages are', () => {
    const step = fc.record({
      launcher: fc.nat(4),
      what: fc.constantFrom('read', 'read', 'read', 'to', 'from'),
    })
    const property = fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(step, { maxLength: 400, size: 'max' }),
      (lines, count, steps) => {
        const launchers = new Launchers(lines, new Array<number>(count).fill(1 / count))
        let reads = 0
        for (const { launcher, what } of steps) {
          const at = launcher % count
          if (what === 'read') {
            launchers.read(at)
            reads++
          } else launchers.deliver(at, what === 'to')
        }
        launchers.settle()
        assert.equal(launchers.got.length, reads, 'everybody gets a line')
        assert.deepEqual(twice(launchers.got, lines), [])
      },
    )
    fc.assert(property, { seed: 1, numRuns: 500 })
  })

  it('what a launcher that is over has not used goes to others', () => {
    const launchers = new Launchers(60, [0.5, 0.5])
    launchers.read(1)
    launchers.end(1)
    for (let read = 0; read < 59; read++) {
      launchers.read(0)
      launchers.settle()
    }
    assert.equal(new Set(launchers.got).size, 60)
  })

  it('a successor goes on where its predecessor stopped, also on its own round', () => {
    const launchers = new Launchers(30, [1])
    for (let read = 0; read < 100; read++) {
      if (read === 10) launchers.succeed(0)
      if (read === 50) launchers.succeed(1)
      launchers.read(read < 10 ? 0 : read < 50 ? 1 : 2)
      launchers.settle()
    }
    assert.deepEqual(
      launchers.got,
      Array.from({ length: 100 }, (_, at) => at % 30),
    )
  })

  it('launchers go round from places that lie apart', () => {
    const launchers = new Launchers(30, [1 / 3, 1 / 3, 1 / 3])
    for (let read = 0; read < 30; read++) {
      launchers.read(read % 3)
      launchers.settle()
    }
    launchers.got.length = 0
    for (let read = 0; read < 6; read++) {
      launchers.read(read % 3)
      launchers.settle()
    }
    assert.deepEqual(launchers.got, [0, 10, 20, 1, 11, 21])
  })

  it('a launcher that died takes its last blocks with it, and says how much that is', () => {
    const launchers = new Launchers(60, [0.5, 0.5])
    launchers.read(1)
    assert.equal(launchers.leases.gone(1), 8)
    for (let read = 0; read < 60; read++) {
      launchers.read(0)
      launchers.settle()
    }
    assert.equal(new Set(launchers.got).size, 53, 'its 7 unused lines are missing')
  })

  it('who does not answer a recall is not waited for', () => {
    const launchers = new Launchers(60, [0.5, 0.5])
    const { leases } = launchers
    for (let read = 0; read < 60; read++) {
      launchers.read(0)
      while (launchers.deliver(0, false) || launchers.deliver(0, true));
    }
    assert.ok(leases.isRecalling)
    leases.endRecall()
    launchers.deliver(0, true)
    assert.equal(launchers.got.length, 60)
  })
})
