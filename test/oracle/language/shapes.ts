/** Random values are compared by their shape: `NAME=VALUE` in a request becomes `NAME=ok` when the value is as NAME says. */

const shapes: { readonly [name: string]: (value: string) => boolean } = {
  'from-5-to-9': (value) => /^[5-9]$/.test(value),
  'from-1-to-10': (value) => /^([1-9]|10)$/.test(value),
  'letters-20': (value) => /^[a-z]{20}$/.test(value),
  'letters-7': (value) => /^[a-z]{7}$/.test(value),
  'user-id': (value) => /^[1-9]\d*$/.test(value),
  'really-unique': (value) => /^1\d{9}-[1-9]\d*$/.test(value),
  cnonce: (value) => /^1\d{9}-[1-9]\d*$/.test(value),
  'line-of-names': (value) => ['ann', 'bob', 'cleo'].includes(value),
  oauth_nonce: (value) => /^[A-Za-z0-9]{10}$/.test(value),
  oauth_timestamp: (value) => /^1\d{9}$/.test(value),
  oauth_signature: (value) => /^([\w.~-]|%[0-9A-F]{2}){28,60}$/.test(value),
  epoch: (value) => /^1\d{9}$/.test(value),
}

export function withShapes(text: string): string {
  return text.replaceAll(/([a-z][\w-]*)="?([^&\s,"]+)"?/g, (whole, name: string, value: string) =>
    shapes[name]?.(value) === true ? `${name}=ok` : whole,
  )
}
