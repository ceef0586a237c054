import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadScenario } from '../../controller/load-scenario.ts'
import type { EventLine } from '../../controller/outputs/events.ts'
import { events } from '../../controller/outputs/events.ts'
import type { SeriesHead, SeriesSecond } from '../../controller/outputs/series.ts'
import { series } from '../../controller/outputs/series.ts'
import { asPhases, stretchesOf } from '../../controller/report/as-phases.ts'
import type { Phase } from '../../core/scenario/model.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'

const onTrouble = assert.fail
const sessions = [
  '<session name="buy" probability="70" type="ts_http"/>',
  '<session name="look" probability="30" type="ts_http"/>',
]

const scenario = (phases: string): string => `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="127.0.0.1" port="80" type="tcp"/></servers>
  <load>
${phases}</load>
  <sessions>
${sessions.map((each) => each.replace('/>', '><thinktime value="1"/></session>')).join('\n')}
  </sessions>
</tsung>
`

/** The phases of a run's folder, as our own reader takes them; nothing may be wrong with them. */
async function readAgain(folder: string): Promise<readonly Phase[]> {
  const path = join(folder, 'again.xml')
  await writeFile(path, scenario(await asPhases(folder)))
  const { scenario: read, diagnostics } = await loadScenario(path)
  assert.deepEqual(diagnostics, [])
  return read!.load.phases
}

describe('a run as phases', () => {
  async function withRun(
    options: RunOptions,
    use: (folder: string) => Promise<void>,
  ): Promise<void> {
    const { folder, remove } = await newFolder()
    try {
      await playRun([series({ onTrouble }), events({ onTrouble })], folder, options)
      await use(folder)
    } finally {
      await remove()
    }
  }

  it('has a phase for each stretch between two events, with the users that were started in it', async () => {
    await withRun({ seconds: 20, steered: true }, async (folder) => {
      const phases = await readAgain(folder)
      const told = phases.map(({ durationMs, maxNumber }) => [durationMs, maxNumber])
      // The second phase is seen at 11 s; steered at 5.2 s. Of 302 users two are static, due at 5 s and told a second early.
      assert.deepEqual(told, [
        [1000, 10],
        [4000, 42],
        [6000, 68],
        [9000, 180],
      ])
      for (const { durationMs, intensityPerMs, maxNumber } of phases) {
        assert.equal(Math.round(durationMs * intensityPerMs), maxNumber)
      }
    })
  })

  it('keeps the shares of the sessions that a phase had', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      const phase = (number: number, setup: string): string =>
        `<arrivalphase phase="${number}" duration="10" unit="second"><users arrivalrate="10" unit="second"/>${setup}</arrivalphase>\n`
      const setup =
        '<session_setup name="buy" probability="20"/><session_setup name="look" probability="80"/>'
      await writeFile(join(folder, 'shop.xml'), scenario(phase(1, '') + phase(2, setup)))
      const shares = (await readAgain(folder)).map((each) => each.shares)
      assert.deepEqual(shares.at(0), [70, 30])
      assert.deepEqual(shares.at(-1), [20, 80])
    })
  })

  it('says that there is nothing to tell of a folder without a run', async () => {
    const { folder, remove } = await newFolder()
    await assert.rejects(asPhases(folder), /series\.ndjson is missing/)
    await remove()
  })

  it('is told by tsts report --as-phases', async () => {
    await withRun({ seconds: 8 }, async (folder) => {
      const { main } = await import('../../controller/cli.ts')
      const { PassThrough } = await import('node:stream')
      const stdout = new PassThrough()
      const io = { stdin: [] as never, stdout, stderr: process.stderr, signals: process }
      assert.equal(await main(['report', '--as-phases', folder], io), 0)
      const text = String(stdout.read())
      assert.match(text, /^<arrivalphase phase="1" duration="1" unit="second">$/m)
      assert.match(text, /^ {2}<users maxnumber="10" arrivalrate="10" unit="second"\/>$/m)
      await assert.rejects(readFile(join(folder, 'report.html')), /ENOENT/)
    })
  })

  it('has every user in one phase, whatever was steered when', () => {
    const counts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 60 })
    const steered = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 12 })
    fc.assert(
      fc.property(counts, steered, (users, times) => {
        let started = 0
        const seconds = users.map((count, at) => {
          started += count
          return { type: 'second', atMs: 1000 * (at + 1), started, phase: 1 } as SeriesSecond
        })
        const told = times.map((atMs) => ({ type: 'steered', atMs }) as EventLine)
        const head = { phases: [{ phase: 3 }], planned: [] } as unknown as SeriesHead
        const stretches = stretchesOf(head, seconds, told)
        const sum = stretches.reduce((all, stretch) => all + stretch.users, 0)
        assert.equal(sum, started)
        for (const [at, { fromS, toS }] of stretches.entries()) {
          assert.ok(toS > fromS)
          assert.equal(fromS, at === 0 ? 0 : stretches[at - 1]!.toS)
        }
      }),
      { seed: 1 },
    )
  })
})
