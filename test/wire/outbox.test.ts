import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Inbox, Outbox } from '../../core/wire/outbox.ts'

interface Text {
  readonly text: string
}

describe('outbox and inbox', () => {
  it('bring every message once and in order, whatever the link loses', () => {
    const step = fc.constantFrom('post', 'cut', 'mend', 'rejoin', 'acknowledge')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (script) => {
        let linked = true
        const arrived: string[] = []
        const inbox = new Inbox()
        const outbox = new Outbox<Text>((message) => {
          if (linked && inbox.takes(message)) arrived.push(message.text)
        })
        const posted: string[] = []
        const rejoin = (): void => {
          linked = true
          outbox.resend(inbox.last)
        }
        for (const each of script) {
          if (each === 'post') {
            posted.push(`message ${posted.length}`)
            outbox.post({ text: posted.at(-1)! })
          } else if (each === 'cut') linked = false
          else if (each === 'mend') linked = true
          else if (each === 'rejoin') rejoin()
          else outbox.received(inbox.last)
        }
        rejoin()
        outbox.received(inbox.last)
        assert.deepEqual(arrived, posted)
        assert.equal(outbox.kept, 0)
      }),
      { seed: 1 },
    )
  })

  it('let messages pass that have no number', () => {
    const inbox = new Inbox()
    assert.ok(inbox.takes({ type: 'ping' }))
    assert.equal(inbox.last, 0)
  })
})
