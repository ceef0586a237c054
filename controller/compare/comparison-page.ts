/** A comparison as one HTML file that opens offline, in the report's style. */
import { countText, durationText } from '../outputs/format.ts'
import { html, type Markup, styleElement } from '../report/html.ts'
import { style } from '../report/style.ts'
import { table } from '../report/tables.ts'
import type { ComparedRow, Comparison, RunLine } from './compare-runs.ts'
import { boundsText, changeText, figureText, valueText, verdictText } from './comparison-text.ts'

export function comparisonPage(comparison: Comparison): string {
  const [first, ...later] = comparison.runs
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${first!.scenario}: comparison of ${comparison.runs.length} runs</title>
<link rel="icon" href="data:,">
${styleElement(style)}
${styleElement(ownStyle)}
</head>
<body>
<header>
<h1>${first!.scenario}, compared</h1>
<p class="note">${later.length === 1 ? 'One run' : `${later.length} runs`} against ${first!.name}.</p>
</header>
<main>
${limitsSection(comparison)}
<section aria-labelledby="runs">
<h2 id="runs">Runs</h2>
${runsTable(comparison.runs)}
</section>
${later.map((run) => runSection(run, comparison))}
${methodSection(comparison)}
</main>
</body>
</html>
`.text
}

function limitsSection({ limits, exceeded, untold }: Comparison): Markup | null {
  if (limits.length === 0) return null
  const [kind, word] =
    exceeded.length > 0
      ? ['invalid', 'Slower than allowed']
      : untold.length > 0
        ? ['suspect', 'Cannot be told']
        : ['valid', 'As fast as asked']
  const items = [
    ...exceeded.map(
      ({ expression, run, metric, statistic, change }) =>
        html`<li>${statistic}(${metric}) of ${run} is slower by ${(100 * change).toFixed(1)} % <code>${expression}</code></li>`,
    ),
    ...untold.map((text) => html`<li>${text}</li>`),
  ]
  const said = limits.map(({ expression }) => expression).join(', ')
  return html`<section class="verdict ${kind}" aria-labelledby="limits">
<h2 id="limits">${word}</h2>
<p>Limits: ${said}.</p>
${items.length > 0 ? html`<ul>${items}</ul>` : null}
</section>`
}

function runsTable(runs: readonly RunLine[]): Markup {
  const head = ['run', 'started', 'scenario', 'verdict', 'users started', 'duration']
  const rows = runs.map((run) => [
    run.name,
    html`<td class="text">${run.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</td>`,
    html`<td class="text">${run.scenario}</td>`,
    html`<td class="text">${run.verdict}</td>`,
    run.startedUsers === null ? '–' : countText(run.startedUsers),
    durationText(run.durationMs),
  ])
  return table('The runs; the first is what the others are compared with', head, rows)
}

function runSection(run: RunLine, { rows }: Comparison): Markup {
  const own = rows.filter((row) => row.run === run.name)
  const doubts = run.doubts.map((doubt) => html`<li>${doubt}</li>`)
  const doubtful =
    doubts.length === 0
      ? null
      : html`<div class="verdict suspect"><p>Read this before the numbers:</p><ul>${doubts}</ul></div>`
  const whole = own.filter((row) => !row.isPart)
  const parts = own.filter((row) => row.isPart)
  return html`<section aria-label="${run.name}">
<h2>${run.name}</h2>
${doubtful}
${rowsTable(`The whole run: ${run.name} against the first`, whole)}
${parts.length > 0 ? rowsTable(`Transactions, tags and the like: ${run.name} against the first`, parts) : null}
</section>`
}

function rowsTable(caption: string, rows: readonly ComparedRow[]): Markup {
  const head = ['', 'before', 'after', 'change', 'lies between', '', 'verdict']
  const cells = rows.map((row) => [
    figureText(row),
    valueText(row, row.before),
    valueText(row, row.after),
    changeText(row, row.change),
    boundsText(row),
    html`<td class="text">${bar(row)}</td>`,
    html`<td class="text ${row.verdict}">${verdictText(row)}</td>`,
  ])
  return table(caption, head, cells)
}

const barWidth = 120

/** The bounds as a line around no change, ± 20 % wide at most. The cells beside it say the same in numbers. */
function bar({ low, high, change, statistic, verdict }: ComparedRow): Markup | null {
  if (low === null || high === null || change === null) return null
  const reach = statistic === 'share' ? 0.02 : 0.2
  const at = (value: number): string =>
    ((barWidth / 2) * (1 + Math.max(-1, Math.min(1, value / reach)))).toFixed(1)
  return html`<svg class="bar ${verdict}" width="${barWidth}" height="14" aria-hidden="true" focusable="false">
<line class="zero" x1="${barWidth / 2}" x2="${barWidth / 2}" y1="0" y2="14"/>
<line x1="${at(low)}" x2="${at(high)}" y1="7" y2="7"/><circle cx="${at(change)}" cy="7" r="3"/></svg>`
}

function methodSection({ alpha, least, afterMs }: Comparison): Markup {
  const left = afterMs > 0 ? ` The first ${durationText(afterMs)} of each run are left out.` : ''
  return html`<section aria-labelledby="method">
<h2 id="method">How to read this</h2>
<p>Each run is cut into about 10 batches; how much they differ among themselves says how much of a change is chance.${left}
A change is told when its bounds leave 0 out, at a level that takes all figures of this page together: if nothing differs,
one wrong verdict or more comes up with a chance of ${(100 * alpha).toFixed(0)} % at most. Changes below ${(100 * least).toFixed(1)} % are not told.</p>
<p>“No difference told” is not “the same”: the bounds say how large a difference may hide. What differs between two runs
of the same target (caches, neighbours, the time of day) differs here too: repeat a run before you act on a small change.</p>
</section>`
}

const ownStyle = `
td.worse { color: var(--bad); font-weight: 600; }
td.better { color: var(--good); font-weight: 600; }
td.no-difference, td.unknown { color: var(--muted); }
.bar { display: block; stroke: var(--muted); stroke-width: 2; fill: var(--muted); }
.bar circle { stroke: none; }
.bar.worse { stroke: var(--bad); fill: var(--bad); }
.bar.better { stroke: var(--good); fill: var(--good); }
.bar .zero { stroke: var(--line); stroke-width: 1; }
`
