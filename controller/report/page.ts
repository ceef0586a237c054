/** The page of a report: one file that needs nothing else. */
import {
  bytesText,
  countText,
  durationText,
  msText,
  percentText,
  plural,
  rateText,
} from '../outputs/format.ts'
import { chartTable } from './chart-table.ts'
import { type Chart, charts, type Mark, marks } from './charts.ts'
import { deliveriesOf, deliveriesSection } from './deliveries-section.ts'
import { distributionCharts } from './distribution-charts.ts'
import { html, jsonElement, type Markup, scriptElement, styleElement } from './html.ts'
import { launcherCharts } from './launcher-charts.ts'
import { launchersTable } from './launchers-table.ts'
import { pageScript } from './page-script.ts'
import type { RunFiles } from './read-run.ts'
import { style } from './style.ts'
import * as tables from './tables.ts'
import { timeParts } from './time-parts.ts'
import { timePartsSection } from './time-parts-section.ts'
import { xmlMarkup } from './xml-markup.ts'

/** The chart library's own files. */
export interface ChartLibrary {
  readonly script: string
  readonly style: string
}

export function page(run: RunFiles, library: ChartLibrary): string {
  const { summary, timeline } = run
  const drawn = charts(timeline)
  const spread = distributionCharts(run.distributions, run.heatMap)
  const fitness = launcherCharts(run.health)
  const marked = marks(run.events)
  const seconds = timeline.points.map((point) => point.atMs / 1000)
  const title = `${summary.scenario.file}: ${summary.verdict.status}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<link rel="icon" href="data:,">
${styleElement(library.style)}
${styleElement(style)}
</head>
<body>
<a class="skip" href="#verdict">To the verdict</a>
<header>
<h1>${summary.scenario.file}</h1>
<p class="note">${subtitle(run)}</p>
</header>
<main>
${verdictSection(run)}
${figures(run)}
${contents(run)}
${askedSection(run)}
${happenedSection(run, drawn, seconds)}
${fastSection(run, [...spread, ...drawn], seconds)}
${failedSection(run, drawn, seconds)}
${timePartsSection(timeParts(summary))}
${deliveriesSection(summary)}
${partsSections(run, drawn, seconds)}
${launchersSection(run, fitness, seconds)}
${eventsSection(run, marked)}
${aboutSection(run)}
</main>
<footer class="note">Made by tsts ${summary.environment.tsts} from the folder ${run.name}.</footer>
${jsonElement('run', { seconds, charts: [...drawn, ...spread, ...fitness].map(forBrowser), marks: marked })}
${scriptElement(library.script)}
${scriptElement(pageScript)}
</body>
</html>
`.text
}

/** What the browser draws; the words are in the page already. */
function forBrowser({ id, kind, series, x, heat }: Chart): Partial<Chart> {
  return {
    id,
    kind,
    series,
    ...(x === undefined ? {} : { x }),
    ...(heat === undefined ? {} : { heat }),
  }
}

function subtitle({ summary }: RunFiles): string {
  const started = summary.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
  return `${started}, ${durationText(summary.durationMs)} long, seed ${summary.seed}, run ended with exit code ${summary.exitCode}`
}

const judgements = {
  valid: ['Valid', 'The planned load was delivered and the load generator kept up.'],
  suspect: ['Suspect', 'Read these reasons before the numbers.'],
  invalid: ['Invalid', 'Do not base a decision on these numbers.'],
} as const

function verdictSection({ summary, rebuilt, brokenLines }: RunFiles): Markup {
  const { status, reasons } = summary.verdict
  const [word, text] = judgements[status]
  const broken =
    brokenLines > 0
      ? html`<p>${plural(brokenLines, 'line')} of the run's files could not be read.</p>`
      : null
  const list = reasons.map((reason) => html`<li>${reason.text} <code>${reason.code}</code></li>`)
  return html`<section class="verdict ${status}" aria-labelledby="verdict">
<h2 id="verdict">${word}</h2>
<p>${rebuilt ? 'This report was rebuilt from the series of an unfinished run.' : text}</p>
${broken}${reasons.length > 0 ? html`<ul>${list}</ul>` : null}
</section>`
}

