import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { jsonLines } from '../../controller/exports/json-lines.ts'
import { events } from '../../controller/outputs/events.ts'
import { series } from '../../controller/outputs/series.ts'
import { summary } from '../../controller/outputs/summary.ts'
import { newFolder, playRun } from '../outputs/synthetic-run.ts'
import { playExported } from './run.ts'

interface Line {
  readonly type: string
  readonly event?: { readonly type: string }
  readonly summary?: object
  readonly [field: string]: unknown
}

function linesOf(text: string): readonly Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

describe('lines of JSON on standard output', function () {
  this.timeout(60_000)

  it('are those of the run’s files', async () => {
    const { folder, remove } = await newFolder()
    const stdout = new PassThrough()
    let told = ''
    stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
    const onTrouble = assert.fail
    const files = [series({ onTrouble }), events({ onTrouble }), summary({ onTrouble })]
    await playRun([jsonLines(stdout, onTrouble), ...files], folder)
    const lines = linesOf(told)
    const fileLines = (name: string): readonly Line[] =>
      linesOf(readFileSync(join(folder, name), 'utf8'))
    const of = (type: string): readonly Line[] => lines.filter((line) => line.type === type)
    assert.deepEqual(
      of('second'),
      fileLines('series.ndjson').filter(({ type }) => type === 'second'),
    )
    assert.deepEqual(
      of('event').map(({ event }) => event),
      fileLines('events.ndjson'),
    )
    const { folder: named, ...head } = lines[0]!
    assert.equal(named, folder)
    assert.deepEqual(head, fileLines('series.ndjson')[0])
    assert.equal(lines.at(-1)!.type, 'summary')
    assert.deepEqual(
      lines.at(-1)!.summary,
      JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')),
    )
    await remove()
  })

  it('leave the live view to standard error', async () => {
    await playExported(
      () => ['--json'],
      async ({ stdout, stderr, summary: want }) => {
        const lines = linesOf(stdout)
        assert.equal(lines[0]!.type, 'head')
        assert.ok(lines.filter(({ type }) => type === 'second').length >= 5)
        assert.ok(lines.some(({ event }) => event?.type === 'phase'))
        assert.deepEqual(lines.at(-1)!.summary, want)
        assert.match(stderr, /100 users in 0:05/)
      },
    )
  })

  it('end no run when their reader goes', async () => {
    await playExported(
      () => ['--json', '-q'],
      async ({ summary: { load } }) => assert.equal(load.finishedUsers, 100),
      async (tsts) => {
        await tsts.said(/"type":"second"/)
        tsts.hangUp()
      },
    )
  })

  it('are bounded when nobody reads them, which is told once', async () => {
    const { folder, remove } = await newFolder()
    const stopped = new Writable({ write: () => undefined })
    const troubles: string[] = []
    const output = jsonLines(stopped, (text) => troubles.push(text))
    const { head, result } = await playRun([], folder, { seconds: 1 })
    output.start(head)
    const text = 'x'.repeat(1_000_000)
    for (let at = 0; at < 100; at++) output.event({ atMs: at, type: 'warning', text })
    output.end(result)
    assert.ok(stopped.writableLength < 64 * 1024 * 1024)
    assert.equal(troubles.length, 1)
    stopped.destroy()
    await output.close()
    await remove()
  })
})
