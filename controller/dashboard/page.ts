/** The one page of the dashboard: everything in it that a browser needs, nothing of the run. */
import { type HtmlValue, html, Markup } from '../report/html.ts'
import type { ChartLibrary } from '../report/page.ts'
import { style } from '../report/style.ts'
import { dashboardStyle } from './page-style.ts'
import { chartsScript } from './script-charts.ts'
import { controlsScript } from './script-controls.ts'
import { feedScript } from './script-feed.ts'
import { viewScript } from './script-view.ts'

/** @param nonce names what of the page may run and style it */
export function dashboardPage(nonce: string, library: ChartLibrary): string {
  const ours = `(function () {\n'use strict'\n${feedScript}${chartsScript}${viewScript}${controlsScript}})()\n`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tsts</title>
<link rel="icon" href="data:,">
${element('style', nonce, library.style)}
${element('style', nonce, style)}
${element('style', nonce, dashboardStyle)}
</head>
<body>
<a class="skip" href="#steering">To the controls</a>
<header>
<h1 id="scenario">tsts</h1>
<p class="note" id="subtitle">waiting for the run</p>
<p class="state"><span id="link" role="status">connecting</span></p>
</header>
<main>
<noscript><p>This page needs JavaScript; <code>tsts attach</code> shows the same in a terminal.</p></noscript>
<section class="verdict valid" id="verdict" aria-labelledby="verdict-word" hidden>
<h2 id="verdict-word">Valid so far</h2>
<p id="verdict-text"></p>
<ul id="verdict-reasons"></ul>
</section>
<div class="progress"><progress id="progress" max="1" value="0" aria-label="How much of the plan is played"></progress>
<span id="progress-text"></span></div>
${figures()}
${steering()}
${chartsSection()}
${tables()}
</main>
<footer class="note">Numbers come every second. Times are the last second’s in the charts, the last ten seconds’ above them.
<code>GET /api/status</code>, <code>GET /api/events</code>, <code>POST /api/steer</code> and <code>POST /api/stop</code> do
the same for programs.</footer>
${element('script', nonce, library.script)}
${element('script', nonce, ours)}
</body>
</html>
`.text
}

/** @param source trusted, ours or a library's */
function element(name: 'script' | 'style', nonce: string, source: string): Markup {
  const text = source.replaceAll(`</${name}`, `<\\/${name}`)
  return new Markup(`<${name} nonce="${nonce}">${text}</${name}>`)
}

const figureNames = [
  ['users', 'Users'],
  ['started', 'Users started per second'],
  ['requests', 'Requests per second'],
  ['errors', 'Errors'],
  ['p50', 'Request p50'],
  ['p95', 'Request p95'],
  ['p99', 'Request p99'],
  ['response', 'Response p99'],
] as const

function figures(): Markup {
  const cells = figureNames.map(
    ([id, label]) =>
      html`<div><dt>${label}</dt><dd id="figure-${id}"><span>–</span><small></small></dd></div>`,
  )
  return html`<dl class="figures" aria-label="How the run is doing">${cells}</dl>`
}

function steering(): Markup {
  return html`<section aria-labelledby="steering">
<h2 id="steering" tabindex="-1">Steering</h2>
<form id="steer" class="steer" autocomplete="off">
${field('arrivals', 'Arrivals, times the plan', 'min="0" max="1000" step="any" value="1" required')}
${field('think', 'Think times, times the plan', 'min="0" max="1000" step="any" value="1" required')}
${field('rate', 'Constant rate, requests per second', 'min="0" step="any" placeholder="as the scenario"')}
<button type="submit" class="main">Apply</button>
</form>
<div class="buttons">
<button type="button" id="pause">Pause</button>
<button type="button" id="skip">Skip this phase</button>
<button type="button" id="stop" class="grave">Stop the run…</button>
</div>
<p id="said" class="note" role="status"></p>
<dialog id="confirm" aria-labelledby="confirm-title">
<h2 id="confirm-title">Stop this run?</h2>
<p>Nobody starts any more; users who play have some time to end; then the run is judged and reported. This cannot be undone.</p>
<form method="dialog" class="buttons">
<button value="no" autofocus>Go on</button>
<button value="stop" class="grave">Stop the run</button>
<button value="cut" class="grave">Stop at once</button>
</form>
</dialog>
</section>`
}

function field(id: string, label: string, attributes: string): Markup {
  return html`<label for="${id}">${label}
<input type="number" inputmode="decimal" id="${id}" ${new Markup(attributes)}></label>`
}

const chartNames = [
  ['arrivals', 'Users started, against the plan', 'per second'],
  ['users', 'Users and connections', 'at the same time'],
  ['requests', 'Requests', 'per second'],
  ['request', 'Request time, from when it was sent', 'ms'],
  ['response', 'Response time, from the intended start', 'ms'],
  ['errors', 'Errors', 'per second'],
  ['hosts', 'Hosts, the one that fares worst', '%'],
  ['network', 'Network of all hosts', 'kB per second'],
] as const

function chartsSection(): Markup {
  const list = chartNames.map(
    ([id, title, unit]) => html`<figure id="chart-${id}" aria-labelledby="title-${id}">
<figcaption><span id="title-${id}">${title}</span> <span class="unit">${unit}</span></figcaption>
<div class="plot" role="img" aria-labelledby="title-${id} description-${id}"></div>
<p class="description" id="description-${id}">No numbers yet.</p>
</figure>`,
  )
  return html`<section aria-labelledby="time">
<h2 id="time">Over time</h2>
<div class="buttons" role="group" aria-label="How much the charts show">
<button type="button" class="span" data-seconds="120" aria-pressed="false">2 minutes</button>
<button type="button" class="span" data-seconds="600" aria-pressed="true">10 minutes</button>
<button type="button" class="span" data-seconds="3600" aria-pressed="false">the last hour</button>
</div>
<div class="charts">
${list}</div>
</section>`
}

function tables(): Markup {
  return html`${table('phases', 'Phases', ['phase', 'begins', 'lasts', 'users planned', 'per second', 'state'])}
${table('errors', 'Errors', ['name', 'count', 'the first of it'])}
${table('launchers', 'Launchers', [
  'launcher',
  'host',
  'state',
  'users',
  'CPU',
  'loop delay',
  'GC',
  'memory',
  'connections',
  'descriptors',
  'last heard',
])}
${table('hosts', 'Hosts', [
  'host',
  'CPU',
  'stolen',
  'memory free',
  'received',
  'sent',
  'TCP sockets',
  'TIME_WAIT',
  'ports of an address',
  'descriptors',
  'last told',
])}
<section aria-labelledby="log"><h2 id="log">Events</h2>
<ol id="events" class="events" reversed tabindex="0" aria-labelledby="log"></ol></section>`
}

/** Columns of words. */
const texts: ReadonlySet<string> = new Set(['host', 'state', 'the first of it'])

function table(id: string, title: string, columns: readonly string[]): Markup {
  const cells: HtmlValue = columns.map(
    (name, at) =>
      html`<th scope="col" class="${at === 0 || texts.has(name) ? 'text' : ''}">${name}</th>`,
  )
  return html`<section aria-labelledby="heading-${id}"><h2 id="heading-${id}">${title}</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="heading-${id}"><table id="${id}">
<thead><tr>${cells}</tr></thead><tbody></tbody></table></div>
<p class="note" id="none-${id}">None so far.</p></section>`
}
