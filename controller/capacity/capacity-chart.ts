/** What a condition came to at each rate, as a picture: both axes logarithmic, save shares. Pure. */
import { msText, rateText } from '../outputs/format.ts'
import { html, type Markup } from '../report/html.ts'
import { outcomeWords, perSecond } from './capacity-text.ts'
import { type CapacityReport, countedWords, type ObjectiveLine, type Step } from './model.ts'

const width = 640
const height = 260
const left = 72
const right = 20
const top = 16
const bottom = 34
/** Between two ticks, in pixels. */
const xSpacing = 44
const ySpacing = 20
/** Ticks of an axis that is not logarithmic, at most. */
const tickCount = 5

interface Dot {
  readonly step: Step
  readonly rate: number
  readonly value: number
}

/** @param at of the condition in the objective; null: nothing was measured of it */
export function conditionChart(report: CapacityReport, at: number): Markup | null {
  const condition = report.objective[at]!
  const dots = report.steps.flatMap((step): Dot[] => {
    const value = step.findings[at]?.value ?? null
    return value === null ? [] : [{ step, rate: step.ratePerSecond, value }]
  })
  if (dots.length === 0) return null
  const x = logScale(
    dots.map(({ rate }) => rate),
    left,
    width - right,
    xSpacing,
  )
  const values = [...dots.map(({ value }) => value), condition.limit]
  const isLog = condition.of === 'ms' && values.every((value) => value > 0)
  const y = isLog
    ? logScale(values, height - bottom, top, ySpacing)
    : linearScale(values, height - bottom, top)
  const { ratePerSecond } = report.answer
  const { of } = report.limits
  const counted = countedWords[of]
  const answer = ratePerSecond === null ? null : x.place(ratePerSecond)
  return html`<figure aria-labelledby="condition-${at}">
<figcaption><span id="condition-${at}">${condition.expression}</span> <span class="unit">over ${counted} per second</span></figcaption>
<svg class="search" viewBox="0 0 ${width} ${height}" role="img" aria-label="${described(condition, dots, counted)}">
${x.ticks.map((tick) => xTick(x.place(tick), tickText(tick)))}
${y.ticks.map((tick) => yTick(y.place(tick), tickLabel(condition, tick)))}
<line class="limit" x1="${left}" x2="${width - right}" y1="${y.place(condition.limit)}" y2="${y.place(condition.limit)}"/>
${answer === null ? null : html`<line class="answer" x1="${answer}" x2="${answer}" y1="${top}" y2="${height - bottom}"/>`}
${dots.map(({ step, rate, value }) => dot(step, x.place(rate), y.place(value), `${perSecond(rate, of)}: ${valueLabel(condition, value)}`))}
</svg>
</figure>
`
}

function dot(step: Step, x: number, y: number, value: string): Markup {
  const title = `step ${step.number}, ${value}, ${outcomeWords[step.outcome]}`
  return html`<circle class="${step.outcome}" cx="${x}" cy="${y}" r="5"><title>${title}</title></circle>
`
}

function xTick(x: number, label: string): Markup {
  return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${height - bottom}"/><text x="${x}" y="${height - bottom + 18}" text-anchor="middle">${label}</text>
`
}

function yTick(y: number, label: string): Markup {
  return html`<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/><text x="${left - 8}" y="${y + 4}" text-anchor="end">${label}</text>
`
}

function tickLabel({ of }: ObjectiveLine, value: number): string {
  if (of === 'ms') return `${tickText(value)} ms`
  return of === 'share' ? `${tickText(100 * value)} %` : tickText(value)
}

/** `0.5`, `70`, `2,000` */
function tickText(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

function valueLabel({ of }: ObjectiveLine, value: number): string {
  if (of === 'ms') return `${msText(value)} ms`
  return of === 'share' ? `${Number((100 * value).toPrecision(3))} %` : rateText(value)
}

function described({ expression }: ObjectiveLine, dots: readonly Dot[], counted: string): string {
  const held = dots.filter(({ step }) => step.outcome === 'held')
  const rates = dots.map(({ rate }) => rate)
  const range = `${rateText(Math.min(...rates))} to ${rateText(Math.max(...rates))} ${counted} per second`
  return `${expression} in ${dots.length} steps from ${range}; ${held.length} of them hold. The table below has the numbers.`
}

interface Scale {
  readonly ticks: readonly number[]
  place(value: number): number
}

/** @param from where the lowest value lies, in pixels; `to`: the highest; `spacing`: between two ticks, at least */
function logScale(values: readonly number[], from: number, to: number, spacing: number): Scale {
  const low = Math.min(...values) / 1.15
  const high = Math.max(...values) * 1.15
  const place = (value: number): number =>
    tidy(from + ((to - from) * Math.log(value / low)) / Math.log(high / low))
  const ticks: number[] = []
  const decades = Math.log10(high / low)
  const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) {
      const tick = step * 10 ** power
      const isFree = ticks.length === 0 || Math.abs(place(tick) - place(ticks.at(-1)!)) >= spacing
      if (tick >= low && tick <= high && isFree) ticks.push(tick)
    }
  }
  return { ticks, place }
}

function linearScale(values: readonly number[], from: number, to: number): Scale {
  const high = Math.max(...values) * 1.1 || 1
  const place = (value: number): number => tidy(from + ((to - from) * value) / high)
  const step = 10 ** Math.floor(Math.log10(high / tickCount))
  const nice = [1, 2, 5, 10].map((each) => each * step).find((each) => high / each <= tickCount)!
  const count = Math.floor(high / nice)
  return { ticks: Array.from({ length: count + 1 }, (_, at) => at * nice), place }
}

/** Tenths of a pixel. */
function tidy(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
