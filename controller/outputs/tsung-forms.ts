/** The two forms of Tsung's log: text, which its tools read, and JSON (`backend="json"`). */
import { erlangFloat } from './erlang-number.ts'
import type { Entry, TsungRecord } from './tsung-record.ts'

/** Times are epoch ms. */
export interface TsungForm {
  begin(startMs: number): string
  record(atMs: number, record: TsungRecord): string
  end(endMs: number): string
}

/**
 * ```
 * stats: users NOW MAX
 * stats: connected DELTA NOW
 * stats: COUNTER DELTA TOTAL
 * stats: SAMPLE COUNT MEAN STDDEV MAX MIN GLOBAL_MEAN GLOBAL_COUNT
 * ```
 *
 * Source: Tsung manual, "Statistics and reports"; checked against the log of Tsung 1.7.0.
 */
export const textForm: TsungForm = {
  begin: () => '',
  record: (atMs, { users, usersMax, entries }) => {
    const lines = [`# stats: dump at ${seconds(atMs)}`, `stats: users ${users} ${usersMax}`]
    for (const entry of entries) lines.push(`stats: ${entry.name} ${textColumns(entry)}`)
    return `${lines.join('\n')}\n`
  },
  end: (endMs) => {
    const us = Math.round(endMs * 1000)
    return `EndMonitor:{${Math.floor(us / 1e12)},${Math.floor((us % 1e12) / 1e6)},${us % 1e6}}\n`
  },
}

/** Empty values of samples are integers, as Tsung has them. */
function textColumns(entry: Entry): string {
  switch (entry.type) {
    case 'connected':
      return `${entry.delta} ${entry.now}`
    case 'counter':
      return `${entry.delta} ${entry.total}`
    case 'sample': {
      const { count, mean, stddev, max, min, globalMean, globalCount } = entry
      const before = globalCount === 0 ? '0' : erlangFloat(globalMean)
      const now = count === 0 ? '0 0 0' : `${count} ${erlangFloat(mean)} ${erlangFloat(stddev)}`
      return `${now} ${erlangFloat(max)} ${erlangFloat(min)} ${before} ${globalCount}`
    }
  }
}

/**
 * One object, whole after the end of the run only, in Tsung's own spacing. It begins with an empty record; counters
 * of status codes are called `http_CODE`. Source: reference tsung-core.md, 8.4; checked against Tsung 1.7.0.
 */
export const jsonForm: TsungForm = {
  begin: (startMs) => `{\n "stats": [\n {"timestamp": ${seconds(startMs)},  "samples": []}`,
  record: (atMs, { users, usersMax, entries }) => {
    const samples = [
      `{"name": "users", "value": ${users}, "max": ${usersMax}}`,
      ...entries.map(jsonEntry),
    ]
    return `,\n {"timestamp": ${seconds(atMs)},  "samples": [   ${samples.join(', ')}]}`
  },
  end: () => ']}\n',
}

function jsonEntry(entry: Entry): string {
  const name = JSON.stringify(/^\d{3}$/.test(entry.name) ? `http_${entry.name}` : entry.name)
  switch (entry.type) {
    case 'connected':
      return `{"name": ${name}, "value": ${entry.delta}, "max": ${entry.now}}`
    case 'counter':
      return `{"name": ${name}, "value": ${entry.delta}, "total": ${entry.total}}`
    case 'sample': {
      const { count, mean, stddev, max, min, globalMean, globalCount } = entry
      return (
        `{"name": ${name}, "value": ${count}, "mean": ${mean},"stddev": ${stddev},"max":  ${max},` +
        `"min": ${min} ,"global_mean": ${globalMean} ,"global_count": ${globalCount}}`
      )
    }
  }
}

function seconds(epochMs: number): number {
  return Math.floor(epochMs / 1000)
}
