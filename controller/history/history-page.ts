/** The history of runs as a page: links are relative, so that it works from a disk as from a server. */
import { msText, percentText, plural, rateText } from '../outputs/format.ts'
import { html, type Markup, styleElement } from '../report/html.ts'
import { style } from '../report/style.ts'
import { table } from '../report/tables.ts'
import { lengthText, stateText, timeText, usersText } from './history-text.ts'
import type { PastRun } from './read-history.ts'

/** @param linkOf where the report of a run is, relative to the page; null: it has none */
export function historyPage(
  runs: readonly PastRun[],
  linkOf: (run: PastRun) => string | null,
): string {
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario ?? 'Unknown scenario'))].sort()
  const sections = scenarios.map((name, at) => {
    const own = runs.filter(({ scenario }) => (scenario ?? 'Unknown scenario') === name)
    return html`<section aria-labelledby="scenario-${at}">
<h2 id="scenario-${at}">${name}</h2>
<p class="note">${plural(own.length, 'run')}${trendText(own)}</p>
${trend(own)}
${runsTable(name, own, linkOf)}
</section>`
  })
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Runs</title>
<link rel="icon" href="data:,">
${styleElement(style)}
${styleElement(ownStyle)}
</head>
<body>
<header><h1>Runs</h1>
<p class="note">${plural(runs.length, 'run')} of ${plural(scenarios.length, 'scenario')}.</p></header>
<main>
${sections}
</main>
</body>
</html>
`.text
}

function runsTable(
  scenario: string,
  runs: readonly PastRun[],
  linkOf: (run: PastRun) => string | null,
): Markup {
  const head = ['run', 'started (UTC)', 'verdict', 'exit code', 'duration', 'users']
  const hasTrouble = runs.some(({ trouble }) => trouble !== '')
  const more = ['requests/s', 'failed', 'p95 ms', ...(hasTrouble ? [''] : [])]
  const rows = [...runs].reverse().map((run) => {
    const link = linkOf(run)
    return [
      link === null ? run.name : html`<a href="${link}">${run.name}</a>`,
      html`<td class="text">${timeText(run.startedAt)}</td>`,
      html`<td class="text"><span class="state ${stateText(run)}">${stateText(run)}</span></td>`,
      run.exitCode === null ? '' : String(run.exitCode),
      lengthText(run),
      usersText(run),
      run.requestRate === null ? '' : rateText(run.requestRate),
      run.failedShare === null ? '' : failedText(run.failedShare),
      run.p95Ms === null ? '' : msText(run.p95Ms),
      ...(hasTrouble ? [html`<td class="text wide">${run.trouble}</td>`] : []),
    ]
  })
  return table(`Runs of ${scenario}, the last one first`, [...head, ...more], rows)
}

function failedText(share: number): string {
  return share === 0 ? '0 %' : percentText(share)
}

const chart = { width: 600, height: 80, margin: 6 } as const

/** p95 from run to run, the last one at the right. */
function trend(runs: readonly PastRun[]): Markup | null {
  const values = runs.flatMap(({ p95Ms, state, verdict }) =>
    p95Ms === null ? [] : [{ p95Ms, isSound: state === 'ended' && verdict === 'valid' }],
  )
  if (values.length < 2) return null
  const most = Math.max(...values.map(({ p95Ms }) => p95Ms), 1e-9)
  const points = values.map(({ p95Ms, isSound }, at) => ({
    x: chart.margin + (at * (chart.width - 2 * chart.margin)) / (values.length - 1),
    y: chart.height - chart.margin - (p95Ms / most) * (chart.height - 2 * chart.margin),
    isSound,
  }))
  const dots = points.map(
    ({ x, y, isSound }) =>
      html`<circle class="${isSound ? '' : 'unsound'}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"/>`,
  )
  const line = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  return html`<svg class="trend" viewBox="0 0 ${chart.width} ${chart.height}" role="img"
aria-label="p95 from run to run, from 0 to ${msText(most)} ms; the numbers are in the table">
<polyline points="${line}"/>${dots}</svg>`
}

function trendText(runs: readonly PastRun[]): string {
  const values = runs.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms]))
  if (values.length < 2) return '.'
  return `; p95 between ${msText(Math.min(...values))} and ${msText(Math.max(...values))} ms, ${msText(values.at(-1)!)} ms in the last one. Hollow: a run that is not valid.`
}

const ownStyle = `
.trend { display: block; width: 100%; max-width: 40rem; height: 5rem; margin: .5rem 0 1rem; overflow: visible; }
.trend polyline { fill: none; stroke: var(--s1); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.trend circle { fill: var(--s1); stroke: var(--s1); }
.trend .unsound { fill: var(--paper); }
.state { background: none; }
`
