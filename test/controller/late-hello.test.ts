import assert from 'node:assert/strict'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import type { AgentHandlers, AgentLink, Transport } from '../../controller/transports/transport.ts'
import { type FromAgent, protocolVersion, type ToAgent } from '../../core/wire/messages.ts'
import { Recording } from '../support/fake-fleet.ts'

const facts = {
  host: 'fake',
  pid: 1,
  node: '20',
  cores: 1,
  addresses: [],
  descriptorLimit: 0,
  portRange: [1, 2] as const,
  tcpTwReuse: 0,
  memoryBytes: 1,
}

/** An agent that says hello after a while, and then answers pings. */
function agentAfter(ms: number, told: string[]): Transport {
  return {
    host: `after-${ms}`,
    isLocal: true,
    connect: ({ message, closed }: AgentHandlers): AgentLink => {
      const hello: FromAgent = {
        type: 'hello',
        version: protocolVersion,
        facts,
        folder: '/fake',
        launchers: [],
      }
      const timer = setTimeout(() => message(hello), ms)
      return {
        backlog: 0,
        send: (command: ToAgent) => {
          if (!('type' in command) || command.type !== 'ping') return
          setImmediate(() => message({ type: 'pong', t1: command.t1, t2: 0 }))
        },
        reopen: (reason) => told.push(`${ms}: ${reason}`),
        close: async () => {
          clearTimeout(timer)
          closed('')
        },
      }
    },
  }
}

describe('agents that come one after the other', () => {
  async function connected(
    delays: readonly number[],
    helloMs: number,
    silentMs: number,
  ): Promise<{ readonly there: readonly boolean[]; readonly told: readonly string[] }> {
    const told: string[] = []
    const listener = new Recording()
    const deadlines = { ...fleetDeadlines, helloMs, silentMs, pingMs: 50 }
    const transports = delays.map((ms) => agentAfter(ms, told))
    const fleet = new Fleet(transports, listener, { deadlines })
    try {
      const known = await fleet.connect()
      return { there: known.map((each) => each !== null), told: [...told, ...listener.told] }
    } finally {
      await fleet.close()
    }
  }

  it('the deadline runs from the last hello', async () => {
    const { there } = await connected([10, 700, 1400, 2100], 1500, 10_000)
    assert.deepEqual(there, [true, true, true, true])
  })

  it('nobody is waited for any longer once the others are there', async () => {
    const { there, told } = await connected([10, 60_000], 300, 10_000)
    assert.deepEqual(there, [true, false])
    assert.ok(told.some((line) => /after-60000 did not say hello in time/.test(line)))
  })

  it('the first is not taken for silent while the last is waited for', async () => {
    const { there, told } = await connected([10, 1800], 20_000, 1000)
    assert.deepEqual(there, [true, true])
    assert.deepEqual(told, [])
  })
})
