/** Messages from user to user: how long they took to first, half and last receiver, and whether all of them came. */

import type { DeliverySummary } from '../outputs/delivery-summary.ts'
import { countText, msText } from '../outputs/format.ts'
import type { Summary } from '../outputs/summary.ts'
import { html, type Markup } from './html.ts'
import { shareOf, table } from './tables.ts'

/** Summaries of versions before it have none. */
export function deliveriesOf(summary: Partial<Summary>): DeliverySummary | null {
  return summary.deliveries ?? null
}

/** Nothing when no message was stamped. */
export function deliveriesSection(summary: Summary): Markup | null {
  const deliveries = deliveriesOf(summary)
  if (deliveries === null) return null
  return html`<section aria-labelledby="deliveries">
<h2 id="deliveries">Deliveries</h2>
<p class="note">From the moment a user sent a message to the moment another one got it. ${clockText(deliveries)}</p>
${timesTable(summary, deliveries)}
${countsTable(deliveries)}
</section>\n`
}

function clockText({ betweenHosts }: DeliverySummary): string {
  const { count, clockErrorMs, withinError, negative, unclocked } = betweenHosts
  if (count === 0) return 'All were measured with one clock.'
  const error = clockErrorMs === null ? 'an error that is not known' : `${msText(clockErrorMs)} ms`
  const less =
    withinError === 0 ? '' : `, and ${countText(withinError)} of them took less than that`
  const zero = negative === 0 ? '' : `; ${countText(negative)} count as 0 ms`
  const unknown = unclocked === 0 ? '' : `; ${countText(unclocked)} were not measured`
  return `${countText(count)} came from another host: its clock is known to within ${error}${less}${zero}${unknown}.`
}

const columns = ['p50', 'p95', 'p99', 'max'] as const

/** Null: no receivers were compared. */
function timesTable({ metrics }: Summary, { receivers }: DeliverySummary): Markup | null {
  if (receivers.length === 0) return null
  const head = ['', 'count', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'receivers']
  const rows = receivers.flatMap(({ metric, messages, min, mean, max }) => {
    const row = (title: string, name: string, more: string): string[] => {
      const times = metrics[name]
      if (times === undefined) return [title, '', '', '', '', '', more]
      return [title, countText(times.count), ...columns.map((key) => msText(times[key])), more]
    }
    const many = `${countText(min)} to ${countText(max)}, mean ${mean.toFixed(1)}`
    return [
      row(metric, metric, ''),
      row(`first receiver of ${countText(messages)} messages`, `${metric}_first`, many),
      row('half of its receivers', `${metric}_median`, ''),
      row('last receiver', `${metric}_last`, ''),
    ]
  })
  return table('From sending to getting a message', head, rows)
}

/** Rows that are there even when they are 0. */
const alwaysTold = 5

function countsTable(deliveries: DeliverySummary): Markup {
  const { delivered } = deliveries
  const rows = (
    [
      ['sent', deliveries.stamped, false],
      ['delivered, to each receiver', delivered, false],
      ['lost', deliveries.lost, true],
      ['again', deliveries.duplicated, true],
      ['out of order', deliveries.lateOrder, true],
      ['too late, or again', deliveries.tooLate, true],
      ['not looked at for loss and order', deliveries.unfollowed, true],
      ['of another run', deliveries.foreign, false],
    ] as const
  )
    .filter(([, count], at) => at < alwaysTold || count > 0)
    .map(([name, count, isPart]) => [
      name,
      countText(count),
      isPart ? shareOf(count, delivered) : '',
    ])
  return table('Messages', ['', 'count', 'of those delivered'], rows)
}
