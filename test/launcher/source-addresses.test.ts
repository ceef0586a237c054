import assert from 'node:assert/strict'
import { stream } from '../../core/random.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'

const system = () => ({ min: 32768, max: 60999 })
const noScan = () => []
const random = stream('seed', 'user', 1)

describe('source addresses', () => {
  it('leaves address and port to the system when the scenario names none', () => {
    const sources = new SourceAddresses([], null, 1, noScan, system)
    assert.equal(sources.addressOf(1, random), null)
  })

  it('deals fixed addresses out in turn by user id, the last declared first', () => {
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((value) => ({
      type: 'ip' as const,
      value,
    }))
    const sources = new SourceAddresses(addresses, null, 1, noScan, system)
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => sources.addressOf(id, random)),
      ['127.0.0.4', '127.0.0.3', '127.0.0.2', '127.0.0.4'],
    )
  })

  it('takes every address of a scanned interface', () => {
    const scan = (name: string) => (name === 'eth7' ? ['10.0.0.1', '10.0.0.2'] : [])
    const scanned = [{ type: 'scan' as const, interface: 'eth7' }]
    const sources = new SourceAddresses(scanned, null, 1, scan, system)
    assert.deepEqual(
      new Set([1, 2].map((id) => sources.addressOf(id, random))),
      new Set(['10.0.0.1', '10.0.0.2']),
    )
  })

  it('names an interface that has no address', () => {
    const scanned = [{ type: 'scan' as const, interface: 'eth7' }]
    assert.throws(() => new SourceAddresses(scanned, null, 1, noScan, system), /eth7/)
  })

  it('draws each part of a range within its bounds, both ends included', () => {
    const range = {
      type: 'range' as const,
      parts: [
        [127, 127],
        [0, 0],
        [1, 2],
        [0, 3],
      ] as const,
    }
    const sources = new SourceAddresses([range], null, 1, noScan, system)
    const seen = new Set<string>()
    for (let user = 1; user <= 400; user++) {
      seen.add(sources.addressOf(user, stream('seed', 'user', user))!)
    }
    assert.equal(seen.size, 8)
    for (const address of seen) assert.match(address, /^127\.0\.[12]\.[0-3]$/)
  })

  it('walks through ports_range per address and begins again after its end', () => {
    const sources = new SourceAddresses([], { min: 2000, max: 2002 }, 3, noScan, system)
    const address = sources.addressOf(1, random)!
    assert.equal(address, '0.0.0.0')
    const ports = [1, 2, 3, 4].map(() => sources.next(address).port)
    assert.deepEqual(new Set(ports), new Set([2000, 2001, 2002]))
    assert.equal(ports[0], ports[3])
  })

  it('begins at another port in each launcher', () => {
    const first = [1, 2, 3, 4].map(
      (launcher) =>
        new SourceAddresses(
          [{ type: 'ip', value: '127.0.0.2' }],
          null,
          launcher,
          noScan,
          system,
        ).next('127.0.0.2').port,
    )
    assert.equal(new Set(first).size, 4)
  })
})
