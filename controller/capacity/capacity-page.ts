/** A search as one HTML file that opens offline, in the report's style. Pure. */
import { countText, durationText, plural, rateText } from '../outputs/format.ts'
import { html, type Markup, styleElement } from '../report/html.ts'
import { style } from '../report/style.ts'
import { table } from '../report/tables.ts'
import { conditionChart } from './capacity-chart.ts'
import { objectiveText, outcomeWords, perSecond } from './capacity-text.ts'
import {
  type AnswerKind,
  type CapacityReport,
  countedWords,
  type Finding,
  type Searched,
  type Step,
} from './model.ts'

export function capacityPage(report: CapacityReport): string {
  const counted = countedWords[report.limits.of]
  const started = report.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${report.scenario}: capacity</title>
<link rel="icon" href="data:,">
${styleElement(style)}
${styleElement(ownStyle)}
</head>
<body>
<header>
<h1>${report.scenario}: how many ${counted} a second hold</h1>
<p class="note">${started}, ${durationText(report.durationMs)} long, seed ${report.seed}</p>
</header>
<main>
${answerSection(report)}
${figures(report)}
<section aria-labelledby="picture">
<h2 id="picture">What was seen at each rate</h2>
<p class="note">A dot is a step: full where the whole objective holds, hollow where it is missed, dotted where the run cannot be trusted. The dashed line is the limit, the upright one the answer.</p>
<div class="charts">
${report.objective.map((_, at) => conditionChart(report, at))}</div>
</section>
<section aria-labelledby="steps">
<h2 id="steps">Steps</h2>
${report.steps.length === 0 ? html`<p>None came to its end.</p>` : stepsTable(report)}
</section>
${methodSection(report)}
</main>
<footer class="note">Made by tsts ${report.tsts}.</footer>
</body>
</html>
`.text
}

const headings: { readonly [kind in AnswerKind]: readonly [word: string, look: string] } = {
  found: ['Found', 'valid'],
  to: ['It holds as far as was asked', 'valid'],
  generator: ['A lower bound: the load generator was the limit', 'suspect'],
  budget: ['A lower bound: the time was over', 'suspect'],
  interrupted: ['Interrupted', 'suspect'],
  none: ['It holds nowhere', 'invalid'],
}

function answerSection(report: CapacityReport): Markup {
  const [word, look] = headings[report.answer.kind]
  const notes = report.notes.map((note) => html`<li>${note}</li>`)
  return html`<section class="verdict ${look}" aria-labelledby="answer">
<h2 id="answer">${word}</h2>
<p>${objectiveText(report)}: ${report.text}.</p>
${notes.length > 0 ? html`<ul>${notes}</ul>` : null}
</section>`
}

function figures({ answer, steps, durationMs, limits }: CapacityReport): Markup {
  const each = `${countedWords[limits.of]} per second`
  const { ratePerSecond, missedPerSecond } = answer
  const sum = (value: (step: Step) => number): number =>
    steps.reduce((total, step) => total + value(step), 0)
  const items: readonly (readonly [string, string, string])[] = [
    [
      'Highest that holds',
      ratePerSecond === null ? '–' : rateText(ratePerSecond),
      ratePerSecond === null ? 'no rate held' : each,
    ],
    [
      'Lowest that is missed',
      missedPerSecond === null ? '–' : rateText(missedPerSecond),
      missedPerSecond === null ? 'no rate was missed' : each,
    ],
    ['Steps', countText(steps.length), `in ${durationText(durationMs)}`],
    [
      'Requests measured',
      countText(sum(({ requests }) => requests)),
      `first rate ${perSecond(limits.from, limits.of)}`,
    ],
  ]
  const cells = items.map(
    ([name, value, more]) =>
      html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`,
  )
  return html`<dl class="figures" aria-label="Key figures">${cells}</dl>`
}

function stepsTable({ steps, objective, limits }: CapacityReport): Markup {
  const head = [
    'step',
    `${countedWords[limits.of]}/s`,
    'measured',
    'requests',
    ...objective.map(({ expression }) => expression),
    'outcome',
    'why',
  ]
  const rows = steps.map((step) => [
    html`<a href="${step.folder}/report.html">${step.number}</a>`,
    rateText(step.ratePerSecond),
    durationText(step.measuredMs),
    countText(step.requests),
    ...step.findings.map(findingCell),
    html`<td class="text ${step.outcome}">${outcomeWords[step.outcome]}</td>`,
    html`<td class="text wide">${whyText(step)}</td>`,
  ])
  return table('In the order they were played; each links to the report of its run', head, rows)
}

function findingCell({ text, error, value, held }: Finding): Markup {
  const doubt = error === null || value === null || error === 0 ? null : (100 * error) / value
  const more = doubt === null ? null : html` <small>±${doubt.toFixed(0)} %</small>`
  return html`<td class="${held ? '' : 'bad'}">${text}${more}</td>`
}

function whyText({ reasons, close, endedEarly }: Step): string {
  return [
    ...reasons,
    ...(close ? ['close to the limit'] : []),
    ...(endedEarly ? ['plainly missed, ended early'] : []),
  ].join('; ')
}

function methodSection({ times, limits }: CapacityReport): Markup {
  const percent = Number((100 * limits.precision).toFixed(2))
  const rate = limits.to === null ? '' : `, never beyond ${perSecond(limits.to, limits.of)}`
  return html`<section aria-labelledby="method">
<h2 id="method">How it was searched</h2>
<p>${stepText[limits.of]} ${times.bringUpMs === 0 ? 'The first' : `Users come in the first ${durationText(times.bringUpMs)}; the next`} ${durationText(times.settleMs)}
are left out, the next ${durationText(times.measureMs)} or more are measured: more where a percentile needs more samples.</p>
<p>The rate is doubled while the objective holds${rate}; then the gap is halved on a logarithmic scale until it is within ${percent} %.
A step is missed as well when ever more ${limits.of === 'rate' ? 'turns' : 'requests'} wait at its end, whatever the times say. Where a value is close to its limit the rate
is played again, ${plural(3, 'time')} at most, and all that was measured counts together; the answer was played twice at least.
“±” is one standard error, from slices of the measured time.</p>
<p>After a rate that was too high the target is probed with few users until it answers as before. A step whose own run is suspect or
invalid${limits.of === 'rate' ? ', or whose users could not take their turns however fast the target answers,' : ''} says nothing about the target.</p>
</section>`
}

const stepText: { readonly [of in Searched]: string } = {
  arrivals:
    'Each step is a run of the scenario with one phase of an even rate of arrivals in place of its own.',
  rate: 'Each step is a run of the scenario: its users come, then all of them together have turns at one rate, at <pace/>.',
}

const ownStyle = `
svg.search { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--muted); }
.search .grid { stroke: var(--line); stroke-width: 1; }
.search .limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
.search .answer { stroke: var(--s1); stroke-width: 1.5; }
.search circle { stroke-width: 2; }
.search .held { fill: var(--good); stroke: var(--good); }
.search .missed { fill: var(--paper); stroke: var(--bad); }
.search .untrusted { fill: var(--paper); stroke: var(--muted); stroke-dasharray: 2 2; }
td.held { color: var(--good); font-weight: 600; }
td.missed { color: var(--bad); font-weight: 600; }
td.untrusted { color: var(--muted); }
td small { color: var(--muted); }
`
