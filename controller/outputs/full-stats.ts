/**
 * tsung-fullstats.log (`backend="fullstats"`): every single value, as Erlang terms in the order of arrival, which
 * `tsung_percentile.pl` reads. Source: reference tsung-core.md, 8.5; checked against Tsung 1.7.0.
 */
import { join } from 'node:path'
import { isInTsungLog } from '../../core/stats/names.ts'
import type { Output, RunHead, Second } from '../model.ts'
import { erlangFloat } from './erlang-number.ts'
import { FileSink, type OnTrouble } from './sink.ts'

/** Samples that stand in a term of their own; others in a list of terms. */
const listed = new Set(['request', 'connect', 'page'])

export function fullStats(options: { readonly onTrouble: OnTrouble }): Output {
  let sink: FileSink | null = null
  let connected = 0
  return {
    start(head: RunHead): void {
      if (head.scenario.backend !== 'fullstats') return
      sink = new FileSink(join(head.folder, 'tsung-fullstats.log'), options.onTrouble)
    },
    lines(stream, lines): void {
      if (stream !== 'sample' || sink === null) return
      for (const line of lines) sink.write(samplesText(line))
    },
    /** Tsung has counters twice a second, a term for each time; here are their sums, once a second. */
    second(second: Second): void {
      const sums = [...second.totals.counters].filter(
        ([name, value]) => value !== 0 && isInTsungLog(name),
      )
      if (second.connected !== connected) sums.push(['connected', second.connected - connected])
      connected = second.connected
      const terms = sums.map(([name, value]) => `{sum,${atom(name)},${value}}`)
      if (terms.length > 0) sink?.write(`[${terms.join(',\n ')}]\n`)
    },
    event(): void {
      // Events stand in events.ndjson.
    },
    end(): void {
      // Nothing stands at its end.
    },
    async close(): Promise<void> {
      await sink?.close()
    },
  }
}

/** @param line JSON: [name, ms, ms, …]; what is no such thing is left out */
function samplesText(line: string): string {
  const [name, ...values] = parsed(line)
  const floats = values.filter((each) => typeof each === 'number').map(erlangFloat)
  if (typeof name !== 'string' || floats.length === 0) return ''
  if (listed.has(name)) return `{sample,${name},[${floats.join(',')}]}\n`
  return `[${floats.map((each) => `{sample,${atom(name)},${each}}`).join(',\n ')}]\n`
}

function parsed(line: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(line)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** A name as an Erlang atom; status codes are numbers there. */
function atom(name: string): string {
  if (/^(?:[a-z][\w@]*|\d+)$/.test(name)) return name
  return `'${name.replace(/['\\]/g, '\\$&')}'`
}
