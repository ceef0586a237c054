/** What the metrics mean, in a sentence each. Source: Tsung manual; DESIGN.md section 8. */

const metrics: { readonly [name: string]: string } = {
  request:
    'From when a request was sent (its last attempt, a connect it needed included) until its answer was complete. As in Tsung.',
  response:
    'From when a request was due (arrival or think time over) until its answer was complete. What a user would have felt.',
  connect: 'From the call to connect until connected, TLS handshake included. As in Tsung.',
  tcp_connect: 'The TCP part of connect.',
  tls: 'The TLS handshake.',
  ttfb: 'From the last byte written until the first byte of the answer.',
  late: 'How late the load generator itself was: from when a request was due and its user free until it was sent.',
  page: 'Consecutive requests without a think time between them. As in Tsung.',
  session: 'The life of a user, think times included. As in Tsung.',
}

const columns: { readonly [name: string]: string } = {
  count: 'How many values there are.',
  'rate/s': 'Count divided by the length of the run.',
  mean: 'Arithmetic mean.',
  stddev: 'Standard deviation: how far values usually are from the mean.',
  p50: 'The median: half of all values are below it.',
  p75: '75 % of all values are below it.',
  p90: '90 % of all values are below it.',
  p95: '95 % of all values are below it.',
  p99: '99 % of all values are below it.',
  'p99.9': '99.9 % of all values are below it.',
}

/** Null when the name needs no words, or they are the scenario's own. */
export function definition(name: string): string | null {
  if (name.startsWith('tr_')) {
    return `The scenario's transaction "${name.slice('tr_'.length)}", from its first request to its end.`
  }
  return metrics[name] ?? null
}

export function columnDefinition(name: string): string | null {
  return columns[name] ?? null
}
