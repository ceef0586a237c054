/** Where else a run is told: its flags, and what is asked for with them. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Options } from 'yargs'
import { type Args, flagOf, numberOf, textOf } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import { type ListenAddress, listenAddress } from './address.ts'
import { defaultPushMs } from './otlp.ts'
import { defaultLingerMs, defaultPrometheus } from './prometheus.ts'

/** Plain data. Paths are absolute; null: not wanted. */
export interface ExportOptions {
  readonly prometheus: ListenAddress | null
  /** Null: until the last values were read, bounded. */
  readonly prometheusLingerMs: number | null
  readonly otlp: { readonly url: string; readonly everyMs: number } | null
  readonly influx: string | null
  readonly csv: string | null
  readonly csvSummary: string | null
  /** Lines of JSON on standard output. */
  readonly json: boolean
}

export const noExports: ExportOptions = {
  prometheus: null,
  prometheusLingerMs: null,
  otlp: null,
  influx: null,
  csv: null,
  csvSummary: null,
  json: false,
}

const path = { type: 'string', requiresArg: true } as const

export const exportFlags: { readonly [name: string]: Options } = {
  prometheus: {
    type: 'string',
    describe: `--prometheus=HOST:PORT: a page for Prometheus (default: ${defaultPrometheus.host}:${defaultPrometheus.port})`,
  },
  'prometheus-linger': {
    type: 'string',
    requiresArg: true,
    describe: `seconds that it stays after the end (default: until it was read, at most ${defaultLingerMs / 1000})`,
  },
  otlp: {
    type: 'string',
    requiresArg: true,
    describe: 'push metrics to a collector of OpenTelemetry at this URL',
  },
  influx: { ...path, describe: 'write lines of InfluxDB to this file' },
  csv: { ...path, describe: 'write a table with a row for each second to this file' },
  'csv-summary': { ...path, describe: 'write a table with a row for each metric to this file' },
  json: { type: 'boolean', describe: 'tell the run as lines of JSON on standard output' },
}

/** @throws {UsageError} */
export function exportOptionsOf(args: Args): ExportOptions {
  const address = textOf(args, 'prometheus')
  const linger = textOf(args, 'prometheus-linger')
  if (address === null && linger !== null) {
    throw new UsageError('--prometheus-linger says how long --prometheus stays: give that, too')
  }
  const json = args['json'] === true
  if (json && args['stats-file'] === '-') {
    throw new UsageError('--json and -m - both write to standard output: one of them')
  }
  if (json && args['detach'] === true) {
    throw new UsageError('--json tells who waits for the run, --detach waits for none: one of them')
  }
  const url = textOf(args, 'otlp')
  return {
    prometheus: address === null ? null : listenAddress(address, '--prometheus', defaultPrometheus),
    prometheusLingerMs: linger === null ? null : numberOf(args, 'prometheus-linger', 0, 0) * 1000,
    otlp: url === null ? null : { url: metricsUrl(url), everyMs: pushEveryMs() },
    influx: fileOf(args, 'influx'),
    csv: fileOf(args, 'csv'),
    csvSummary: fileOf(args, 'csv-summary'),
    json,
  }
}

/** @throws {UsageError} when it cannot be a file */
function fileOf(args: Args, name: string): string | null {
  const text = textOf(args, name)
  if (text === null) return null
  if (text === '' || text === '-') {
    throw new UsageError(`${flagOf(name)} wants a file; --json writes to standard output`)
  }
  const whole = resolve(text)
  if (existsSync(dirname(whole))) return whole
  throw new UsageError(`${flagOf(name)} ${text}: there is no folder ${dirname(whole)}`)
}

/**
 * Of metrics: OTLP's path is added to that of a collector.
 *
 * @throws {UsageError} for what is no URL, or holds a password, which everybody on this machine could read
 */
function metricsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--otlp wants a URL such as http://127.0.0.1:4318, not "${text}"`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--otlp: passwords and tokens go into OTEL_EXPORTER_OTLP_HEADERS')
  }
  if (!url.pathname.endsWith('/v1/metrics')) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`
  }
  return url.href
}

/** @throws {UsageError} when the environment wants what we have not */
function pushEveryMs(): number {
  for (const name of ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = process.env[name]
    if (protocol && protocol !== 'http/protobuf') {
      throw new UsageError(`${name}=${protocol}: metrics are pushed as http/protobuf only`)
    }
  }
  const text = process.env['OTEL_METRIC_EXPORT_INTERVAL']
  if (!text) return defaultPushMs
  const everyMs = Number(text)
  if (Number.isFinite(everyMs) && everyMs >= 100) return everyMs
  throw new UsageError(
    `OTEL_METRIC_EXPORT_INTERVAL=${text}: a number of ms, at least 100, is wanted`,
  )
}
