import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './sources.ts'

/** An example with the same users in a tenth of the time, against 127.0.0.1:`port`. */
export function tenTimesAsFast(name: string, port: number): string {
  const tenth = (value: string): string => String(Number(value) / 10)
  return readFileSync(join(root, 'examples', name), 'utf8')
    .replaceAll('port="8080"', `port="${port}"`)
    .replace(/(<load duration=")(\d+)"/, (_, start, value) => `${start}${Math.ceil(value / 10)}"`)
    .replace(
      /(<arrivalphase phase="\d+" duration=")(\d+)" unit="second"/g,
      (_, start, value) => `${start}${Number(value) * 100}" unit="millisecond"`,
    )
    .replace(
      /(<user session="[^"]+" start_time=")(\d+)"/g,
      (_, start, value) => `${start}${tenth(value)}"`,
    )
    .replace(/arrivalrate="(\d+)"/g, (_, value) => `arrivalrate="${Number(value) * 10}"`)
    .replace(/<rate value="(\d+)"/g, (_, value) => `<rate value="${Number(value) * 10}"`)
    .replace(/interarrival="([\d.]+)"/g, (_, value) => `interarrival="${tenth(value)}"`)
    .replace(
      /<thinktime min="(\d+)" max="\d+"/g,
      (_, value) => `<thinktime value="${tenth(value)}"`,
    )
    .replace(/<thinktime value="([\d.]+)"/g, (_, value) => `<thinktime value="${tenth(value)}"`)
}
