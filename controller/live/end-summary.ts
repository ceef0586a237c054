/** What a run came to, in 80 columns that can be pasted anywhere. */
import { join } from 'node:path'
import {
  bytesText,
  countText,
  durationText,
  msText,
  percentText,
  printable,
  rateText,
  shortened,
} from '../outputs/format.ts'
import type { MetricSummary, Summary } from '../outputs/summary.ts'
import { thresholdLines } from '../thresholds/annotations.ts'

const columns = 80
const labelColumns = 10
const errorsShown = 8
const errorNameColumns = 56

const judgements = {
  valid: 'VALID    the planned load was delivered, the generator kept up',
  suspect: 'SUSPECT  read the reasons before the numbers',
  invalid: 'INVALID  do not use these numbers',
} as const

/**
 * Ends with a newline.
 *
 * @param folder the run's, told itself when there is no report in it
 */
export function endSummary(summary: Summary, folder: string, hasReport: boolean): string {
  return [
    '',
    ...verdictLines(summary),
    ...thresholdTexts(summary),
    ...loadLines(summary),
    '',
    ...metricLines(summary),
    '',
    ...countLines('status', summary, /^\d{3}$/),
    ...countLines('counted', summary, /^(match|nomatch$|max_repeat$|abort_session$|count\.|sum\.)/),
    ...errorLines(summary),
    '',
    hasReport ? labelled('report', join(folder, 'report.html')) : labelled('folder', folder),
    '',
  ].join('\n')
}

function verdictLines({ verdict }: Summary): readonly string[] {
  return [
    labelled('verdict', judgements[verdict.status]),
    ...verdict.reasons.flatMap(({ code, text }) =>
      wrapped(`${code}: ${printable(text)}`, columns - labelColumns - 2).map((line, index) =>
        labelled('', index === 0 ? `- ${line}` : `  ${line}`),
      ),
    ),
  ]
}

/** One line each, however long. */
function thresholdTexts({ thresholds }: Summary): readonly string[] {
  return thresholdLines(thresholds).map((line, index) =>
    labelled(index === 0 ? 'asked' : '', printable(line)),
  )
}

function loadLines({ load, requests, counters, durationMs }: Summary): readonly string[] {
  const share = load.plannedUsers > 0 ? load.startedUsers / load.plannedUsers : 1
  const lines = [
    labelled(
      'users',
      `${countText(load.startedUsers)} of ${countText(load.plannedUsers)} planned started ` +
        `(${percentText(share)}), ${countText(load.finishedUsers)} finished` +
        (load.unknownUsers > 0 ? `, ${countText(load.unknownUsers)} unknown` : ''),
    ),
    labelled(
      'requests',
      [
        `${countText(requests.issued)} issued`,
        `${countText(requests.acknowledged)} acknowledged`,
        `${countText(requests.failed)} failed`,
        ...rest(requests.noAck, 'without answer'),
        ...rest(requests.inFlight, 'waiting'),
        ...rest(requests.unknown, 'unknown'),
      ].join(', '),
    ),
  ]
  const seconds = durationMs / 1000 || 1
  const sent = counters['size_sent'] ?? 0
  const received = counters['size_rcv'] ?? 0
  lines.push(
    labelled(
      'network',
      `sent ${bytesText(sent)} (${bytesText(sent / seconds)}/s), ` +
        `received ${bytesText(received)} (${bytesText(received / seconds)}/s) in ${durationText(durationMs)}`,
    ),
  )
  return lines
}

function rest(count: number, name: string): readonly string[] {
  return count === 0 ? [] : [`${countText(count)} ${name}`]
}

function metricLines({ metrics, durationMs }: Summary): readonly string[] {
  const names = Object.keys(metrics).sort(byPlace)
  if (names.length === 0) return [labelled('times', 'nothing was measured')]
  const header = ['count', 'rate/s', 'mean', 'p50', 'p95', 'p99', 'max']
  return [
    `${'ms'.padEnd(nameColumns)}${header.map((name) => name.padStart(8)).join('')}`,
    ...names.map((name) => metricLine(name, metrics[name]!, durationMs)),
  ]
}

const nameColumns = 24

function metricLine(name: string, metric: MetricSummary, durationMs: number): string {
  const label = shortened(printable(name), nameColumns - 1)
  const values = [metric.mean, metric.p50, metric.p95, metric.p99, metric.max].map(msText)
  const cells = [
    countText(metric.count),
    rateText(metric.count / (durationMs / 1000 || 1)),
    ...values,
  ]
  return label.padEnd(nameColumns) + cells.map((text) => text.padStart(8)).join('')
}

/** The counters whose names are so, in one paragraph; nothing when there is none. */
function countLines(label: string, { counters }: Summary, names: RegExp): readonly string[] {
  const found = Object.keys(counters).filter((name) => names.test(name))
  if (found.length === 0) return []
  const text = found
    .map((name) => `${shortened(printable(name), errorNameColumns)}: ${countText(counters[name]!)}`)
    .join(', ')
  return wrapped(text, columns - labelColumns).map((line, index) =>
    labelled(index === 0 ? label : '', line),
  )
}

function errorLines({ errors }: Summary): readonly string[] {
  if (errors.length === 0) return [labelled('errors', 'none')]
  const lines = errors
    .slice(0, errorsShown)
    .map(({ name, count }, index) =>
      labelled(
        index === 0 ? 'errors' : '',
        `${shortened(printable(name), errorNameColumns)}: ${countText(count)}`,
      ),
    )
  const more = errors.length - errorsShown
  return more > 0 ? [...lines, labelled('', `and ${more} more in the report`)] : lines
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(labelColumns)}${text}`
}

/** Breaks at blanks; a longer word stays whole. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** The main metrics first, transactions by name after them, the rest last. */
const order = ['request', 'response', 'connect', 'page', 'session', 'tr_']

function byPlace(a: string, b: string): number {
  const place = (name: string): number => {
    const index = order.indexOf(name.startsWith('tr_') ? 'tr_' : name)
    return index < 0 ? order.length : index
  }
  return place(a) - place(b) || (a < b ? -1 : 1)
}
