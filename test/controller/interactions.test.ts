import assert from 'node:assert/strict'
import { Interactions, type Moment } from '../../controller/fleet/interactions.ts'

const at = (atMs: number, host = 0, errorMs = 0): Moment => ({ host, atMs, errorMs })

function playing(play: (interactions: Interactions) => void): string[] {
  const told: string[] = []
  play(new Interactions((launcher, id, ms) => told.push(`${launcher} ${id} ${ms}`)))
  return told
}

describe('interactions', () => {
  for (const [title, play, want] of [
    [
      'a receive is measured from the last send',
      (it: Interactions) => {
        it.send('a', at(100))
        it.send('a', at(250))
        it.receive(2, 'a', at(300))
      },
      ['2 a 50'],
    ],
    [
      'each receive is, as often as there are any',
      (it: Interactions) => {
        it.send('a', at(100))
        it.receive(1, 'a', at(150))
        it.receive(2, 'a', at(300))
      },
      ['1 a 50', '2 a 200'],
    ],
    [
      'ids are apart',
      (it: Interactions) => {
        it.send('a', at(100))
        it.send('b', at(200))
        it.receive(1, 'a', at(300))
      },
      ['1 a 200'],
    ],
    [
      'a receive that arrives before its send is answered when that arrives',
      (it: Interactions) => {
        it.receive(3, 'a', at(120))
        it.send('a', at(90))
      },
      ['3 a 30'],
    ],
    [
      'a send that came after a receive does not count for it',
      (it: Interactions) => {
        it.send('a', at(100))
        it.send('a', at(500))
        it.receive(1, 'a', at(180))
        it.receive(1, 'b', at(10))
        it.send('b', at(400))
      },
      ['1 a 80'],
    ],
    [
      'clocks that disagree by a little give no negative time',
      (it: Interactions) => {
        it.send('a', at(105))
        it.receive(1, 'a', at(100))
      },
      ['1 a 0'],
    ],
  ] as const) {
    it(title, () => assert.deepEqual(playing(play), want))
  }

  it('receives without a send are forgotten one day', () => {
    const told = playing((it) => {
      for (let ms = 0; ms < 1000; ms++) it.receive(1, 'a', at(ms))
      it.send('a', at(0))
    })
    assert.equal(told.length, 64)
    assert.equal(told.at(-1), '1 a 999')
  })
})