function figures({ summary }: RunFiles): Markup {
  const { load, requests, metrics, counters, durationMs } = summary
  const seconds = durationMs / 1000 || 1
  const ended = requests.acknowledged + requests.failed
  const items: [string, string, string][] = [
    [
      'Users started',
      countText(load.startedUsers),
      `of ${countText(load.plannedUsers)} planned` +
        (load.plannedUsers > 0 ? `, ${percentText(load.startedUsers / load.plannedUsers)}` : ''),
    ],
    ['Users at once', countText(summary.gauges['users']?.max ?? 0), 'at most'],
    ['Requests', countText(requests.issued), `${rateText(requests.issued / seconds)} per second`],
    [
      'Failed',
      countText(requests.failed),
      ended > 0 ? `${((100 * requests.failed) / ended).toFixed(2)} % of those that ended` : '',
    ],
  ]
  const response = metrics['response'] ?? metrics['request']
  if (response) {
    items.push(
      ['Response p50', `${msText(response.p50)} ms`, `mean ${msText(response.mean)} ms`],
      ['Response p99', `${msText(response.p99)} ms`, `max ${msText(response.max)} ms`],
    )
  }
  const { connect } = metrics
  if (connect)
    items.push(['Connect p99', `${msText(connect.p99)} ms`, `p50 ${msText(connect.p50)} ms`])
  const received = counters['size_rcv'] ?? 0
  items.push(['Received', bytesText(received), `sent ${bytesText(counters['size_sent'] ?? 0)}`])
  const cells = items.map(
    ([name, value, more]) =>
      html`<div><dt>${name}</dt><dd>${value}<small>${more.replace(' %', '\u00a0%')}</small></dd></div>`,
  )
  return html`<dl class="figures" aria-label="Key figures">${cells}</dl>`
}

function askedSection({ summary, head, scenario }: RunFiles): Markup {
  const process = {
    conditioned: 'at random, exactly as many as planned',
    exponential: 'at random, as Tsung draws them',
    uniform: 'evenly spaced',
  }[head.arrivals]
  const hosts = new Set(head.launchers.map((launcher) => launcher.host)).size
  return html`<section aria-labelledby="asked">
<h2 id="asked">What was asked</h2>
<p>${plural(head.plannedUsers, 'user')} in ${durationText(head.durationMs)}, arriving ${process}, from
${plural(head.launchers.length, 'launcher')} on ${plural(hosts, 'host')}.${
    head.cutAfterMs === null
      ? ''
      : ` The scenario ends the run after ${durationText(head.cutAfterMs)}.`
  }</p>
${tables.thresholdsTable(summary)}
${
  scenario === null
    ? null
    : html`<details><summary>The scenario, ${summary.scenario.file}</summary><pre tabindex="0" role="region" aria-label="The scenario"><code>${xmlMarkup(bounded(scenario))}</code></pre></details>`
}
</section>`
}

/** Charts of these ids, in this order. */
function chartsOf(
  drawn: readonly Chart[],
  ids: readonly string[],
  seconds: readonly number[],
): Markup {
  const found = ids.flatMap((id) => drawn.filter((chart) => chart.id === id))
  return html`<div class="charts">
${found.map((chart) => figure(chart, seconds))}</div>`
}

function figure(chart: Chart, seconds: readonly number[]): Markup {
  const button = html`<button type="button" aria-pressed="false" aria-label="log scale for ${chart.title}">log</button>`
  const kind = chart.kind === 'heat' ? 'wide-chart' : ''
  return html`<figure id="chart-${chart.id}" class="${kind}" aria-labelledby="title-${chart.id}">
<figcaption><span id="title-${chart.id}">${chart.title}</span> <span class="unit">${chart.unit}</span>${
    chart.logarithmic ? button : null
  }</figcaption>
<div class="plot" role="img" aria-label="${chart.description}"></div>
${chart.kind === 'heat' ? html`<p class="readout" aria-hidden="true"></p>` : null}
<p class="description">${chart.description}</p>
${chartTable(chart, seconds)}
</figure>\n`
}

function happenedSection(
  { summary, timeline, events }: RunFiles,
  drawn: readonly Chart[],
  seconds: readonly number[],
): Markup {
  const { stepSeconds } = timeline
  const step = stepSeconds === 1 ? 'second' : `${stepSeconds} seconds`
  return html`<section aria-labelledby="happened">
<h2 id="happened">What happened</h2>
<p class="note">A point every ${step}. Drag to zoom all charts over time, double-click to see everything again; a click on a name
hides its line. Numbered lines are <a href="#events">events</a>.</p>
${chartsOf(drawn, ['arrivals', 'users', 'requests', 'throughput'], seconds)}
${tables.phasesTable(summary)}
${tables.steeringTable(events)}
</section>`
}

const timeCharts = [
  'percentiles-response',
  'percentiles-request',
  'percentiles-connect',
  'heat',
  'curve',
  'below',
]

