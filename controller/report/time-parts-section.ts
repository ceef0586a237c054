/** Where the time went, as stacked bars with the same numbers in a table. */
import { countText, msText } from '../outputs/format.ts'
import { html, type Markup } from './html.ts'
import { table } from './tables.ts'
import { type PartName, partMeanings, partNames, type TimeParts } from './time-parts.ts'

/** Kinds of requests that get a bar; the table has all. */
const barsMax = 12

export function timePartsSection(kinds: readonly TimeParts[]): Markup | null {
  if (kinds.length === 0) return null
  const used = partNames.filter((name) =>
    kinds.some(({ parts }) => parts.some((each) => each.name === name)),
  )
  const longest = Math.max(...kinds.map(totalMs), 1e-9)
  const keys = used.map(
    (name) =>
      html`<li><svg class="key" width="12" height="12" aria-hidden="true" focusable="false"><rect class="part-${classOf(name)}" width="12" height="12"/></svg> ${name}</li>`,
  )
  const bars = kinds.slice(0, barsMax).map((kind) => barOf(kind, longest))
  const head = ['requests', 'count', ...used.map((name) => `${name} ms`), 'together ms']
  const rows = kinds.map((kind) => [
    kind.title,
    countText(kind.count),
    ...used.map((name) => {
      const part = kind.parts.find((each) => each.name === name)
      return part === undefined ? '' : msText(part.ms)
    }),
    msText(totalMs(kind)),
  ])
  const meanings = used.map((name) => html`<dt>${name}</dt><dd>${partMeanings[name]}</dd>`)
  return html`<section aria-labelledby="parts">
<h2 id="parts">Where the time went</h2>
<p class="note">On average for each request; together they are <code>response</code>.</p>
<ul class="keys">${keys}</ul>
<div class="parts">${bars}</div>
${table('Mean time of each part', head, rows)}
<details><summary>What these parts mean</summary><dl>${meanings}</dl></details>
</section>`
}

function barOf(kind: TimeParts, longest: number): Markup {
  let at = 0
  const rects = kind.parts.map(({ name, ms }) => {
    const width = (100 * ms) / longest
    const rect = html`<rect class="part-${classOf(name)}" x="${at.toFixed(3)}%" width="${width.toFixed(3)}%" height="18"/>`
    at += width
    return rect
  })
  const words = kind.parts.map(({ name, ms }) => `${name} ${msText(ms)} ms`).join(', ')
  return html`<div class="part-title">${kind.title}</div><svg class="part-bar" height="18" role="img" aria-label="${kind.title}: ${words}">${rects}</svg>`
}

function totalMs({ parts }: TimeParts): number {
  return parts.reduce((sum, { ms }) => sum + ms, 0)
}

function classOf(name: PartName): string {
  return name.replace(' ', '-')
}
