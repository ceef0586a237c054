/** Hosts of a made-up run: `load1`, `load2` and so on, each worse than the one before. */
import {
  HostRecord,
  type HostReport,
  type HostSecond,
  type HostStanding,
} from '../../controller/host-record.ts'
import type { Second } from '../../controller/model.ts'

/** The first host tells in every second with an even number, the next one in the others, and so on. */
export function hostsOf(number: number, hosts = 2): Pick<Second, 'hosts'> {
  const told = Array.from({ length: hosts }, (_, at) => at + 1).filter(
    (host) => (host + number) % 2 === 1,
  )
  if (told.length === 0) return {}
  return { hosts: Object.fromEntries(told.map((host) => [`load${host}`, hostSecond(host, hosts)])) }
}

function hostSecond(host: number, hosts: number): HostSecond {
  const pressure = host / hosts
  return {
    cpu: 0.6 * pressure,
    steal: 0.04 * pressure,
    memoryAvailableBytes: 8e9 * (1 - 0.8 * pressure),
    receivedBytesPerSecond: 1.2e6 * pressure,
    sentBytesPerSecond: 240_000 * pressure,
    sockets: 400 * host,
    timeWait: 1500 * host,
    descriptors: 1200,
    ports: { address: `10.0.0.${host}`, open: 300 * host, waiting: 1500 * host, available: 28_232 },
  }
}

export function hostStandings(toldMs: number, hosts = 2): readonly HostStanding[] {
  return Array.from({ length: hosts }, (_, at) => {
    const { ports = null, ...health } = hostSecond(at + 1, hosts)
    return { host: `load${at + 1}`, cores: 2, memoryBytes: 8e9, toldMs, ...health, ports }
  })
}

export function hostReports(hosts = 2): readonly HostReport[] {
  return Array.from({ length: hosts }, (_, at) => hostReport(at + 1, hosts))
}

function hostReport(host: number, hosts: number): HostReport {
  const known = { cores: 2, memoryBytes: 8e9, addresses: 1, portsAvailable: 28_232 }
  const record = new HostRecord({ host: `load${host}`, ...known })
  const { ports, ...health } = hostSecond(host, hosts)
  const { address, open, waiting, available } = ports!
  const taken = { address, open, closed: waiting, size: available }
  record.add({ ...health, cpu: health.cpu / 2 })
  record.add(health)
  record.addPorts({ launcher: host, client: 0 }, taken, 1000)
  return record.report()
}
