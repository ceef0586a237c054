/** The tables of a report; all numbers are those of summary.json. */

import type { Steering } from '../model.ts'
import type { EventLine } from '../outputs/events.ts'
import {
  bytesText,
  countText,
  durationText,
  msText,
  percentText,
  rateText,
} from '../outputs/format.ts'
import type { MetricSummary, Summary } from '../outputs/summary.ts'
import { columnDefinition, definition } from './definitions.ts'
import { type HtmlValue, html, Markup } from './html.ts'
import type { PhaseTimes } from './phase-times.ts'

export function metricsTable(summary: Summary): Markup {
  const names = wholeNames(summary)
  return metricRows('All metrics, times in ms', [...names].sort(byPlace), summary)
}

/** Metrics that are not of a transaction or a tag. */
export function wholeNames({ metrics }: Summary): readonly string[] {
  return Object.keys(metrics).filter((name) => !/^(request\.|response\.)?(tr|tag)_/.test(name))
}

/** Nothing when the scenario has no tag. */
export function tagsTable(summary: Summary): Markup | null {
  const names = Object.keys(summary.metrics).filter((name) =>
    /^(request|response)\.tag_/.test(name),
  )
  if (names.length === 0) return null
  return metricRows('Requests by tag, times in ms', names.sort(), summary)
}

/** Nothing when the scenario has no transaction. */
export function transactionsTable(summary: Summary): Markup | null {
  const names = Object.keys(summary.metrics).filter((name) =>
    /^(request\.|response\.)?tr_/.test(name),
  )
  if (names.length === 0) return null
  return metricRows('Transactions, times in ms', names.sort(), summary)
}

export function phasesTable({ load }: Summary): Markup {
  const rows = load.phases.map((phase) => [
    `Phase ${phase.number}`,
    durationText(phase.durationMs),
    rateText(phase.plannedRate),
    rateText(phase.startedRate),
    countText(phase.plannedUsers),
    countText(phase.startedUsers),
    shareOf(phase.startedUsers, phase.plannedUsers),
  ])
  const { staticUsers } = load
  if (staticUsers.plannedUsers > 0) {
    const { plannedUsers, startedUsers } = staticUsers
    rows.push([
      'Static users',
      '',
      '',
      '',
      countText(plannedUsers),
      countText(startedUsers),
      shareOf(startedUsers, plannedUsers),
    ])
  }
  const head = ['', 'duration', 'planned/s', 'started/s', 'users planned', 'users started', 'share']
  return table('Load by phase, users per second', head, rows)
}

