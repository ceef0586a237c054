import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { findProgram, requirePeer } from '../../support/peers.ts'
import { differences } from './differences.ts'
import { expectedOf } from './expected.ts'
import { newer } from './newer.ts'
import { type Observed, observe, type Played, tstsPlayer, tsungPlayer } from './play.ts'

/** A scenario of this folder, played by Tsung and by tsts. */
interface Case {
  readonly name: string
  readonly args?: readonly string[]
  /** Totals that vary with the random values of a run. */
  readonly unsteady?: readonly string[]
  /** Shortest and longest time between a session's request and its next, in ms. */
  readonly gaps?: { readonly [session: string]: readonly (readonly [number, number])[] }
}

/** A busy machine may be as late as this. */
const lateMs = 900

/**
 * `UPDATE_GOLDEN=1` records the golden files with Debian's Tsung 1.7.
 *
 * Nothing tells Tsung 1.8 apart here but what `differences` names.
 */
const cases: readonly Case[] = [
  { name: 'substitution' },
  { name: 'dynvars' },
  { name: 'random', unsteady: ['size_sent'] },
  { name: 'urls' },
  { name: 'extraction' },
  { name: 'matches' },
  { name: 'flow' },
  { name: 'types' },
  { name: 'connections' },
  {
    name: 'limits',
    gaps: {
      slow: [[500, 500]],
      thinktimes: [
        [300, 300],
        [300, 300],
        [300, 300],
      ],
    },
  },
  {
    name: 'timing',
    gaps: {
      limited: [
        [0, 0],
        [1800, 3500],
      ],
      unlimited: [
        [0, 0],
        [0, 0],
      ],
      constant: [
        [500, 500],
        [1000, 1000],
      ],
      range: [
        [1000, 2000],
        [1000, 2000],
      ],
      'from-variable': [
        [1000, 1000],
        [700, 700],
      ],
      'sleeping-loop': [
        [1000, 1000],
        [1000, 1000],
      ],
    },
  },
  { name: 'dump-protocol', args: ['-x', 'img'] },
  { name: 'dump-local' },
  { name: 'dump-light' },
  { name: 'dump-true' },
  { name: 'abort-all' },
  { name: 'abort-test' },
]

const isRecording = process.env['UPDATE_GOLDEN'] === '1'
const isChecking = process.env['TSTS_REQUIRE_PEERS'] === '1'

describe('The scenario language beside Tsung', function () {
  this.timeout(180_000)

  for (const scenario of cases) {
    const { name, args = [] } = scenario
    const path = new URL(`../../golden/oracle/language/${name}.json`, import.meta.url)

    if (isRecording || isChecking) {
      it(`${name}: the golden file is what Tsung does`, async function () {
        // Tsung counts what ends together with the test, or does not.
        this.retries(2)
        const tsung = requirePeer(this, 'tsung', 'tsung')
        const played = await observe(name, tsungPlayer(tsung), args)
        assertGaps(played, scenario)
        const observed = steady(played, scenario)
        if (isRecording) record(path, observed)
        assertSame(observed, golden(path))
      })
    }

    it(`${name}: tsts does what Tsung does`, async () => {
      const played = await observe(name, tstsPlayer, args)
      const expected = expectedOf(golden(path), differences[name] ?? [])
      assertSame(steady(played, scenario), steady(expected, scenario))
      assertGaps(played, scenario)
    })
  }

  it('newer: what Tsung 1.8 has and 1.7 has not', async () => {
    const { conversations, totals } = await observe('newer', tstsPlayer)
    const lines = Object.entries(conversations).map(([session, list]) => [
      session,
      list.flatMap(({ requests }) => requests.map((bytes) => bytes.split(' HTTP/1.1\r\n', 1)[0])),
    ])
    assert.deepEqual(Object.fromEntries(lines), newer)
    assert.equal(totals['request'], Object.values(newer).flat().length)
  })
})

function record(path: URL, observed: Observed): void {
  mkdirSync(new URL('.', path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(observed, null, 2)}\n`)
}

function golden(path: URL): Observed {
  const found = findProgram('tsung') === null ? '' : ' with UPDATE_GOLDEN=1'
  assert.ok(existsSync(path), `${path.pathname} was not recorded: do it${found}`)
  return JSON.parse(readFileSync(path, 'utf8')) as Observed
}

/** Without what cannot be compared. */
function steady(observed: Observed, { unsteady = [] }: Case): Observed {
  const { conversations, matches, dump, kept } = observed
  const totals = Object.entries(observed.totals).filter(([name]) => !unsteady.includes(name))
  return { conversations, totals: Object.fromEntries(totals), matches, dump, kept }
}

/** Everything that differs is told at once, session by session. */
function assertSame(actual: Observed, expected: Observed): void {
  const sessions = new Set([
    ...Object.keys(expected.conversations),
    ...Object.keys(actual.conversations),
  ])
  const faults: string[] = []
  const compareOne = (what: string, one: unknown, other: unknown): void => {
    try {
      assert.deepEqual(one, other)
    } catch (error) {
      faults.push(`${what}: ${(error as Error).message}`)
    }
  }
  for (const session of sessions) {
    compareOne(session, actual.conversations[session], expected.conversations[session])
  }
  compareOne('totals', actual.totals, expected.totals)
  compareOne('match.log', actual.matches, expected.matches)
  compareOne('tsung.dump', actual.dump, expected.dump)
  compareOne('answers kept', actual.kept, expected.kept)
  assert.equal(faults.length, 0, faults.join('\n'))
}

function assertGaps(played: Played, { name, gaps = {} }: Case): void {
  for (const [session, wanted] of Object.entries(gaps)) {
    const moments = played.moments[session] ?? []
    for (const [index, [shortest, longest]] of wanted.entries()) {
      const gap = moments[index + 1]! - moments[index]!
      const isInside = gap >= shortest - 20 && gap <= longest + lateMs
      assert.ok(
        isInside,
        `${name}, ${session}: ${gap} ms between request ${index + 1} and the next`,
      )
    }
  }
}
