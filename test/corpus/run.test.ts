import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'
import { TstsProcess } from '../support/tsts-process.ts'
import { localScenario, openStandIn, type StandIn } from './stand-in.ts'

/** Runs that go on at the same time. */
const parallel = 3

describe('each scenario of the corpus that Tsung accepts', () => {
  if (!hasCorpus()) return
  const accepted = corpusEntries()
    .filter(({ verdict }) => verdict.startsWith('accepts'))
    .map(({ file }) => ({ file, result: readFromCorpus(file) }))

  it('has a plan', () => {
    for (const { file, result } of accepted) {
      const { scenario } = result
      assert.ok(scenario, file)
      const facts = { cores: scenario.clients.map(() => 2) }
      const plan = makePlan(scenario, { seed: 'corpus', facts, arrivals: 'conditioned' })
      assert.ok(plan.launchers.length > 0, file)
    }
  })

  it('is played to its end, if its protocols are played and it has no Erlang of its own', async function () {
    this.timeout(600_000)
    const playable = accepted.filter(
      ({ result }) => !result.diagnostics.some(({ severity }) => severity === 'unplayable'),
    )
    const standIn = await openStandIn()
    try {
      const waiting = playable.map(({ file }) => file)
      const faults: string[] = []
      const worker = async (): Promise<void> => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
          const fault = await faultOf(file, standIn)
          if (fault !== null) faults.push(`${file}: ${fault}`)
        }
      }
      await Promise.all(Array.from({ length: parallel }, worker))
      console.log(`      ${playable.length} of ${accepted.length} were run`)
      assert.deepEqual(faults, [])
    } finally {
      await standIn.close()
    }
  })
})

/** What went wrong in a run; null: nothing. */
async function faultOf(file: string, standIn: StandIn): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-corpus-'))
  try {
    const { xml, files } = localScenario(file, standIn.port)
    const scenario = join(folder, 'scenario.xml')
    writeFileSync(scenario, xml)
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
    const logs = join(folder, 'logs')
    const flags = ['-l', logs, '--no-live', '--no-report', '-w', '0', '--drain', '0', '--seed', '1']
    const tsts = new TstsProcess(['run', scenario, ...flags])
    const code = await tsts.ended
    // 4: a busy machine made the launcher late.
    if (code !== 0 && code !== 4) return `exit ${code}\n${tsts.stdout}${tsts.stderr}`
    const [name] = readdirSync(logs)
    const summary = JSON.parse(readFileSync(join(logs, name!, 'summary.json'), 'utf8')) as Summary
    return faultIn(summary)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function faultIn({ requests, load, counters }: Summary): string | null {
  const { issued, acknowledged, noAck, failed, inFlight, unknown } = requests
  if (issued !== acknowledged + noAck + failed + inFlight + unknown) return 'requests do not add up'
  if (load.startedUsers === 0) return 'nobody started'
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('error_'))
  const unexpected = errors.filter(([name]) => !expectedErrors.test(name))
  return unexpected.length > 0 ? JSON.stringify(unexpected) : null
}

/** What the stand-in's answers and the cut after 3 s may cause. */
const expectedErrors =
  /^error_(abort|function|if_undef|foreach_.*undef|repeat_.*undef|(json|xml)_.*)$/
