/** Where the time of a request went, on average: its parts add up to `response`. */
import type { MetricSummary, Summary } from '../outputs/summary.ts'

export const partNames = [
  'late',
  'waiting',
  'tcp',
  'tls',
  'first byte',
  'transfer',
  'request',
] as const
export type PartName = (typeof partNames)[number]

export interface TimeParts {
  /** `All requests`, or of a transaction or tag. */
  readonly title: string
  readonly count: number
  /** In the order of `partNames`, ms for each request; those that are not known apart are missing. */
  readonly parts: readonly { readonly name: PartName; readonly ms: number }[]
}

export const partMeanings: { readonly [name in PartName]: string } = {
  late: 'the generator issued the request late: tsts, not the target, was slow',
  waiting: 'the user was not free when the request was due: an earlier answer took too long',
  tcp: 'opening a connection, for each request its share',
  tls: 'the TLS handshake, for each request its share',
  'first byte': 'from writing the request to the first byte of its answer',
  transfer: 'the rest of the request: to the last byte of the answer',
  request:
    'from issuing the request to its answer; its parts are known of all requests together only',
}

/** All requests first, then transactions and tags; none when nothing was measured. */
export function timeParts({ metrics }: Summary): readonly TimeParts[] {
  const { request, response } = metrics
  if (request === undefined) return []
  const names = Object.keys(metrics).filter((name) => /^request\.(tr|tag)_/.test(name))
  return [
    { title: 'All requests', count: request.count, parts: wholeParts(metrics, request, response) },
    ...names.sort().map((name) => {
      const own = metrics[name]!
      const { [name.replace('request.', 'response.')]: felt } = metrics
      return { title: titleOf(name), count: own.count, parts: ownParts(own, felt) }
    }),
  ]
}

function wholeParts(
  metrics: Summary['metrics'],
  request: MetricSummary,
  response: MetricSummary | undefined,
): TimeParts['parts'] {
  /** Its sum, shared out over all requests. */
  const each = (metric: MetricSummary | undefined): number =>
    metric === undefined ? 0 : (metric.mean * metric.count) / request.count
  const lateMs = each(metrics['late'])
  const tlsMs = each(metrics['tls'])
  const tcpMs = Math.max(0, each(metrics['connect']) - tlsMs)
  const firstMs = each(metrics['ttfb'])
  const waitingMs = (response?.mean ?? request.mean) - request.mean - lateMs
  return positive([
    { name: 'late', ms: lateMs },
    { name: 'waiting', ms: waitingMs },
    { name: 'tcp', ms: tcpMs },
    { name: 'tls', ms: tlsMs },
    { name: 'first byte', ms: firstMs },
    { name: 'transfer', ms: request.mean - tcpMs - tlsMs - firstMs },
  ])
}

function ownParts(request: MetricSummary, response: MetricSummary | undefined): TimeParts['parts'] {
  const waitingMs = (response?.mean ?? request.mean) - request.mean
  return positive([
    { name: 'waiting', ms: waitingMs },
    { name: 'request', ms: request.mean },
  ])
}

/** Means of different requests may differ by a little: less than nothing is nothing. */
function positive(parts: TimeParts['parts']): TimeParts['parts'] {
  return parts.map(({ name, ms }) => ({ name, ms: Math.max(0, ms) })).filter(({ ms }) => ms > 0)
}

function titleOf(name: string): string {
  const [, kind, own] = /^request\.(tr|tag)_(.*)$/s.exec(name)!
  return kind === 'tr' ? `Transaction ${own}` : `Tag ${own}`
}
