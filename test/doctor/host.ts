/** A host as it answers when all is well, and what a plan asks of it. */
import type { Host } from '../../controller/doctor/judge-resources.ts'
import type { Place } from '../../controller/doctor/remedy.ts'
import type { SystemAnswer } from '../../core/wire/probe.ts'

export const place: Place = { host: 'load1', isLocal: false, isRoot: false, ssh: ['ssh', 'load1'] }
export const here: Place = { host: 'localhost', isLocal: true, isRoot: true, ssh: ['ssh', 'load1'] }
export const system: SystemAnswer = {
  type: 'system',
  user: 'ann',
  isRoot: false,
  softDescriptors: 1024,
  hardDescriptors: 4096,
  fileMax: 1e6,
  nrOpen: 1_048_576,
  memoryAvailableBytes: 4e9,
  load1: 0,
  somaxconn: 4096,
  interfaces: [
    { name: 'lo', address: '127.0.0.1', prefix: 8, isLoopback: true },
    { name: 'ens5', address: '10.0.4.7', prefix: 20, isLoopback: false },
  ],
}
export const fine: Host = {
  place,
  system,
  facts: {
    host: 'load1',
    pid: 1,
    node: '20.19.0',
    addresses: ['10.0.4.7'],
    cores: 2,
    memoryBytes: 8e9,
    descriptorLimit: 4096,
    portRange: [32_768, 60_999],
    tcpTwReuse: 2,
  },
  needs: {
    host: 'load1',
    launchers: 2,
    processes: 2,
    peakUsers: 1000,
    sockets: 1000,
    ports: {
      needed: 20_000,
      available: 28_232,
      range: [32_768, 60_999],
      isOption: false,
      isReused: false,
    },
    descriptors: 540,
    memoryBytes: 2e8,
    addresses: [],
  },
}