/** Nothing when the run has one phase only: it is the whole. */
export function phaseTimesTable(phases: readonly PhaseTimes[]): Markup | null {
  if (phases.filter(({ number }) => number !== null).length < 2) return null
  const head = ['', 'acknowledged', 'failed', 'mean ms', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms']
  const rows = phases.map(({ number, acknowledged, failed, times }) => [
    number === null ? 'After the last' : `Phase ${number}`,
    countText(acknowledged),
    countText(failed),
    ...(['mean', 'p50', 'p95', 'p99', 'max'] as const).map((key) =>
      times === null ? '' : msText(times[key]),
    ),
  ])
  return table('Requests by phase, response time; borders are right to 10 s', head, rows)
}

/** Nothing when none was asked for. */
export function thresholdsTable({ thresholds }: Summary): Markup | null {
  if (thresholds.length === 0) return null
  const rows = thresholds.map(({ expression, ok, text }) => [
    html`<code>${expression}</code>`,
    html`<td class="text ${ok ? '' : 'bad'}">${ok ? 'kept' : 'failed'}</td>`,
    html`<td class="text wide">${text}</td>`,
  ])
  return table('Thresholds', ['threshold', 'result', ''], rows)
}

/** Nothing when nobody steered. */
export function steeringTable(events: readonly EventLine[]): Markup | null {
  const changes = events.flatMap(({ atMs, steering }) => (steering ? [{ atMs, ...steering }] : []))
  if (changes.length === 0) return null
  const rows = changes.map(({ atMs, who, from, to }) => [
    durationText(atMs),
    html`<td class="text">${who}</td>`,
    html`<td class="text wide">${steeringText(from)}</td>`,
    html`<td class="text wide">${steeringText(to)}</td>`,
  ])
  return table('How the run was steered', ['time', 'by', 'from', 'to'], rows)
}

function steeringText(steering: Steering): string {
  const { arrivalFactor, thinkTimeFactor, requestsPerSecond, paused } = steering
  const rate = requestsPerSecond === null ? '' : `, ${rateText(requestsPerSecond)} requests/s`
  return `arrivals × ${arrivalFactor}, think times × ${thinkTimeFactor}${rate}${paused ? ', paused' : ''}`
}

/** Nothing when there was no such answer. */
export function codesTable({ counters, durationMs }: Summary): Markup | null {
  const codes = Object.keys(counters).filter((name) => /^\d{3}$/.test(name))
  if (codes.length === 0) return null
  const total = codes.reduce((sum, code) => sum + counters[code]!, 0)
  const rows = codes.map((code) => [
    code,
    countText(counters[code]!),
    shareOf(counters[code]!, total),
    perSecond(counters[code]!, durationMs),
  ])
  return table('HTTP status codes', ['code', 'count', 'share', 'rate/s'], rows)
}

export function errorsTable({ errors, durationMs }: Summary): Markup | null {
  if (errors.length === 0) return null
  const rows = errors.map(({ name, count, first }) => [
    name,
    countText(count),
    perSecond(count, durationMs),
    html`<td class="text wide">${examples(first)}</td>`,
  ])
  return table(
    'Errors by class, with the first of each',
    ['error', 'count', 'rate/s', 'first'],
    rows,
  )
}

export function countersTable({ counters, durationMs }: Summary): Markup {
  const rows = Object.entries(counters)
    .filter(([name]) => !/^\d{3}$/.test(name) && !name.startsWith('error_'))
    .map(([name, value]) => [
      name,
      name.startsWith('size_') ? bytesText(value) : countText(value),
      name.startsWith('size_')
        ? bytesText(Math.round((value * 1000) / (durationMs || 1000)))
        : perSecond(value, durationMs),
    ])
  return table('All other counters', ['counter', 'total', 'per second'], rows)
}

/** The last cells of a row may be whole `<td>`s. */
type Cell = string | Markup

export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const headCells = head.map((name, column) => {
    const firstCell = rows[0]?.[column]
    const isText = firstCell instanceof Markup && firstCell.text.includes('class="text')
    return html`<th scope="col" class="${isText ? 'text' : ''}">${explained(name, columnDefinition(name))}</th>`
  })
  const bodyRows = rows.map(([name = '', ...cells]) => {
    const tds = cells.map((cell) => (cell instanceof Markup ? cell : html`<td>${cell}</td>`))
    return html`<tr><th scope="row">${typeof name === 'string' ? explained(name, definition(name)) : name}</th>${tds}</tr>\n`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption><span>${caption}</span></caption>
<thead><tr>${headCells}</tr></thead>
<tbody>
${bodyRows}</tbody></table></div>`
}

const metricColumns: readonly (readonly [string, keyof MetricSummary])[] = [
  ['mean', 'mean'],
  ['stddev', 'stddev'],
  ['min', 'min'],
  ['p50', 'p50'],
  ['p75', 'p75'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['p99.99', 'p9999'],
  ['max', 'max'],
]

function metricRows(caption: string, names: readonly string[], summary: Summary): Markup {
  const head = ['metric', 'count', 'rate/s', ...metricColumns.map(([label]) => label)]
  const rows = names.map((name) => {
    const metric = summary.metrics[name]!
    return [
      name,
      countText(metric.count),
      perSecond(metric.count, summary.durationMs),
      ...metricColumns.map(([, key]) => msText(metric[key])),
    ]
  })
  return table(caption, head, rows)
}

/** The words behind the names, for those who cannot hover. */
export function definitionList(names: readonly string[]): Markup | null {
  const items = names.map((name) => {
    const words = definition(name)
    return words === null ? null : html`<dt><code>${name}</code></dt><dd>${words}</dd>`
  })
  if (items.every((item) => item === null)) return null
  return html`<details><summary>What these names mean</summary><dl>${items}</dl></details>`
}

function examples(first: Summary['errors'][number]['first']): HtmlValue {
  if (first.length === 0) return 'no example was kept'
  const items = first.map(({ atMs, user, session, request, detail }) => {
    const where = `${durationText(atMs)} user ${user}, ${session}: ${request}`
    return html`<li>${where}${detail === '' ? '' : ` (${detail})`}</li>`
  })
  return html`<ul class="first">${items}</ul>`
}

export function explained(name: string, words: string | null): HtmlValue {
  return words === null ? name : html`<abbr tabindex="0" title="${words}">${name}</abbr>`
}

function perSecond(count: number, durationMs: number): string {
  return rateText(durationMs > 0 ? (1000 * count) / durationMs : 0)
}

export function shareOf(part: number, whole: number): string {
  return whole > 0 ? percentText(part / whole) : ''
}

const order = ['request', 'response', 'connect', 'page', 'session']

function byPlace(a: string, b: string): number {
  const place = (name: string): number =>
    order.includes(name) ? order.indexOf(name) : order.length
  return place(a) - place(b) || (a < b ? -1 : 1)
}
