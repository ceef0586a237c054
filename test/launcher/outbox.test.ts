import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LauncherMessage } from '../../core/wire/messages.ts'
import { type NumberedMessage, Outbox } from '../../launcher/outbox.ts'

const log = (text: string): LauncherMessage => ({ type: 'lines', stream: 'log', lines: [text] })

describe('what a launcher says', () => {
  it('arrives once and in order, whatever the link loses', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('post' as const) }),
        fc.record({ type: fc.constant('cut' as const) }),
        fc.record({ type: fc.constant('rejoin' as const) }),
        fc.record({ type: fc.constant('acknowledge' as const) }),
      ),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, (script) => {
        let linked = true
        let last = 0
        const arrived: string[] = []
        const outbox = new Outbox((message) => {
          const { n } = message as NumberedMessage
          if (!linked || n <= last) return
          assert.equal(n, last + 1)
          last = n
          arrived.push((message as { readonly lines: readonly string[] }).lines[0]!)
        })
        const posted: string[] = []
        const rejoin = (): void => {
          linked = true
          outbox.resend(last)
        }
        for (const { type } of script) {
          if (type === 'post') {
            posted.push(`line ${posted.length}`)
            outbox.post(log(posted.at(-1)!))
          } else if (type === 'cut') linked = false
          else if (type === 'rejoin') rejoin()
          else if (linked) outbox.received(last)
        }
        rejoin()
        assert.deepEqual(arrived, posted)
      }),
      { seed: 1 },
    )
  })

  it('is bounded: intervals are told to wait, lines are dropped and counted', () => {
    const outbox = new Outbox(() => undefined, { messages: 2, overflow: 3 })
    outbox.post(log('a'))
    assert.ok(!outbox.isFull)
    outbox.post(log('b'))
    assert.ok(outbox.isFull)
    outbox.post(log('c'))
    outbox.post(log('d'))
    outbox.post({ type: 'done' })
    assert.equal(outbox.takeDropped(), 1)
    assert.equal(outbox.takeDropped(), 0)
    outbox.received(4)
    assert.ok(!outbox.isFull)
  })

  it('tells when all has arrived', async () => {
    const outbox = new Outbox(() => undefined)
    assert.equal(await outbox.emptied(1), true)
    outbox.post({ type: 'done' })
    assert.equal(await outbox.emptied(5), false)
    const emptied = outbox.emptied(10_000)
    outbox.received(1)
    assert.equal(await emptied, true)
  })
})