function fastSection(
  { summary, phaseTimes }: RunFiles,
  drawn: readonly Chart[],
  seconds: readonly number[],
): Markup {
  return html`<section aria-labelledby="fast">
<h2 id="fast">How fast</h2>
${tables.metricsTable(summary)}
${tables.definitionList(tables.wholeNames(summary))}
${chartsOf(drawn, timeCharts, seconds)}
${tables.phaseTimesTable(phaseTimes)}
</section>`
}

function failedSection(
  { summary }: RunFiles,
  drawn: readonly Chart[],
  seconds: readonly number[],
): Markup {
  return html`<section aria-labelledby="failed">
<h2 id="failed">What failed</h2>
${tables.errorsTable(summary) ?? html`<p>Nothing.</p>`}
${tables.definitionList(summary.errors.map(({ name }) => name))}
${tables.codesTable(summary)}
${chartsOf(drawn, ['errors', 'codes'], seconds)}
</section>`
}

function partsSections(
  { summary }: RunFiles,
  drawn: readonly Chart[],
  seconds: readonly number[],
): Markup {
  const transactions = tables.transactionsTable(summary)
  return html`${
    transactions === null
      ? null
      : titled(
          'transactions',
          'Transactions',
          html`${transactions}${chartsOf(drawn, ['transactions'], seconds)}`,
        )
  }
${titled('tags', 'Tags', tables.tagsTable(summary))}
${titled('counters', 'Counters', tables.countersTable(summary))}`
}

function launchersSection(
  { summary }: RunFiles,
  fitness: readonly Chart[],
  seconds: readonly number[],
): Markup | null {
  const rows = launchersTable(summary)
  if (rows === null) return null
  const ids = fitness.map(({ id }) => id)
  return titled('launchers', 'Launchers', html`${rows}${chartsOf(fitness, ids, seconds)}`)
}

/** Links to the sections that are there. */
function contents({ summary, events }: RunFiles): Markup {
  const { metrics, launchers } = summary
  const has = (pattern: RegExp): boolean => Object.keys(metrics).some((name) => pattern.test(name))
  const sections: readonly (readonly [string, string, boolean])[] = [
    ['asked', 'What was asked', true],
    ['happened', 'What happened', true],
    ['fast', 'How fast', true],
    ['failed', 'What failed', true],
    ['parts', 'Where the time went', has(/^request$/)],
    ['deliveries', 'Deliveries', deliveriesOf(summary) !== null],
    ['transactions', 'Transactions', has(/tr_/)],
    ['tags', 'Tags', has(/tag_/)],
    ['launchers', 'Launchers', launchers.length > 0],
    ['events', 'Events', events.length > 0],
    ['about', 'About this run', true],
  ]
  const items = sections
    .filter(([, , isThere]) => isThere)
    .map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)
  return html`<nav aria-label="Sections"><ul>${items}</ul></nav>`
}

function eventsSection({ events }: RunFiles, marked: readonly Mark[]): Markup | null {
  if (events.length === 0) return null
  const numbers = new Map(marked.map((mark) => [`${mark.seconds} ${mark.text}`, mark.label]))
  const rows = events
    .slice(0, eventsMax)
    .map(({ atMs, text, type }) => [
      atMs < 0 ? 'before' : durationText(atMs),
      numbers.get(`${atMs / 1000} ${text}`) ?? '',
      html`<td class="text">${type}</td>`,
      html`<td class="text wide">${text}</td>`,
    ])
  const caption =
    events.length > eventsMax
      ? `The first ${eventsMax} of ${countText(events.length)} events`
      : 'What happened, with its number on the charts'
  return titled('events', 'Events', tables.table(caption, ['time', 'mark', 'event', ''], rows))
}

const eventsMax = 500

function aboutSection({ summary }: RunFiles): Markup {
  const { environment, scenario, requests } = summary
  return html`<section aria-labelledby="about">
<h2 id="about">About this run</h2>
<p class="note">tsts ${environment.tsts} on Node ${environment.node}, ${environment.os}, ${environment.host}
(${plural(environment.cores, 'core')}). Scenario ${scenario.file}, SHA-256 <code>${scenario.sha256}</code>.</p>
<p class="note">The books: ${countText(requests.issued)} requests issued = ${countText(requests.acknowledged)}
acknowledged + ${countText(requests.noAck)} without answer + ${countText(requests.failed)} failed
+ ${countText(requests.inFlight)} waiting at the end + ${countText(requests.unknown)} unknown.</p>
</section>`
}

function titled(id: string, title: string, content: Markup | null): Markup | null {
  if (content === null) return null
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>\n`
}

const scenarioMaxChars = 150_000

function bounded(text: string): string {
  if (text.length <= scenarioMaxChars) return text
  return `${text.slice(0, scenarioMaxChars)}\n… (${countText(text.length - scenarioMaxChars)} more characters)`
}
