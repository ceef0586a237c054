/**
 * The run so far in Prometheus's text format. Source: Prometheus, "Exposition formats" and "Metric and label naming".
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { durations, type Instrument, instruments } from './instruments.ts'
import { type Labels, labelsOf } from './labels.ts'
import type { RunMeter } from './run-meter.ts'
import type { TimeMeter } from './time-meter.ts'

export interface PrometheusText {
  readonly contentType: string
  text(): Promise<string>
}

/** @param boundsMs of the bins that `run` sorts its times into */
export function prometheusText(run: RunMeter, boundsMs: readonly number[]): PrometheusText {
  const registry = new Registry()
  for (const instrument of instruments) register(instrument, run, registry)
  registry.registerMetric(new MergedTimes(run, boundsMs))
  return { contentType: registry.contentType, text: () => registry.metrics() }
}

function register({ type, ...instrument }: Instrument, run: RunMeter, registry: Registry): void {
  const { unit, labels: labelNames, doc: help, points } = instrument
  const words = ['tsts', ...instrument.name.split('.')]
  if (unit !== null) words.push(unit)
  const told = { help, labelNames: [...labelNames], registers: [registry] }
  if (type === 'gauge') {
    new Gauge({
      ...told,
      name: words.join('_'),
      collect() {
        this.reset()
        // The library tells 0 of what has no value.
        this.remove({})
        for (const { labels, value } of points(run)) this.set(labels, value)
      },
    })
  } else {
    new Counter({
      ...told,
      name: [...words, 'total'].join('_'),
      collect() {
        this.reset()
        for (const { labels, value } of points(run)) this.inc(labels, value)
      },
    })
  }
}

type Values = Awaited<ReturnType<Histogram['get']>>

/** Histograms that are merged already, where the library would count value by value. */
class MergedTimes extends Histogram {
  readonly #run: RunMeter
  readonly #boundsMs: readonly number[]
  readonly #empty: Histogram

  constructor(run: RunMeter, boundsMs: readonly number[]) {
    const told = {
      name: `tsts_${durations.name}_seconds`,
      help: durations.doc,
      labelNames: [...durations.labels],
      registers: [],
    }
    super(told)
    this.#empty = new Histogram(told)
    this.#run = run
    this.#boundsMs = boundsMs
  }

  /** What a registry prints. */
  async getForPromString(): Promise<Values> {
    const empty = await this.#empty.get()
    const times = [...this.#run.times].filter(([, { count }]) => count > 0)
    const values = times.flatMap(([name, meter]) => this.#values(empty.name, labelsOf(name), meter))
    return { ...empty, values }
  }

  override get(): Promise<Values> {
    return this.getForPromString()
  }

  #values(name: string, labels: Labels, meter: TimeMeter): Values['values'] {
    let upTo = 0
    const buckets = this.#boundsMs.map((boundMs, bin) => {
      upTo += meter.counts[bin]!
      return {
        metricName: `${name}_bucket`,
        labels: { ...labels, le: boundMs / 1000 },
        value: upTo,
      }
    })
    const { count, sumMs } = meter
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}
