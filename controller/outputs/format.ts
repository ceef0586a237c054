/** Numbers for people: fixed English, so that what is pasted reads the same everywhere. */

/** `12,345` */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** Three digits that count: `0.042`, `1.23`, `45.6`, `1,234`. */
export function msText(ms: number): string {
  return digitsText(ms, 3)
}

/** `0.50`, `12.3`, `1,234`: events per second. */
export function rateText(perSecond: number): string {
  return digitsText(perSecond, 2)
}

/** `0:07`, `12:03`, `8:00:00` */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** `512 B`, `1.5 kB`, `23.4 MB`: decimal units. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** `100 %`, `99.95 %`: never rounded up to 100. */
export function percentText(share: number): string {
  if (share === 1) return '100 %'
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`
}

/** `1 user`, `2 users` */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** At most `columns` characters; the last one says that some are missing. */
export function shortened(text: string, columns: number): string {
  const characters = [...text]
  return characters.length <= columns ? text : `${characters.slice(0, columns - 1).join('')}…`
}

/** Text from a scenario or a target without what could steer a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '·')
}

function digitsText(value: number, smallest: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const decimals = size < 0.9995 ? smallest : size < 9.995 ? 2 : size < 99.95 ? 1 : 0
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
}
