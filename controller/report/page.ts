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
import { type Chart, charts, type Mark, marks } from './charts.ts'
import { html, jsonElement, type Markup, scriptElement, styleElement } from './html.ts'
import { pageScript } from './page-script.ts'
import type { RunFiles } from './read-run.ts'
import { style } from './style.ts'
import * as tables from './tables.ts'

/** The chart library's own files. */
export interface ChartLibrary {
  readonly script: string
  readonly style: string
}

export function page(run: RunFiles, library: ChartLibrary): string {
  const { summary, timeline } = run
  const drawn = charts(timeline)
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
<header>
<h1>${summary.scenario.file}</h1>
<p class="note">${subtitle(run)}</p>
</header>
<main>
${verdictSection(run)}
${figures(run)}
${askedSection(run)}
${chartsSection(drawn, timeline.stepSeconds)}
${numbersSection(run)}
${eventsSection(run, marked)}
${aboutSection(run)}
</main>
<footer class="note">Made by tsts ${summary.environment.tsts} from the folder ${run.name}.</footer>
${jsonElement('run', { seconds, charts: drawn.map(forBrowser), marks: marked })}
${scriptElement(library.script)}
${scriptElement(pageScript)}
</body>
</html>
`.text
}

/** What the browser draws; the words are in the page already. */
function forBrowser({ id, series }: Chart): Pick<Chart, 'id' | 'series'> {
  return { id, series }
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
${tables.phasesTable(summary)}
${
  scenario === null
    ? null
    : html`<details><summary>The scenario, ${summary.scenario.file}</summary><pre><code>${bounded(scenario)}</code></pre></details>`
}
</section>`
}

function chartsSection(drawn: readonly Chart[], stepSeconds: number): Markup {
  const figuresOf = drawn.map(
    (chart) => html`<figure id="chart-${chart.id}" aria-labelledby="title-${chart.id}">
<figcaption><span id="title-${chart.id}">${chart.title}</span> <span class="unit">${chart.unit}</span>${
      chart.logarithmic
        ? html`<button type="button" aria-pressed="false" aria-label="Logarithmic scale for ${chart.title}">log</button>`
        : null
    }</figcaption>
<div class="plot" role="img" aria-label="${chart.description}"></div>
<p class="description">${chart.description}</p>
</figure>\n`,
  )
  const step = stepSeconds === 1 ? 'second' : `${stepSeconds} seconds`
  return html`<section aria-labelledby="time">
<h2 id="time">Over time</h2>
<p class="note">A point every ${step}. Drag to zoom all charts, double-click to see everything again; a click on a name
hides its line. Numbered lines are events, told below.</p>
<div class="charts">
${figuresOf}</div>
</section>`
}

function numbersSection({ summary }: RunFiles): Markup {
  const names = Object.keys(summary.metrics).filter((name) => !name.startsWith('tr_'))
  return html`<section aria-labelledby="metrics">
<h2 id="metrics">Metrics</h2>
${tables.metricsTable(summary)}
${tables.definitionList(names)}
</section>
${titled('transactions', 'Transactions', tables.transactionsTable(summary))}
${titled('codes', 'Status codes', tables.codesTable(summary))}
${titled('errors', 'Errors', tables.errorsTable(summary) ?? html`<p>None.</p>`)}
${titled('counters', 'Counters', tables.countersTable(summary))}
${titled('launchers', 'Launchers', tables.launchersTable(summary))}`
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

const scenarioMaxChars = 200_000

function bounded(text: string): string {
  if (text.length <= scenarioMaxChars) return text
  return `${text.slice(0, scenarioMaxChars)}\n… (${countText(text.length - scenarioMaxChars)} more characters)`
}
