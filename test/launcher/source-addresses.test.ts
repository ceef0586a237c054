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

  it('walks in another order in each process', () => {
    const orders = [1, 2, 3, 4].map((process) => {
      const sources = only(process, { min: 1001, max: 2000 })
      return Array.from({ length: 20 }, () => sources.next('127.0.0.2').port)
    })
    const together = new Set(orders.flat())
    assert.ok(together.size > 70, `${together.size} of 80 are different`)
  })

  for (const size of [1, 2, 3, 64, 1000, 28_232]) {
    it(`reaches each of ${size} ports once before it begins again`, () => {
      for (const process of [1, 2, 77, 4_194_304]) {
        const sources = only(process, { min: 5000, max: 4999 + size })
        const seen = new Set<number>()
        for (let port = 0; port < size; port++) {
          const source = sources.next('127.0.0.2')
          seen.add(source.port)
          sources.giveBack(source, false)
        }
        assert.equal(seen.size, size)
        assert.equal(Math.min(...[...seen].slice(0, 1000)) >= 5000, true)
        assert.equal(Math.max(...[...seen].slice(0, 1000)) < 5000 + size, true)
      }
    })
  }

  it('leaves out what is held as long as there is something else', () => {
    const sources = only(1, { min: 1, max: 10 })
    const held = Array.from({ length: 9 }, () => sources.next('127.0.0.2'))
    const last = sources.next('127.0.0.2')
    assert.equal(new Set([...held, last].map(({ port }) => port)).size, 10)
    sources.giveBack(held[3]!, false)
    assert.deepEqual(sources.next('127.0.0.2'), held[3])
    assert.match(sources.usedUp('127.0.0.2', 'www:80', 10), /10 were tried, 10 are held here/)
  })

  it('tells the address that was fullest since it told last, at its fullest', () => {
    const addresses = ['127.0.0.2', '127.0.0.3'].map((value) => ({ type: 'ip' as const, value }))
    const ports = { min: 1, max: 10 }
    const sources = new SourceAddresses(addresses, ports, 1, noScan, system)
    assert.equal(sources.takeFullest(), null)
    sources.next('127.0.0.2')
    const [kept, failed] = [sources.next('127.0.0.3'), sources.next('127.0.0.3')]
    sources.giveBack(kept, true)
    sources.giveBack(failed, false)
    const told = { address: '127.0.0.3', size: 10 }
    assert.deepEqual(sources.takeFullest(), { ...told, open: 2, closed: 0 })
    assert.deepEqual(sources.takeFullest(), { ...told, open: 0, closed: 1 })
  })

  it('counts the ports that the system chooses, too', () => {
    const sources = new SourceAddresses([], null, 1, noScan, system)
    const chosen = [sources.next(null), sources.next(null), sources.next(null)]
    assert.deepEqual(chosen[0], { address: '', port: 0 })
    sources.giveBack(chosen[0]!, true)
    assert.deepEqual(sources.takeFullest(), { address: '', open: 3, closed: 0, size: 28_232 })
    assert.deepEqual(sources.takeFullest(), { address: '', open: 2, closed: 1, size: 28_232 })
  })

  it('names the range of the system where no option gives one', () => {
    const sources = new SourceAddresses([], null, 1, noScan, system)
    assert.match(
      sources.usedUp(null, 'www:80', 0),
      /^no free port on this host to reach www:80: of its 28232 \(32768-60999\) .*ip_local_port_range/,
    )
  })
})

function only(process: number, ports: { readonly min: number; readonly max: number }) {
  return new SourceAddresses([{ type: 'ip', value: '127.0.0.2' }], ports, process, noScan, system)
}
