/** Users that play, and streams that are under way: what has gone is collected while it is young. */
import assert from 'node:assert/strict'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { OpenStreams } from '../../launcher/http2-open-streams.ts'
import { Http2Stream, type StreamHost, type StreamOwner } from '../../launcher/http2-stream.ts'
import { PlayingUsers } from '../../launcher/playing-users.ts'
import type { User } from '../../launcher/user.ts'

interface Collection {
  add(number: number): void
  remove(number: number): void
  numbers(): number[]
}

/** No literal: V8 makes those old at once where others of them have lived long. */
class Standing {
  readonly id: number
  place = 0
  a = 1.5
  b = 2.5
  c = 3.5
  d = 4.5
  constructor(id: number) {
    this.id = id
  }
}

function users(): Collection {
  const all = new PlayingUsers()
  return {
    add: (id) => all.add(new Standing(id) as unknown as User),
    remove: (id) => all.delete(all.all().find((user) => user.id === id)!),
    numbers: () => all.all().map(({ id }) => id),
  }
}

function streams(): Collection {
  const all = new OpenStreams()
  const [host, owner] = [{} as StreamHost, {} as StreamOwner]
  return {
    add: (id) => all.add(new Http2Stream(host, id, owner, false, 0)),
    remove: (id) => all.delete(all.get(id)!),
    numbers: () => [...all].map(({ id }) => id),
  }
}

describe('what comes and goes', () => {
  for (const [name, make] of [
    ['users', users],
    ['streams', streams],
  ] as const) {
    it(`${name}: those that are there are those that came and have not gone`, () => {
      fc.assert(
        fc.property(fc.array(fc.option(fc.nat(20))), (steps) => {
          const collection = make()
          const want: number[] = []
          for (const [number, leaves] of steps.entries()) {
            if (leaves === null || want.length === 0) {
              collection.add(number)
              want.push(number)
            } else collection.remove(want.splice(leaves % want.length, 1)[0]!)
            assert.deepEqual(new Set(collection.numbers()), new Set(want))
            assert.equal(collection.numbers().length, want.length)
          }
        }),
      )
    })

    it(`${name}: those that have gone do not fill the old part of the heap`, () => {
      const collection = make()
      const rounds = 400_000
      const together = 10
      const play = (from: number, to: number): void => {
        for (let number = from; number < to; number++) {
          collection.add(number)
          if (number >= from + together) collection.remove(number - together)
        }
      }
      play(0, 1000)
      const grown: number[] = []
      for (let round = 1; round <= 3; round++) {
        collectAll()
        const before = oldBytes()
        play(round * 1e6, round * 1e6 + rounds)
        grown.push((oldBytes() - before) / rounds)
      }
      // Others leave something old now and then.
      assert.ok(Math.min(...grown) < 5, `${grown} bytes each`)
    })
  }

  it('streams: the number of one that has gone, or never came, is nobody’s', () => {
    const all = new OpenStreams()
    const [host, owner] = [{} as StreamHost, {} as StreamOwner]
    const [first, second] = [1, 5].map((id) => new Http2Stream(host, id, owner, false, 0))
    all.add(first!)
    all.add(second!)
    all.delete(first!)
    all.delete(first!)
    assert.deepEqual(
      [1, 3, 5, 7].map((id) => all.get(id)),
      [null, null, second, null],
    )
    assert.equal(first!.isOpen, false)
  })
})

function collectAll(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics()
  return spaces.find(({ space_name }) => space_name === 'old_space')!.space_used_size
}
