import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EventLine, events } from '../../controller/outputs/events.ts'
import { type SeriesLine, series } from '../../controller/outputs/series.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { headOf, newFolder, playRun, type RunOptions, startedAt } from './synthetic-run.ts'

async function inFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value> {
  const { folder, remove } = await newFolder()
  try {
    return await use(folder)
  } finally {
    await remove()
  }
}

async function linesOf<Line>(folder: string, name: string): Promise<Line[]> {
  const text = await readFile(join(folder, name), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

async function run(options: RunOptions): Promise<{
  lines: SeriesLine[]
  played: Awaited<ReturnType<typeof playRun>>
}> {
  return inFolder(async (folder) => {
    const played = await playRun([series({ onTrouble: assert.fail })], folder, options)
    return { lines: await linesOf<SeriesLine>(folder, 'series.ndjson'), played }
  })
}

function ofType<Type extends SeriesLine['type']>(
  lines: readonly SeriesLine[],
  type: Type,
): Extract<SeriesLine, { type: Type }>[] {
  return lines.filter((line): line is Extract<SeriesLine, { type: Type }> => line.type === type)
}

describe('series.ndjson', () => {
  it('begins with the head, has a line a second and ends with the end', async () => {
    const { lines } = await run({ seconds: 24 })
    assert.equal(lines[0]!.type, 'head')
    assert.deepEqual(lines.at(-1), { type: 'end', atMs: 24_250, verdict: 'valid', exitCode: 0 })
    assert.deepEqual(
      ofType(lines, 'second').map((line) => line.atMs),
      Array.from({ length: 24 }, (_, index) => 1000 * (index + 1)),
    )
    assert.deepEqual(
      ofType(lines, 'histograms').map((line) => [line.fromMs, line.toMs]),
      [
        [0, 10_000],
        [10_000, 20_000],
        [20_000, 24_000],
      ],
    )
  })

  it('tells every 10 s how each launcher fared that still plays', async () => {
    const { lines } = await run({ seconds: 40, loss: true })
    const health = ofType(lines, 'health')
    assert.deepEqual(
      health.map(({ atMs, launchers }) => [atMs, launchers.map(({ launcher }) => launcher)]),
      [
        [10_000, [1, 2]],
        [20_000, [1, 2]],
        [30_000, [1, 2]],
        [40_000, [1]],
      ],
    )
    assert.deepEqual(
      health[0]!.launchers.map(({ cpuShare, loopDelayMaxMs }) => [cpuShare, loopDelayMaxMs]),
      [
        [0.2, 2.1],
        [0.4, 4.2],
      ],
    )
  })

  it('plans every user in the steps of its head', async () => {
    const { lines, played } = await run({ seconds: 20 })
    const [head] = ofType(lines, 'head')
    const users = head!.planned.reduce((sum, step) => sum + step.users, 0)
    assert.equal(users, played.head.plan.users)
    assert.equal(head!.plannedUsers, users)
    const starts = head!.planned.map((step) => step.fromMs)
    assert.deepEqual(
      starts,
      [...starts].sort((a, b) => a - b),
    )
  })

  it('adds up to the counters of the whole run', async () => {
    const { lines, played } = await run({ seconds: 21 })
    const sums = new Map<string, number>()
    for (const { counters } of ofType(lines, 'second')) {
      for (const [name, value] of Object.entries(counters)) {
        sums.set(name, (sums.get(name) ?? 0) + value)
      }
    }
    assert.deepEqual(new Map([...sums].sort()), new Map([...played.all.counters].sort()))
  })

  it('lets every percentile be rebuilt from its histograms, without loss', async () => {
    const { lines, played } = await run({ seconds: 27 })
    const rebuilt = new Map<string, MutableSample>()
    for (const { samples } of ofType(lines, 'histograms')) {
      for (const [name, wire] of Object.entries(samples)) {
        const sample = rebuilt.get(name) ?? new MutableSample(name)
        sample.merge(wire)
        rebuilt.set(name, sample)
      }
    }
    assert.deepEqual([...rebuilt.keys()].sort(), [...played.all.samples.keys()].sort())
    const list = [0, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100]
    for (const [name, want] of played.all.samples) {
      const got = rebuilt.get(name)!
      assert.equal(got.count, want.count, name)
      assert.equal(got.min, want.min, name)
      assert.equal(got.max, want.max, name)
      assert.deepEqual(got.percentiles(list), want.percentiles(list), name)
      assert.ok(Math.abs(got.mean - want.mean) < 1e-9 * want.mean, name)
      assert.ok(Math.abs(got.stddev - want.stddev) < 1e-9 * want.stddev, name)
    }
  })
})

describe('events.ndjson', () => {
  it('has a line an event, with both clocks', async () => {
    const lines = await inFolder(async (folder) => {
      await playRun([events({ onTrouble: assert.fail })], folder, { seconds: 20, loss: true })
      return linesOf<EventLine>(folder, 'events.ndjson')
    })
    assert.deepEqual(
      lines.map((line) => [line.type, line.atMs]),
      [
        ['launcher-started', -120],
        ['run-started', 0],
        ['phase', 600],
        ['phase', 10_600],
        ['launcher-lost', 13_000],
        ['run-ended', 20_250],
      ],
    )
    for (const { time, atMs } of lines) assert.equal(Date.parse(time), startedAt + atMs)
    assert.equal(lines[4]!.launcher, 2)
  })

  it('keeps what happened before the head was known', async () => {
    const lines = await inFolder(async (folder) => {
      const output = events({ onTrouble: assert.fail })
      output.event({ atMs: -500, type: 'warning', text: 'early' })
      output.start(headOf(folder))
      output.event({ atMs: 1, type: 'run-started', text: 'later' })
      await output.close()
      return linesOf<EventLine>(folder, 'events.ndjson')
    })
    assert.deepEqual(
      lines.map((line) => line.text),
      ['early', 'later'],
    )
  })
})
