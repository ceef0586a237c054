/** What the text of a JavaScript module says of its imports and exports, as far as can be told without running it. */

/** Whether the module exports the name; true as well where only running it would tell. */
export function exportsFunction(source: string, name: string): boolean {
  const escaped = name.replace(/[^\w]/g, '\\$&')
  const patterns = [
    `\\bexport\\s+(?:async\\s+)?(?:function\\s*\\*?|const|let|var|class)\\s*${escaped}(?![\\w$])`,
    `\\bexport\\s*\\{[^}]*(?<![\\w$])${escaped}\\s*[,}]`,
    // Destructuring, and what other modules export.
    '\\bexport\\s+(?:const|let|var)\\s*[{[]',
    '\\bexport\\s*\\*',
  ]
  return patterns.some((pattern) => new RegExp(pattern).test(source))
}

const imports: readonly RegExp[] = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
  /^\s*import\s*['"]([^'"\n]+)['"]/gm,
  /\bimport\s*\(\s*['"]([^'"\n]+)['"]/g,
]

/**
 * The first import that cannot be followed from a launcher, which has the module's text alone; null: none. Modules of Node
 * are named with `node:`.
 */
export function importFault(source: string): string | null {
  for (const pattern of imports) {
    for (const [, specifier] of source.matchAll(pattern)) {
      if (!specifier!.startsWith('node:')) return specifier!
    }
  }
  return null
}

/** Everything that a module imports or requires by a name that stands in it, in no order. */
export function importsOf(source: string): readonly string[] {
  const found = [...imports, required].flatMap((pattern) =>
    [...source.matchAll(pattern)].map(([, specifier]) => specifier!),
  )
  return [...new Set(found)]
}

const required = /\brequire\s*\(\s*['"]([^'"\n]+)['"]\s*\)/g
