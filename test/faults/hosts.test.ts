/** One scenario over hosts of a network: however many they are, the same users, requests and numbers. */
import assert from 'node:assert/strict'
import { Bed } from './bed.ts'

describe('a run over hosts', function () {
  this.timeout(120_000)
  it('probe', async function () {
    const bed = await Bed.open(this, { hosts: 2, delay: 'exponential:10' })
    try {
      const tsts = bed.start({ fullStats: true })
      const { code, seen, summary } = await bed.ended(tsts)
      console.log(code, seen, summary.counters, summary.metrics, summary.requests)
      await bed.assertClean()
    } finally {
      await bed.close()
    }
  })
})
