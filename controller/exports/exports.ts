import type { Output } from '../model.ts'
import type { TextStream } from '../outputs/patient-stream.ts'
import type { OnTrouble } from '../outputs/sink.ts'
import { csv, csvSummary } from './csv.ts'
import type { ExportOptions } from './export-options.ts'
import { influx } from './influx.ts'
import { jsonLines } from './json-lines.ts'
import { otlp } from './otlp.ts'
import { prometheus } from './prometheus.ts'

/** Where else the run is told, as asked. @param say a line for people */
export function exportOutputs(
  options: ExportOptions,
  stdout: TextStream,
  onTrouble: OnTrouble,
  say: (text: string) => void,
): readonly Output[] {
  const outputs: Output[] = []
  if (options.prometheus !== null) {
    const onListening = (url: string): void => say(`metrics for Prometheus are at ${url}`)
    const lingerMs = options.prometheusLingerMs
    outputs.push(prometheus({ address: options.prometheus, lingerMs, onTrouble, onListening }))
  }
  if (options.otlp !== null) outputs.push(otlp({ ...options.otlp, onTrouble }))
  if (options.influx !== null) outputs.push(influx(options.influx, onTrouble))
  if (options.csv !== null) outputs.push(csv(options.csv, onTrouble))
  if (options.csvSummary !== null) outputs.push(csvSummary(options.csvSummary, onTrouble))
  if (options.json) outputs.push(jsonLines(stdout, onTrouble))
  return outputs
}
