import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Collected } from '../../controller/collector.ts'
import type { LauncherReport } from '../../controller/model.ts'
import { RunJudge } from '../../controller/run-judge.ts'
import { defaultLimits } from '../../controller/verdict-limits.ts'
import { MutableTotals } from '../../core/stats/totals.ts'
import { parseThreshold } from '../../core/thresholds/parse.ts'
import { headOf, newFolder } from '../outputs/synthetic-run.ts'
import { unstrained } from '../support/strain.ts'

const options = { thresholds: [], limits: defaultLimits, junit: null }
const ended = { cut: false, compared: null, lost: false, interrupted: false }

function collectedOf(due: readonly number[], started: readonly number[]): Collected {
  const totals = new MutableTotals()
  totals.add({ counters: { users_count: sum(started) }, samples: {} })
  const launchers = due.map(
    (users, index): LauncherReport => ({
      launcher: index + 1,
      host: 'localhost',
      pid: 1,
      state: 'done',
      plannedUsers: 225,
      startedUsers: started[index]!,
      finishedUsers: 0,
      unknownUsers: 0,
      maybeStartedUsers: 0,
      lastHeardMs: 1000,
      cpuMs: 10,
      loopDelayMaxMs: 1,
      rssBytesMax: 80e6,
      lateP99Ms: 1,
      strain: { ...unstrained, dueUsers: users },
      clock: null,
    }),
  )
  const last = {
    atMs: 1000,
    totals,
    users: sum(started),
    usersMax: sum(started),
    connected: 0,
    connectedMax: 0,
    inFlight: 0,
    phase: 1,
    due: sum(due),
    started: sum(started),
    finished: 0,
    launchers: due.length,
  }
  const deliveries = { clockErrorMs: null, receivers: [] }
  return { endedAtMs: 1000, totals, last, launchers, hosts: [], errors: new Map(), deliveries }
}

function sum(list: readonly number[]): number {
  return list.reduce((total, each) => total + each, 0)
}

describe('a run and its judge', () => {
  const judgeOf = (...expressions: string[]): RunJudge => {
    const ofScenario = expressions.map((expression) => ({
      kind: 'fail-if' as const,
      threshold: parseThreshold(expression),
    }))
    const judge = new RunJudge(options, ofScenario)
    judge.start(headOf('/'))
    return judge
  }

  it('while it goes on, a user of each launcher may just be due', () => {
    const judge = judgeOf()
    assert.equal(judge.soFar(collectedOf([10, 10], [9, 9]), null).status, 'valid')
    const { reasons } = judge.soFar(collectedOf([10, 10], [9, 8]), null)
    assert.deepEqual(
      reasons.map(({ code, launcher }) => [code, launcher]),
      [
        ['V_NOT_STARTED', undefined],
        ['V_LAUNCHER_SHORT', 2],
      ],
    )
  })

  it('is told of a file that is not whole, and of the memory of a host', () => {
    const judge = judgeOf()
    judge.hosts(headOf('/').scenario.clients, [0], [{ memoryBytes: 100e6 }])
    judge.trouble('cannot write tsung.log: the disk is full (ENOSPC)')
    const { verdict, exitCode } = judge.conclusion(collectedOf([226, 226], [226, 226]), ended)
    assert.deepEqual(
      verdict.reasons.map(({ code }) => code),
      ['V_MEMORY', 'V_FILES'],
    )
    assert.equal(exitCode, 4)
  })

  it('a threshold that failed makes exit code 3, unless something graver holds', () => {
    const judge = judgeOf('users < 1')
    const whole = collectedOf([226, 226], [226, 226])
    assert.equal(judge.conclusion(whole, ended).exitCode, 3)
    assert.equal(judge.conclusion(whole, { ...ended, lost: true }).exitCode, 5)
    assert.equal(judge.conclusion(whole, { ...ended, interrupted: true }).exitCode, 130)
    judge.trouble('cannot write x')
    assert.equal(judge.conclusion(whole, ended).exitCode, 4)
  })

  it('that cannot write JUnit’s file says so, and the run is suspect', async () => {
    const { folder, remove } = await newFolder()
    const troubles: string[] = []
    const outcome = {
      scenario: 'shop.xml',
      durationMs: 1000,
      verdict: { status: 'valid', reasons: [] },
      thresholds: [],
    } as const
    const tell = (): void => undefined
    try {
      const junit = join(folder, 'junit.xml')
      const good = new RunJudge({ ...options, junit }, [])
      await good.announce(outcome, tell, (text) => troubles.push(text))
      assert.match(readFileSync(junit, 'utf8'), /<testcase classname="tsts" name="verdict"\/>/)
      const bad = new RunJudge({ ...options, junit: folder }, [])
      bad.start(headOf('/'))
      await bad.announce(outcome, tell, (text) => troubles.push(text))
      assert.equal(troubles.length, 1)
      const { verdict } = bad.conclusion(collectedOf([226, 226], [226, 226]), ended)
      assert.deepEqual(
        verdict.reasons.map(({ code }) => code),
        ['V_FILES'],
      )
    } finally {
      await remove()
    }
  })
})
