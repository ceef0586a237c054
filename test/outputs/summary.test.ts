import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { DeliveredLoad } from '../../controller/outputs/delivered-load.ts'
import { type Summary, summary } from '../../controller/outputs/summary.ts'
import { headOf, newFolder, playRun, type RunOptions } from './synthetic-run.ts'

const schemaFile = new URL('../../docs/summary.schema.json', import.meta.url)

async function summaryOf(
  options: RunOptions,
): Promise<{ told: Summary; all: Map<string, number> }> {
  const { folder, remove } = await newFolder()
  try {
    const { all } = await playRun([summary({ onTrouble: assert.fail })], folder, options)
    const text = await readFile(join(folder, 'summary.json'), 'utf8')
    return { told: JSON.parse(text) as Summary, all: all.counters }
  } finally {
    await remove()
  }
}

describe('summary.json', () => {
  for (const [title, options] of [
    ['a whole run', {}],
    ['a run that lost a launcher', { loss: true }],
    ['a run with hostile names', { hostile: '</script>"\u0000' }],
  ] as const) {
    it(`keeps to its schema: ${title}`, async () => {
      const schema: unknown = JSON.parse(await readFile(schemaFile, 'utf8'))
      const ajv = new Ajv2020({ allErrors: true, formats: { 'date-time': true } })
      const validate = ajv.compile(schema as object)
      const { told } = await summaryOf(options)
      assert.ok(validate(told), ajv.errorsText(validate.errors))
    })
  }

  it('has a schema that refuses what is missing or unknown', async () => {
    const schema: unknown = JSON.parse(await readFile(schemaFile, 'utf8'))
    const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(schema as object)
    const { told } = await summaryOf({})
    assert.equal(validate({ ...told, verdict: { status: 'fine', reasons: [] } }), false)
    assert.equal(validate({ ...told, extra: 1 }), false)
    const { seed: _, ...rest } = told
    assert.equal(validate(rest), false)
  })

  it('tells users by phase, static users apart, and adds up', async () => {
    const { told } = await summaryOf({})
    const { load } = told
    assert.equal(load.plannedUsers, 452)
    assert.equal(load.startedUsers, 452)
    assert.equal(load.finishedUsers, 452)
    assert.deepEqual(load.staticUsers, { plannedUsers: 2, startedUsers: 2 })
    assert.deepEqual(
      load.phases.map((phase) => [phase.number, phase.plannedUsers, phase.startedUsers]),
      [
        [1, 150, 150],
        [2, 300, 300],
      ],
    )
    assert.deepEqual(
      load.phases.map((phase) => [phase.plannedRate, phase.startedRate]),
      [
        [10, 10],
        [20, 20],
      ],
    )
  })

  it('balances the books of the requests and has every counter', async () => {
    const { told, all } = await summaryOf({})
    const { issued, acknowledged, noAck, failed, inFlight, unknown } = told.requests
    assert.equal(issued, acknowledged + noAck + failed + inFlight + unknown)
    assert.equal(issued, all.get('tsts_issued'))
    assert.equal(unknown, 0)
    assert.deepEqual(told.counters, Object.fromEntries([...all].sort()))
  })

  it('orders percentiles, none beyond the maximum', async () => {
    const { told } = await summaryOf({})
    assert.ok(Object.keys(told.metrics).length >= 9)
    for (const [name, m] of Object.entries(told.metrics)) {
      const rising = [m.min, m.p50, m.p75, m.p90, m.p95, m.p99, m.p999, m.p9999, m.max]
      assert.deepEqual(
        rising,
        [...rising].sort((a, b) => a - b),
        name,
      )
    }
  })

  it('lists errors, the most frequent first, with their first examples', async () => {
    const { told } = await summaryOf({ hostile: 'zzz' })
    assert.deepEqual(
      told.errors.map(({ name, count, first }) => [name, count, first.length]),
      [
        ['error_connect_econnrefused', 8, 1],
        ['error_zzz', 4, 0],
      ],
    )
    assert.equal(told.errors[0]!.first[0]!.user, 61)
  })

  it('is told when the folder is gone, and nothing is thrown', async () => {
    const told: string[] = []
    const { folder, remove } = await newFolder()
    const output = summary({ onTrouble: (text) => told.push(text) })
    const { head, result } = await playRun([], folder)
    await remove()
    output.start(head)
    output.end(result)
    await output.close()
    assert.equal(told.length, 1)
    assert.match(told[0]!, /summary\.json: its folder is not there/)
  })
})

describe('users by phase', () => {
  const plan = headOf('/nowhere').plan

  it('fill the earlier phase first when a second spans two', () => {
    const load = new DeliveredLoad({ ...plan, launchers: [] })
    load.second({ atMs: 1000, phase: 1, started: 145 })
    load.second({ atMs: 2000, phase: 2, started: 160 })
    load.second({ atMs: 3000, phase: 2, started: 450 })
    assert.deepEqual(
      load.phases().map((phase) => phase.startedUsers),
      [150, 300],
    )
  })

  it('started at the planned rate where a phase ends within the second that tells of the next', () => {
    const load = new DeliveredLoad({ ...plan, launchers: [] })
    for (let second = 1; second <= 30; second++) {
      const started = second < 15 ? 10 * second : second === 15 ? 150 : 150 + 20 * (second - 15)
      load.second({ atMs: second * 1000, phase: second < 15 ? 1 : 2, started })
    }
    assert.deepEqual(
      load.phases().map((phase) => phase.startedRate),
      [10, 20],
    )
  })

  it('are not moved between phases by users that never started', () => {
    const load = new DeliveredLoad({ ...plan, launchers: [] })
    load.second({ atMs: 15_000, phase: 1, started: 100 })
    load.second({ atMs: 16_000, phase: 2, started: 100 })
    load.second({ atMs: 30_000, phase: 2, started: 400 })
    assert.deepEqual(
      load.phases().map((phase) => phase.startedUsers),
      [100, 300],
    )
  })
})
