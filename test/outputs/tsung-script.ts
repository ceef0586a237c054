import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where Tsung's report scripts lie; Debian keeps them in a folder named after the architecture. */
export function tsungScript(name: string): string {
  const otherwise = `/usr/lib/tsung/bin/${name}`
  const places = readdirSync('/usr/lib').map((each) => join('/usr/lib', each, 'tsung/bin', name))
  return places.find((path) => existsSync(path)) ?? otherwise
}
