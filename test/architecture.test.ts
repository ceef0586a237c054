import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync, transformSync } from 'esbuild'
import { root, type Source, sources } from './support/sources.ts'

const layers = ['core', 'plugins', 'launcher', 'controller'] as const
const program = sources(...layers)
const everything = [...program, ...sources('test', 'bench')]

/** What each layer may import of the others. */
const below: { readonly [layer: string]: readonly string[] } = {
  core: ['core'],
  plugins: ['core', 'plugins'],
  launcher: ['core', 'plugins', 'launcher'],
  controller: ['core', 'plugins', 'controller'],
}

/** Where each library may be imported: a folder (with its `/`) or a file. */
const homes: { readonly [dependency: string]: readonly string[] } = {
  '@noble/hashes': ['core/digest.ts'],
  '@opentelemetry/api': ['controller/exports/otlp-metrics.ts'],
  '@opentelemetry/exporter-metrics-otlp-proto': ['controller/exports/otlp-metrics.ts'],
  '@opentelemetry/resources': ['controller/exports/otlp-metrics.ts'],
  '@opentelemetry/sdk-metrics': ['controller/exports/otlp-metrics.ts'],
  'fast-xml-parser': ['core/scenario/'],
  fflate: ['plugins/http/decode-content.ts', 'plugins/websocket/deflate.ts'],
  'hdr-histogram-js': ['core/stats/'],
  htmlparser2: ['core/extract/html.ts'],
  'json-p3': ['core/extract/rfc9535.ts'],
  'log-update': ['controller/live/'],
  'prom-client': ['controller/exports/prometheus-text.ts'],
  seedrandom: ['core/random.ts'],
  'ssh-config': ['controller/ssh/settings.ts'],
  ssh2: ['controller/ssh/'],
  uplot: ['controller/report/'],
  xpath: ['core/extract/xpath.ts'],
  yaml: ['controller/inventory/document.ts'],
  yargs: ['controller/'],
}

const hotPath =
  /^(launcher\/(user|connection|timer-wheel|recorder)[^/]*|plugins\/[^/]+\/(encode|decode)[^/]*)\.ts$/

