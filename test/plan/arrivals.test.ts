import assert from 'node:assert/strict'
import fc from 'fast-check'
import { arrivalOffsets, phaseStream } from '../../core/plan/arrivals.ts'
import type { ArrivalProcess, LauncherPhase } from '../../core/plan/model.ts'
import { exponentialCdf, ksProbability, uniformCdf } from '../support/statistics.ts'

const processes: readonly ArrivalProcess[] = ['conditioned', 'exponential', 'uniform']

function phaseOf(rest: Partial<LauncherPhase> = {}): LauncherPhase {
  return {
    number: 1,
    durationMs: 10_000,
    users: 100,
    intensityPerMs: 0.01,
    spanMs: 10_000,
    waitAllSessionsEnd: false,
    shares: [1],
    requestsPerMs: null,
    maxRestarts: null,
    ...rest,
  }
}

function offsetsOf(phase: LauncherPhase, process: ArrivalProcess, seed: string): number[] {
  return [...arrivalOffsets(phase, process, phaseStream(seed, 1, phase.number))]
}

/** Time between one arrival and the next; the first counts from the start. */
function waits(offsets: readonly number[]): number[] {
  return offsets.map((offset, at) => offset - (offsets[at - 1] ?? 0))
}

/** Many small tests instead of a large one: their results must be uniform. */
function assertFits(seeds: number, of: (seed: string) => number): void {
  const results = Array.from({ length: seeds }, (_, at) => of(`seed-${at}`))
  const probability = ksProbability(results, uniformCdf(1))
  assert.ok(probability > 0.001, `${probability}`)
}

describe('arrivals', () => {
  const anyPhase = fc
    .record({
      users: fc.nat({ max: 300 }),
      spanMs: fc.double({ min: 0.001, max: 1e9, noNaN: true }),
      intensityPerMs: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    })
    .map(({ users, spanMs, intensityPerMs }) =>
      phaseOf({ users, spanMs, durationMs: spanMs, intensityPerMs }),
    )

  for (const process of processes) {
    it(`${process}: offsets never decrease and never leave the span`, () => {
      fc.assert(
        fc.property(anyPhase, fc.string(), (phase, seed) => {
          let before = 0
          for (const offset of offsetsOf(phase, process, seed)) {
            assert.ok(offset >= before && offset <= phase.spanMs, `${before} ${offset}`)
            before = offset
          }
        }),
        { seed: 1, numRuns: 300 },
      )
    })

    it(`${process}: the same seed gives the same offsets, one by one or skipped`, () => {
      const all = offsetsOf(phaseOf(), process, 'a')
      assert.deepEqual(offsetsOf(phaseOf(), process, 'a'), all)
      const successor = arrivalOffsets(phaseOf(), process, phaseStream('a', 1, 1))
      for (let skipped = 0; skipped < 40; skipped++) successor.next()
      assert.deepEqual([...successor], all.slice(40))
    })
  }

  for (const process of ['conditioned', 'uniform'] as const) {
    it(`${process}: exactly the planned users arrive`, () => {
      fc.assert(
        fc.property(anyPhase, fc.string(), (phase, seed) => {
          assert.equal(offsetsOf(phase, process, seed).length, phase.users)
        }),
        { seed: 1 },
      )
    })
  }

  for (const [seed, launcher, phase] of [
    ['b', 1, 1],
    ['a', 2, 1],
    ['a', 1, 2],
  ] as const) {
    it(`seed ${seed}, launcher ${launcher}, phase ${phase} have a stream of their own`, () => {
      assert.notEqual(phaseStream(seed, launcher, phase)(), phaseStream('a', 1, 1)())
    })
  }

  it('nothing is drawn ahead', () => {
    let drawn = 0
    const offsets = arrivalOffsets(phaseOf({ users: 1e9 }), 'conditioned', () => {
      drawn++
      return 0.5
    })
    for (let at = 0; at < 10; at++) offsets.next()
    assert.equal(drawn, 10)
  })
})

describe('conditioned arrivals', () => {
  it('are uniform over the span', () => {
    const phase = phaseOf({ users: 1000 })
    assertFits(200, (seed) =>
      ksProbability(offsetsOf(phase, 'conditioned', seed), uniformCdf(10_000)),
    )
  })

  it('are uniform over the span when they are few: the first of 5 is the least of 5', () => {
    const firsts = Array.from({ length: 2000 }, (_, seed) => {
      const [first] = offsetsOf(phaseOf({ users: 5 }), 'conditioned', `${seed}`)
      return first! / 10_000
    })
    assert.ok(ksProbability(firsts, (value) => 1 - (1 - value) ** 5) > 0.001)
  })

  it('of several launchers together are uniform too', () => {
    const seeds = (seed: string): number[] =>
      [1, 2, 3].flatMap((launcher) => [
        ...arrivalOffsets(phaseOf({ users: 300 }), 'conditioned', phaseStream(seed, launcher, 1)),
      ])
    assertFits(200, (seed) => ksProbability(seeds(seed), uniformCdf(10_000)))
  })
})

describe('exponential arrivals', () => {
  const endless = phaseOf({ users: 1000, durationMs: 1e9, spanMs: 1e9, intensityPerMs: 0.02 })

  it('wait exponentially with their intensity', () => {
    assertFits(200, (seed) =>
      ksProbability(waits(offsetsOf(endless, 'exponential', seed)), exponentialCdf(0.02)),
    )
  })

  it('end with the phase, so that their number is random with mean and variance of Poisson', () => {
    const phase = phaseOf({ users: Number.POSITIVE_INFINITY, intensityPerMs: 0.01 })
    const counts = Array.from(
      { length: 2000 },
      (_, seed) => offsetsOf(phase, 'exponential', `${seed}`).length,
    )
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
    // Standard errors: √(100/2000) = 0.22, and 100·√(2/2000) = 3.2.
    assert.ok(Math.abs(mean - 100) < 1, `${mean}`)
    assert.ok(Math.abs(variance - 100) < 14, `${variance}`)
  })

  it('are no more than the users that are allowed', () => {
    assert.equal(offsetsOf({ ...endless, users: 7 }, 'exponential', 'a').length, 7)
  })
})

describe('uniform arrivals', () => {
  it('are evenly spaced, half a space from both ends', () => {
    const phase = phaseOf({ users: 4, spanMs: 8000 })
    assert.deepEqual(offsetsOf(phase, 'uniform', 'a'), [1000, 3000, 5000, 7000])
  })
})
