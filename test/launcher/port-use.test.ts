import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PortUse } from '../../launcher/port-use.ts'

describe('ports of an address that are kept after their connections', () => {
  it('are those closed in the last minute, and at most 5 s more', () => {
    const closes = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 60 })
    fc.assert(
      fc.property(closes, fc.integer({ min: 0, max: 400_000 }), (times, laterMs) => {
        const use = new PortUse()
        const sorted = times.sort((a, b) => a - b)
        for (const atMs of sorted) use.close(atMs)
        const nowMs = Math.max(sorted.at(-1) ?? 0, laterMs)
        const within = (ms: number): number => sorted.filter((atMs) => nowMs - atMs < ms).length
        const told = use.closed(nowMs)
        assert.ok(told >= within(60_000), `${told} of ${within(60_000)}`)
        assert.ok(told <= within(65_000), `${told} of ${within(65_000)}`)
      }),
      { seed: 1 },
    )
  })
})