describe('layers', () => {
  it('no file imports from beside or above its layer', () => {
    const wrong = program.flatMap(({ path, imports }) =>
      imports
        .filter(({ kind, target }) => kind === 'file' && !below[top(path)]!.includes(top(target)))
        .map(({ target }) => `${path} imports ${target}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('core and plugins import nothing of Node', () => {
    const wrong = program.filter(
      ({ path, imports }) =>
        ['core', 'plugins'].includes(top(path)) && imports.some(({ kind }) => kind === 'node'),
    )
    assert.deepEqual(paths(wrong), [])
  })

  it('no folder imports itself through others', () => {
    assert.deepEqual(cycles(folderGraph(program)), [])
  })

  it('the search for cycles finds one', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a'])],
    ])
    assert.deepEqual(cycles(graph), ['a -> b -> c -> a'])
  })

  it('what is published as tsts/plugin needs core alone', () => {
    const api = program.find(({ path }) => path === 'plugins/api.ts')!
    assert.ok(api.imports.length > 0)
    for (const { target } of api.imports) assert.match(target, /^core\//)
    // It is bundled into one file, which goes to every host: no library of ours belongs there.
    const { contents } = buildSync({
      entryPoints: [join(root, 'plugins/published.ts')],
      bundle: true,
      write: false,
      platform: 'neutral',
    }).outputFiles[0]!
    assert.ok(contents.length < 30_000, `${contents.length} bytes`)
  })
})

describe('purity', () => {
  const impure = [
    /\bDate\b/,
    /\bMath\.random\b/,
    /\bprocess\./,
    /\bset(Timeout|Interval|Immediate)\b/,
    /\bperformance\b/,
    /\bconsole\b/,
    // `crypto:` is a module of Erlang.
    /\bcrypto\b(?!:)/,
  ]
  for (const pattern of impure) {
    it(`core never says ${pattern.source}`, () => {
      const wrong = program.filter(({ path, text }) => {
        return top(path) === 'core' && pattern.test(withoutComments(text))
      })
      assert.deepEqual(paths(wrong), [])
    })
  }
})

describe('hot path', () => {
  const hot = program.filter(({ path }) => hotPath.test(path))

  it('its files are found', () => {
    for (const path of ['launcher/user.ts', 'launcher/connection.ts', 'launcher/recorder.ts']) {
      assert.ok(paths(hot).includes(path), path)
    }
    assert.ok(paths(hot).some((path) => path.startsWith('plugins/http/')))
  })

  for (const pattern of [/\basync\b/, /\bawait\b/, /\bnew Promise\b/, /\bPromise\./]) {
    it(`no file says ${pattern.source}`, () => {
      const wrong = hot.filter(({ text }) => pattern.test(withoutComments(text)))
      assert.deepEqual(paths(wrong), [])
    })
  }
})

describe('style', () => {
  it('no file has more than 400 lines', () => {
    const long = everything.filter(({ text }) => text.split('\n').length > 401)
    assert.deepEqual(paths(long), [])
  })

  it('nothing has a default export', () => {
    const wrong = everything.filter(({ text }) => /^export default\b/m.test(text))
    assert.deepEqual(paths(wrong), [])
  })

  it('relative imports name their file with its extension', () => {
    const wrong = everything.flatMap(({ path, imports }) =>
      imports
        .filter(({ kind, target }) => kind === 'file' && !/\.(ts|json|mjs)$/.test(target))
        .map(({ target }) => `${path} imports ${target}`),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('dependencies', () => {
  const declared = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly dependencies: { readonly [name: string]: string }
    readonly devDependencies: { readonly [name: string]: string }
  }

  it('every library has a home', () => {
    assert.deepEqual(Object.keys(declared.dependencies).sort(), Object.keys(homes).sort())
  })

  it('a library is imported in its home only', () => {
    const wrong = program.flatMap(({ path, imports }) =>
      imports
        .filter(({ kind, target }) => kind === 'package' && !isHome(path, target))
        .map(({ target }) => `${path} imports ${target}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('versions are exact', () => {
    for (const [name, version] of Object.entries({
      ...declared.dependencies,
      ...declared.devDependencies,
    })) {
      assert.match(version, /^(npm:@?[^@]+@)?\d+\.\d+\.\d+$/, name)
    }
  })
})

describe('the linter refuses', () => {
  const rule = 'lint/style/noRestrictedImports'
  const cases = [
    ['core/plan/x.ts', `import { readFileSync } from 'node:fs'`, rule],
    ['core/plan/x.ts', `import type { Plugin } from '../../plugins/api.ts'`, rule],
    ['core/plan/x.ts', `export { run } from '../../controller/run.ts'`, rule],
    ['core/x.ts', `export const pid = process.pid`, 'lint/style/noRestrictedGlobals'],
    ['plugins/http/x.ts', `import { connect } from 'node:net'`, rule],
    ['plugins/http/x.ts', `import { User } from '../../launcher/user.ts'`, rule],
    ['launcher/x.ts', `import { run } from '../controller/run.ts'`, rule],
    ['controller/x.ts', `export const user = await import('../launcher/user.ts')`, rule],
    ['core/x.ts', `export default 1`, 'lint/style/noDefaultExport'],
    ['core/x.ts', `export * from './json.ts'`, 'lint/performance/noBarrelFile'],
    ['core/x.ts', `export enum Colour {}`, 'lint/style/noEnum'],
    ['test/x.ts', `export const x: any = 1`, 'lint/suspicious/noExplicitAny'],
    [
      'core/x.ts',
      `export function f(): void {\n${'  f()\n'.repeat(61)}}`,
      'lint/complexity/noExcessiveLinesPerFunction',
    ],
  ] as const
  for (const [path, text, name] of cases) {
    it(`${path}: ${text.split('\n')[0]}`, () => assert.ok(lint(path, text).includes(name)))
  }

  it('nothing where nothing is wrong', () => {
    const text = `import { plan } from '../core/plan/plan.ts'\n\nexport const users = plan.users`
    assert.deepEqual(lint('controller/x.ts', text), [])
  })
})

/** The rules that a file breaks, were it in the repository. */
function lint(path: string, text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-lint-'))
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'))
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=github', path]
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    return [...stdout.matchAll(/^::error title=([^,]+),/gm)].map((match) => match[1]!)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function withoutComments(text: string): string {
  return transformSync(text, { loader: 'ts', legalComments: 'none' }).code
}

function top(path: string): string {
  return path.split('/')[0]!
}

function paths(list: readonly Source[]): string[] {
  return list.map(({ path }) => path)
}

function isHome(path: string, dependency: string): boolean {
  return (homes[dependency] ?? []).some((home) =>
    home.endsWith('/') ? path.startsWith(home) : path === home,
  )
}

/** Folders and what they import of others; a folder and those inside it may use each other. */
function folderGraph(files: readonly Source[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    const from = dirname(path)
    const to = graph.get(from) ?? new Set()
    for (const { kind, target } of imports) {
      const folder = dirname(target)
      const isInside = `${folder}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${folder}/`)
      if (kind === 'file' && !isInside) to.add(folder)
    }
    graph.set(from, to)
  }
  return graph
}

/** One text for each cycle that a depth-first walk meets first. */
function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (node: string, way: readonly string[]): void => {
    const at = way.indexOf(node)
    if (at >= 0) {
      found.push([...way.slice(at), node].join(' -> '))
      return
    }
    if (done.has(node)) return
    for (const next of graph.get(node) ?? []) walk(next, [...way, node])
    done.add(node)
  }
  for (const node of graph.keys()) walk(node, [])
  return found
}
