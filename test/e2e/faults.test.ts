/** Targets that misbehave: each counted under its name, no crash, every user finished, the books balanced. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { type Answer, refusingPort, startRecording } from '../support/recording-server.ts'
import { scenarioText } from '../support/run-case.ts'
import { TstsProcess } from '../support/tsts-process.ts'

interface Fault {
  readonly title: string
  /** Null: nobody listens. */
  readonly answer: Answer | null
  readonly options?: string
  /** Errors of each user; it asks twice. */
  readonly errors: { readonly [name: string]: number }
}

const users = 10

const faults: readonly Fault[] = [
  {
    title: 'nobody listens',
    answer: null,
    errors: { error_connect_econnrefused: 4, error_abort_max_conn_retries: 1 },
  },
  { title: 'it closes at once', answer: 'close', errors: { error_closed_in_answer: 2 } },
  { title: 'it resets', answer: 'reset', errors: { error_closed_in_answer: 2 } },
  {
    title: 'it never answers',
    answer: 'never',
    options: '<option name="idle_timeout" value="300"/>',
    errors: { error_timeout: 1 },
  },
  { title: 'it answers garbage', answer: 'garbage', errors: { error_http_bad_status_line: 2 } },
  { title: 'it sends half an answer', answer: 'half', errors: { error_closed_in_answer: 2 } },
  {
    title: 'it sends an endless header',
    answer: 'endless',
    errors: { error_http_header_too_long: 2 },
  },
]

async function play(port: number, options: string | undefined): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-faults-'))
  try {
    const file = join(folder, 'faults.xml')
    const text = { phaseSeconds: 1, usersPerSecond: users, thinkSeconds: 0 }
    writeFileSync(file, scenarioText(port, options === undefined ? text : { ...text, options }))
    const logs = join(folder, 'log')
    const tsts = new TstsProcess(['run', file, '-l', logs, '--seed', '1', '--no-report'])
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, `exit code ${code}: ${tsts.stderr}`)
    const run = join(logs, readdirSync(logs)[0]!)
    assert.match(tsts.stdout, new RegExp(`^folder +${run}$`, 'm'))
    return JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('a target that misbehaves', function () {
  this.timeout(60_000)

  for (const { title, answer, options, errors } of faults) {
    it(`${title}: ${Object.keys(errors).join(', ')}`, async () => {
      const server = answer === null ? null : await startRecording(answer)
      try {
        const { counters, requests, load } = await play(
          server?.port ?? (await refusingPort()),
          options,
        )
        const counted = Object.fromEntries(
          Object.entries(counters).filter(([name]) => name.startsWith('error_')),
        )
        const expected = Object.entries(errors).map(([name, count]) => [name, count * users])
        assert.deepEqual(counted, Object.fromEntries(expected))
        assert.equal(load.startedUsers, users)
        assert.equal(load.finishedUsers, users)
        assert.equal(requests.acknowledged, 0)
        assert.equal(requests.issued, requests.failed)
        assert.ok(requests.failed >= users)
      } finally {
        await server?.close()
      }
    })
  }
})
