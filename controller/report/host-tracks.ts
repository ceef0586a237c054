/** How the hosts of a run fared over time. */
import type { HostSecond } from '../host-record.ts'
import type { SeriesSecond } from '../outputs/series.ts'
import { shareOf } from '../port-record.ts'
import type { Chart } from './charts.ts'
import { type TrackChart, Tracks } from './tracks.ts'

interface Quantity {
  readonly label: string
  readonly worst: 'highest' | 'lowest'
  /** Null: not told. */
  readonly of: (host: HostSecond) => number | null
}

interface HostChart extends Omit<TrackChart, 'tracks'> {
  readonly quantities: readonly Quantity[]
}

const worst = 'highest'

const hostCharts: readonly HostChart[] = [
  {
    id: 'host-cpu',
    title: 'CPU of hosts',
    unit: '% of all cores',
    quantities: [
      { label: 'used', worst, of: ({ cpu }) => 100 * cpu },
      { label: 'stolen', worst, of: ({ steal }) => 100 * steal },
    ],
  },
  {
    id: 'host-memory',
    title: 'Memory of hosts',
    unit: 'GB free',
    quantities: [{ label: '', worst: 'lowest', of: (host) => host.memoryAvailableBytes / 1e9 }],
  },
  {
    id: 'host-network',
    title: 'Network of hosts, loopback left out',
    unit: 'kB per second',
    quantities: [
      { label: 'received', worst, of: (host) => host.receivedBytesPerSecond / 1000 },
      { label: 'sent', worst, of: (host) => host.sentBytesPerSecond / 1000 },
    ],
  },
  {
    id: 'host-ports',
    title: 'Ports of the fullest source address',
    unit: '% in use',
    quantities: [
      {
        label: '',
        worst,
        of: ({ ports }) => (ports === undefined ? null : 100 * shareOf(ports)),
      },
    ],
  },
  {
    id: 'host-sockets',
    title: 'TCP sockets of hosts',
    unit: 'open at the same time',
    quantities: [{ label: '', worst, of: ({ sockets }) => sockets }],
  },
  {
    id: 'host-time-wait',
    title: 'TIME_WAIT of hosts',
    unit: 'sockets at the same time',
    quantities: [{ label: '', worst, of: ({ timeWait }) => timeWait }],
  },
  {
    id: 'host-descriptors',
    title: 'Descriptors of hosts, all processes',
    unit: 'at the same time',
    quantities: [{ label: '', worst, of: ({ descriptors }) => descriptors }],
  },
]

export class HostTracks {
  readonly #tracks: Tracks

  /** @param lastMs end of the run */
  constructor(lastMs: number) {
    this.#tracks = new Tracks(lastMs)
  }

  second({ atMs, hosts = {} }: SeriesSecond): void {
    for (const [host, told] of Object.entries(hosts)) {
      for (const { id, quantities } of hostCharts) {
        for (const [at, { worst, of }] of quantities.entries()) {
          const value = of(told)
          const track = { name: nameOf(id, at), worst }
          if (value !== null) this.#tracks.add(atMs, host, track, value)
        }
      }
    }
  }

  charts(): readonly Chart[] {
    return hostCharts.flatMap(({ quantities, ...chart }) =>
      this.#tracks.chart({
        ...chart,
        tracks: quantities.map(({ label, worst }, at) => ({
          name: nameOf(chart.id, at),
          label,
          worst,
        })),
      }),
    )
  }
}

function nameOf(id: string, at: number): string {
  return `${id} ${at}`
}
