import assert from 'node:assert/strict'
import { coolDown, type Probe } from '../../controller/capacity/cool-down.ts'

/** Probes that come one after the other; at the end of the list the time is over. */
async function cooled(
  usualMs: number | null,
  list: readonly Probe[],
): Promise<readonly [boolean, number]> {
  let next = 0
  const probe = async (): Promise<Probe> => list[next++]!
  const { recovered, probes } = await coolDown(usualMs, probe, () => next < list.length)
  return [recovered, probes]
}

const probe = (medianMs: number | null, held = true): Probe => ({ medianMs, held })

describe('a cool-down', () => {
  const cases: [name: string, usualMs: number | null, list: Probe[], want: [boolean, number]][] = [
    [
      'ends when the median is as usual',
      10,
      [probe(900), probe(90), probe(21), probe(10)],
      [true, 3],
    ],
    ['lets a fast target be 2 ms slower', 0.1, [probe(2.1)], [true, 1]],
    ['waits while nothing is answered', 10, [probe(null), probe(10)], [true, 2]],
    ['waits while the objective is missed', 10, [probe(10, false), probe(10)], [true, 2]],
    ['ends when the time is over', 10, [probe(900), probe(800)], [false, 2]],
    ['ends at once when there is no time', 10, [], [false, 0]],
    ['where nothing is usual yet: when the objective holds', null, [probe(500)], [true, 1]],
    [
      'where nothing is usual yet: when the median falls no more',
      null,
      [probe(500, false), probe(300, false), probe(290, false), probe(1, false)],
      [true, 3],
    ],
  ]
  for (const [name, usualMs, list, want] of cases) {
    it(name, async () => assert.deepEqual(await cooled(usualMs, list), want))
  }
})
