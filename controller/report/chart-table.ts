/** What a chart shows as a table, for those who do not see it: a dozen of its points. */
import { durationText, msText } from '../outputs/format.ts'
import type { Chart } from './charts.ts'
import { curveGrid, type HeatMap } from './distribution.ts'
import { html, type Markup } from './html.ts'

const rowsMax = 12

/** @param seconds of the points, where the chart has none of its own */
export function chartTable(chart: Chart, seconds: readonly number[]): Markup {
  const x = chart.x ?? seconds
  const head = chart.heat ? ['time', 'most values from', 'to', 'values'] : headOf(chart)
  const rows = placesOf(chart, x.length).map((at) =>
    chart.heat ? heatRow(chart.heat, at) : [xText(chart, x[at]!), ...valuesAt(chart, at)],
  )
  const cells = rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${first ?? ''}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )
  const columns = head.map((name) => html`<th scope="col">${name}</th>`)
  const caption = `${chart.title}, ${chart.unit}: some of its points`
  return html`<details class="points"><summary>As a table<span class="unseen">: ${chart.title}</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><thead><tr>${columns}</tr></thead><tbody>${cells}</tbody></table></div></details>`
}

function headOf({ kind, series }: Chart): readonly string[] {
  const first = kind === 'curve' ? 'percentile' : kind === 'below' ? 'below ms' : 'time'
  return [first, ...series.map(({ label }) => label)]
}

function valuesAt({ series }: Chart, at: number): readonly string[] {
  return series.map(({ values }) => {
    const value = values[at]
    return value == null ? '–' : msText(value)
  })
}

function heatRow({ seconds, borders, columns }: HeatMap, at: number): readonly string[] {
  const column = columns[at]!
  let best = 0
  for (let cell = 2; cell < column.length; cell += 2) {
    if (column[cell + 1]! > column[best + 1]!) best = cell
  }
  const time = durationText(1000 * seconds[at]!)
  if (column.length === 0) return [time, '–', '–', '0']
  const row = column[best]!
  return [time, msText(borders[row]!), msText(borders[row + 1]!), String(column[best + 1]!)]
}

/** p50 and the nines of a curve; of the others points at even distances, the last one included. */
function placesOf({ kind }: Chart, length: number): readonly number[] {
  if (kind === 'curve') {
    const wanted = [0, 0.3, 0.6, 1, 1.3, 2, 3, 4, 5].map((nines) => curveGrid.indexOf(nines))
    return wanted.filter((at) => at >= 0 && at < length)
  }
  const count = Math.min(rowsMax, length)
  return Array.from({ length: count }, (_, row) =>
    count === 1 ? 0 : Math.round((row * (length - 1)) / (count - 1)),
  )
}

function xText({ kind }: Chart, x: number): string {
  if (kind === 'time') return durationText(1000 * x)
  if (kind === 'below') return msText(x)
  return percentileText(x)
}

/** 1 is `p90`, 2 `p99`, 0.3 `p50`. */
export function percentileText(nines: number): string {
  if (nines === 0) return 'least'
  const percent = 100 * (1 - 10 ** -nines)
  const digits = Math.max(0, Math.ceil(nines) - 2)
  return `p${Number(percent.toFixed(nines < 1 ? 0 : digits))}`
}
