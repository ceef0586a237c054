import assert from 'node:assert/strict'
import { type Giver, SpreadTree } from '../../controller/spread/tree.ts'

const file = 'f'.repeat(64)

/** Hosts that a file is brought to; who gives is told as `from>to`, the controller is `-`. */
class Stage {
  readonly told: string[] = []
  readonly fallbacks: string[] = []
  readonly tree: SpreadTree
  readonly closed: string[] = []
  mostAtATime = 0
  readonly #giving = new Map<string, number>()

  /** @param hosts that are expected */
  constructor(hosts: readonly string[] | null = null) {
    this.tree = new SpreadTree((text) => this.fallbacks.push(text), hosts)
  }

  /** @param broken hosts from which nothing can be fetched */
  async bring(host: string, broken: ReadonlySet<string> = new Set()): Promise<void> {
    const from = await this.tree.bring(host, file, {
      fetch: async ({ address }) => {
        const now = (this.#giving.get(address) ?? 0) + 1
        this.#giving.set(address, now)
        this.mostAtATime = Math.max(this.mostAtATime, now)
        await soon()
        this.#giving.set(address, now - 1)
        if (broken.has(address)) throw new Error('no route')
      },
      send: soon,
    })
    this.told.push(`${from ?? '-'}>${host}`)
    this.tree.ready(host, this.giver(host), [file])
  }

  giver(host: string): Giver {
    return {
      host,
      give: async () => ({ address: host, port: 1, token: 'x' }),
      close: () => this.closed.push(host),
    }
  }
}

describe('who brings a file to whom', () => {
  for (const hosts of [1, 2, 8, 100]) {
    it(`the controller sends it once to ${hosts} hosts`, async () => {
      const stage = new Stage()
      await Promise.all(Array.from({ length: hosts }, (_, at) => stage.bring(`h${at}`)))
      assert.equal(stage.told.length, hosts)
      assert.deepEqual(
        stage.told.filter((each) => each.startsWith('-')),
        ['->h0'],
      )
      assert.ok(stage.mostAtATime <= 2)
      assert.deepEqual(stage.fallbacks, [])
    })
  }

  it('not at all when a host has it already', async () => {
    const stage = new Stage()
    stage.tree.ready('warm', stage.giver('warm'), [file])
    await stage.bring('cold')
    assert.deepEqual(stage.told, ['warm>cold'])
  })

  it('another is sent it when the first one fails', async () => {
    const stage = new Stage()
    const first = stage.tree.bring('h0', file, {
      fetch: soon,
      send: () => Promise.reject(new Error('cut')),
    })
    const second = stage.bring('h1')
    await assert.rejects(first, /cut/)
    stage.tree.failed('h0')
    await second
    assert.deepEqual(stage.told, ['->h1'])
  })

  it('the controller sends it where hosts do not reach each other, and says so', async () => {
    const stage = new Stage()
    const broken = new Set(['h0', 'h1', 'h2', 'h3', 'h4', 'h5'])
    await Promise.all([...broken].map((host) => stage.bring(host, broken)))
    assert.deepEqual(
      stage.told.sort(),
      [...broken].map((host) => `->${host}`),
    )
    assert.ok(stage.fallbacks.length >= 2)
    assert.match(stage.fallbacks[0]!, /^h\d did not get a file from h0: no route$/)
  })

  it('givers are closed once every host was told of, and not before', async () => {
    const stage = new Stage(['h0', 'h1', 'h2'])
    await Promise.all([stage.bring('h0'), stage.bring('h1')])
    assert.deepEqual(stage.closed, [])
    stage.tree.failed('h2')
    assert.deepEqual(stage.closed, ['h0', 'h1'])
  })

  it('one that cannot give is not asked', async () => {
    const stage = new Stage()
    stage.tree.ready('mute', null, [file])
    await stage.bring('h0')
    assert.deepEqual(stage.told, ['->h0'])
  })
})

function soon(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
