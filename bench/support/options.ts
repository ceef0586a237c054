import { parseArgs } from 'node:util'

/** Numbers by name, e.g. `{ pairs: 5 }`: each is a flag with that default. */
export type Numbers = { readonly [flag: string]: number }

export type Options<Flags extends Numbers> = { readonly [Flag in keyof Flags]: number } & {
  readonly json: boolean
}

/**
 * The flags of a bench: its numbers, and `--json` (one line for `bench/all.ts` instead of text).
 *
 * @param positional the number that may be given without its flag
 * @throws {TypeError} when a flag is unknown or no positive number
 */
export function options<const Flags extends Numbers>(
  defaults: Flags,
  positional?: keyof Flags & string,
): Options<Flags> {
  const flags: { [flag: string]: { readonly type: 'string' | 'boolean' } } = {
    json: { type: 'boolean' },
  }
  for (const flag of Object.keys(defaults)) flags[flag] = { type: 'string' }
  const parsed = parseArgs({ options: flags, allowPositionals: positional !== undefined })
  const values: { [flag: string]: unknown } = { ...parsed.values }
  if (positional !== undefined && parsed.positionals.length > 0) {
    values[positional] = parsed.positionals[0]
  }
  const numbers = Object.entries(defaults).map(([flag, otherwise]) => {
    const value = values[flag] === undefined ? otherwise : Number(values[flag])
    if (!(value > 0)) throw new TypeError(`--${flag} wants a number above 0, not "${values[flag]}"`)
    return [flag, value] as const
  })
  return { ...Object.fromEntries(numbers), json: values['json'] === true } as Options<Flags>
}
