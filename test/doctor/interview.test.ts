import assert from 'node:assert/strict'
import { Interview } from '../../controller/doctor/interview.ts'
import type { Transport } from '../../controller/transports/transport.ts'

/** A host that never says anything. */
const silent: Transport = {
  host: 'load1',
  isLocal: false,
  connect: () => ({
    send: () => undefined,
    close: async () => undefined,
    reopen: () => undefined,
    backlog: 0,
  }),
}

describe('the hello of a host', () => {
  for (const [what, most] of [
    ['is late when nothing moves', 1],
    ['is waited for so long as something is on its way', 4],
  ] as const) {
    it(what, async () => {
      const interview = new Interview(silent)
      let asked = 0
      const moves = (): number => Math.min(++asked, most)
      await assert.rejects(interview.hello(5, moves), /did not say hello in time/)
      await interview.close()
      // Before the first deadline, and at each.
      assert.equal(asked, most + 1)
    })
  }
})
