/**
 * The run so far as metrics of OpenTelemetry, and who sends them: OTLP 1.x over HTTP, protobuf. Headers, compression,
 * certificates and time limit come from the environment, as the OpenTelemetry specification has it ("OTLP Exporter
 * Configuration").
 */
import { basename } from 'node:path'
import { DiagLogLevel, diag, type HrTime, ValueType } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import type { RunHead } from '../model.ts'
import { exponentialOf } from './bins.ts'
import { durations, type Instrument, instruments } from './instruments.ts'
import { type Labels, labelsOf } from './labels.ts'
import type { RunMeter } from './run-meter.ts'
import type { TimeMeter } from './time-meter.ts'

export interface Pusher {
  /**
   * Sends what `run` says now; tries again for `timeoutMs` when the other side is busy or gone.
   *
   * @throws what hindered it
   */
  push(run: RunMeter): Promise<void>
}

/** Bound of one push, its attempts included; `OTEL_EXPORTER_OTLP_TIMEOUT` sets another one. */
const timeoutMs = 5000

/**
 * @param url where metrics are posted
 * @param onRefused told when the other side takes a push but refuses a part of it, with its reason
 */
export function pusher(url: string, head: RunHead, onRefused: (why: string) => void): Pusher {
  const refused = (text: string, ...why: unknown[]): void => {
    if (text.startsWith('Received Partial Success')) onRefused(why.join(' '))
  }
  const nothing = (): void => undefined
  const logger = { error: nothing, warn: refused, info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  const isSet = ['OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT'].some(
    (name) => process.env[name],
  )
  const exporter = new OTLPMetricExporter(isSet ? { url } : { url, timeoutMillis: timeoutMs })
  const resource = detectResources({ detectors: [envDetector] }).merge(
    resourceFromAttributes(resourceAttributes(head)),
  )
  return {
    push: (run) =>
      new Promise((resolve, reject) => {
        const scope = { name: 'tsts', version: head.environment.tsts }
        const metrics = metricsOf(run, head.startedAt, Date.now())
        const told: ResourceMetrics = { resource, scopeMetrics: [{ scope, metrics }] }
        exporter.export(told, ({ error, code }) => {
          if (code === 0) resolve()
          else reject(error ?? new Error('it was not taken'))
        })
      }),
  }
}

/** Source: OpenTelemetry, "Service" and "Host" attributes. */
function resourceAttributes({ folder, scenario, environment, startedAt }: RunHead): Labels {
  const run = basename(folder)
  return {
    'service.name': 'tsts',
    'service.version': environment.tsts,
    'service.instance.id': `${environment.host}-${run}-${startedAt}`,
    'host.name': environment.host,
    'tsts.run.id': run,
    'tsts.scenario': basename(scenario.file),
  }
}

/** Everything since the start of the run: a push that is lost leaves no gap. */
function metricsOf(run: RunMeter, startedAt: number, now: number): MetricData[] {
  const span = { startTime: hrTime(startedAt), endTime: hrTime(Math.max(now, startedAt)) }
  // It stands in the resource.
  const told = instruments.filter(({ name }) => name !== 'run.info')
  const numbers = told.map((instrument) => numberMetric(instrument, run, span))
  return [...numbers, timeMetric(run, span)].filter(({ dataPoints }) => dataPoints.length > 0)
}

type Span = Pick<DataPoint<number>, 'startTime' | 'endTime'>

const cumulative = { aggregationTemporality: AggregationTemporality.CUMULATIVE } as const

function numberMetric(instrument: Instrument, run: RunMeter, span: Span): MetricData {
  const { type, unit, doc } = instrument
  const dataPoints = instrument
    .points(run)
    .map(({ labels, value }) => ({ ...span, attributes: labels, value }))
  const descriptor = {
    name: `tsts.${instrument.name}`,
    description: doc,
    unit: unit === 'seconds' ? 's' : unit === 'bytes' ? 'By' : '1',
    valueType: type === 'counter' ? ValueType.INT : ValueType.DOUBLE,
  }
  return type === 'counter'
    ? { ...cumulative, descriptor, dataPoints, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...cumulative, descriptor, dataPoints, dataPointType: DataPointType.GAUGE }
}

function timeMetric(run: RunMeter, span: Span): MetricData {
  const dataPoints = [...run.times]
    .filter(([, { count }]) => count > 0)
    .map(([name, meter]) => ({ ...span, attributes: labelsOf(name), value: histogramOf(meter) }))
  const descriptor = {
    name: `tsts.${durations.name}`,
    description: durations.doc,
    unit: 's',
    valueType: ValueType.DOUBLE,
  }
  const dataPointType = DataPointType.EXPONENTIAL_HISTOGRAM
  return { ...cumulative, descriptor, dataPoints, dataPointType }
}

function histogramOf(meter: TimeMeter): ExponentialHistogram {
  const { scale, zeroCount, offset, counts } = exponentialOf(meter.counts)
  return {
    count: meter.count,
    sum: meter.sumMs / 1000,
    min: meter.minMs / 1000,
    max: meter.maxMs / 1000,
    scale,
    zeroCount,
    positive: { offset, bucketCounts: [...counts] },
    negative: { offset: 0, bucketCounts: [] },
  }
}

function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000)
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)]
}
