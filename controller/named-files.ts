/**
 * Files that users name while they play: certificates whose path has markers (`certs/%%_user%%.pem`). Launchers on this
 * machine read them where they lie; to other hosts every file is brought that the path could name.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { isAbsolute, join, posix, resolve } from 'node:path'
import { parseTemplate } from '../core/dynvars/template.ts'
import type { Action, Scenario } from '../core/scenario/model.ts'

export interface NamedFiles {
  /** Absolute paths on this machine, sorted. */
  readonly paths: readonly string[]
  /** What is not brought, and why. */
  readonly warnings: readonly string[]
}

export interface NamedFilesBounds {
  readonly files: number
  readonly bytes: number
  /** Entries of folders that are looked at. */
  readonly entries: number
}

/** Certificates have a few KB; more than this would delay the start of every host. */
export const namedFilesBounds: NamedFilesBounds = {
  files: 10_000,
  bytes: 64 * 1024 * 1024,
  entries: 100_000,
}

/** @param folder of the scenario, absolute: files outside it are not brought */
export function findNamedFiles(
  scenario: Scenario,
  folder: string,
  bounds: NamedFilesBounds = namedFilesBounds,
): NamedFiles {
  const warnings: string[] = []
  const patterns: Pattern[] = []
  for (const path of patternsOf(scenario)) {
    const pattern = patternFrom(path)
    if (pattern !== null) patterns.push(pattern)
    else {
      const where = isAbsolute(path) ? 'is absolute' : 'leads out of the scenario’s folder'
      warnings.push(`files named by ${path} are not brought to other hosts: the path ${where}`)
    }
  }
  if (patterns.length === 0) return { paths: [], warnings }
  const search = new Search(folder, patterns, bounds)
  search.look('')
  if (search.over !== null) {
    const text = `not all files that certificates may name are brought to other hosts: ${search.over}`
    warnings.push(`${text}; keep them in a folder of their own below ${folder}`)
  }
  return { paths: search.paths.sort(), warnings }
}

/** Paths of certificates with markers in them, each once. */
function patternsOf({ sessions }: Scenario): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (actions: readonly Action[]): void => {
    for (const action of actions) {
      if ('actions' in action) look(action.actions)
      else if (action.type === 'set_option' && action.option.name === 'certificate') {
        const { ca, cert, key } = action.option.certificate
        for (const file of [ca, cert, key])
          if (file !== null && 'path' in file) found.add(file.path)
      }
    }
  }
  for (const { actions } of sessions) look(actions)
  return found
}

interface Pattern {
  readonly matches: RegExp
  /** With which every path begins. */
  readonly prefix: string
}

/** What the constant parts leave open; null: it may lie outside the scenario's folder. */
function patternFrom(path: string): Pattern | null {
  // NUL stands in no path.
  const marked = parseTemplate(path).map((part) => (typeof part === 'string' ? part : '\0'))
  const normal = posix.normalize(marked.join(''))
  if (isAbsolute(normal) || normal.startsWith('../')) return null
  const constants = normal.split('\0')
  const matches = new RegExp(`^${constants.map(escaped).join('.*')}$`, 's')
  return { matches, prefix: constants[0]! }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

class Search {
  readonly paths: string[] = []
  /** Why not everything was found; null: it was. */
  over: string | null = null
  readonly #folder: string
  readonly #patterns: readonly Pattern[]
  readonly #bounds: NamedFilesBounds
  #entries = 0
  #bytes = 0

  constructor(folder: string, patterns: readonly Pattern[], bounds: NamedFilesBounds) {
    this.#folder = folder
    this.#patterns = patterns
    this.#bounds = bounds
  }

  /** @param below path from the folder; empty or with a slash at its end */
  look(below: string): void {
    for (const entry of entriesOf(resolve(this.#folder, below))) {
      if (this.over !== null) return
      if (++this.#entries > this.#bounds.entries) {
        this.over = `there are more than ${this.#bounds.entries} files to look at`
        return
      }
      const path = below + entry.name
      if (entry.isDirectory()) {
        if (this.#mayHold(`${path}/`)) this.look(`${path}/`)
      } else if (this.#patterns.some(({ matches }) => matches.test(path))) this.#take(path)
    }
  }

  #mayHold(below: string): boolean {
    return this.#patterns.some(({ prefix }) => prefix.startsWith(below) || below.startsWith(prefix))
  }

  #take(path: string): void {
    const absolute = join(this.#folder, path)
    const stat = statSync(absolute, { throwIfNoEntry: false })
    if (!stat?.isFile()) return
    if (this.paths.length >= this.#bounds.files) {
      this.over = `there are more than ${this.#bounds.files}`
    } else if (this.#bytes + stat.size > this.#bounds.bytes) {
      this.over = `they have more than ${this.#bounds.bytes} bytes together`
    } else {
      this.#bytes += stat.size
      this.paths.push(absolute)
    }
  }
}

/** None of a folder that cannot be read: its files cannot be either. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
