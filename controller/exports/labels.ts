/** Names of metrics, taken apart into labels. */

export type Labels = { readonly [label: string]: string }

/** What a metric is measured within, when it is not the whole run. */
const within = /^(request|response|failed)\.(tr|tag)_(.*)$/s
const labelOf: { readonly [part: string]: string } = { tr: 'transaction', tag: 'tag' }

/** `request`; `tr_buy`: the transaction itself; `request.tr_buy`, `request.tag_cart`: requests within it. */
export function labelsOf(name: string): Labels {
  if (name.startsWith('tr_')) return { metric: 'transaction', transaction: name.slice(3) }
  const [, metric, part, rest] = within.exec(name) ?? []
  return metric === undefined ? { metric: name } : { metric, [labelOf[part!]!]: rest! }
}
