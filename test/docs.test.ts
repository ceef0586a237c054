import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from '../controller/command.ts'
import { allCommands, hiddenNames } from '../controller/command-list.ts'
import { exitCodes } from '../controller/exit-codes.ts'
import { verdictCodes } from '../controller/verdict.ts'
import { scenarioCodes } from '../core/scenario/codes.ts'
import { metricNames } from '../core/stats/names.ts'
import { declarations } from '../plugins/registry.ts'
import { commandsPage } from './support/commands-page.ts'
import { readPage, section } from './support/markdown.ts'
import { root, sources } from './support/sources.ts'

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')
const program = sources('core', 'plugins', 'launcher', 'controller')
const errors = textOf('docs/errors.md')
const compatibility = textOf('docs/compatibility.md')

/** What the protocols count that this version plays. */
const playedCounters = declarations.flatMap(({ player, counters }) => (player ? counters : []))

/** Every string literal that looks so. */
function literals(pattern: RegExp, where = program): string[] {
  const found = where.flatMap(({ text }) =>
    [...text.matchAll(new RegExp(`['"\`](${pattern.source})['"\`]`, 'g'))].map((hit) => hit[1]!),
  )
  return [...new Set(found)].sort()
}

describe('links in the documentation', () => {
  for (const page of pages) {
    it(`${page} links to what is there`, () => {
      const text = textOf(page)
      for (const link of readPage(text).links) {
        if (/^https?:/.test(link)) continue
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : join(dirname(page), path)
        assert.ok(existsSync(join(root, target)), `${link}: there is no ${target}`)
        if (anchor !== undefined) {
          assert.ok(readPage(textOf(target)).anchors.includes(anchor), `${link}: no such heading`)
        }
      }
    })
  }

  it('every page of docs/ is in its index', () => {
    const index = textOf('docs/README.md')
    for (const name of readdirSync(join(root, 'docs'))) {
      if (name !== 'README.md') assert.ok(index.includes(`(${name}`), name)
    }
  })

  it('every example is named in the README', () => {
    const readme = textOf('README.md')
    for (const name of readdirSync(join(root, 'examples'))) {
      if (name.endsWith('.xml')) assert.ok(readme.includes(`(examples/${name})`), name)
    }
  })
})

describe('commands in the documentation', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as {
    readonly scripts: { readonly [name: string]: string }
  }
  for (const page of pages) {
    it(`${page} names npm scripts and files that are there`, () => {
      for (const command of readPage(textOf(page)).commands) {
        const [script] =
          /(?<=^npm (run )?)(start|test|check|[a-z]+:[a-z]+|build|format)\b[a-z:]*/.exec(
            command,
          ) ?? [null]
        if (script !== null) assert.ok(scripts[script], command)
        for (const file of command.match(/\b(examples|test|scripts|bench)\/[\w./-]+/g) ?? []) {
          assert.ok(existsSync(join(root, file)), command)
        }
      }
    })
  }
})

describe('commands of tsts in the documentation', () => {
  for (const page of pages) {
    it(`${page} names commands and flags that are there`, () => {
      for (const line of readPage(textOf(page)).commands) {
        const [, name, rest] = /^(?:npx )?tsts (?!COMMAND)([a-z]+)(.*)/.exec(line) ?? []
        if (name === undefined) continue
        const command = allCommands.find((each) => each.name === name)
        assert.ok(command, line)
        for (const [, flag] of rest!.matchAll(/ --?([a-z-]+)/gi)) {
          assert.ok(flagsOf(command).includes(flag!), line)
        }
      }
    })
  }

  it('docs/commands.md says what the command line says', () => {
    const want = commandsPage(allCommands.filter(({ name }) => !hiddenNames.has(name)))
    const path = join(root, 'docs/commands.md')
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, want)
    assert.equal(readFileSync(path, 'utf8'), want)
  })
})

function flagsOf({ options }: Command): string[] {
  const aliases = Object.values(options).flatMap(({ alias }) => alias ?? [])
  const negated = Object.entries(options)
    .filter(([, option]) => option.default === true)
    .map(([name]) => `no-${name}`)
  return [...Object.keys(options), ...aliases, ...negated]
}

describe('codes in docs/errors.md', () => {
  const codes = [...Object.keys(scenarioCodes), ...literals(/[EWUV]_[A-Z][A-Z0-9_]+/)]

  it('are all that the program has', () => {
    const missing = codes.filter((code) => !errors.includes(`\`${code}\``))
    assert.deepEqual(missing, [])
  })

  it('are none that the program does not have', () => {
    const told = [...errors.matchAll(/`([EWUV]_[A-Z][A-Z0-9_]+)`/g)].map((match) => match[1]!)
    assert.deepEqual(
      [...new Set(told)].filter((code) => !codes.includes(code)),
      [],
    )
  })

  it('tell every finding in a scenario as the program means it', () => {
    const rows = section(errors, 'Scenario')
    const wanted = Object.entries(scenarioCodes).map(([code, text]) => `| \`${code}\` | ${text} |`)
    assert.deepEqual(
      wanted.filter((row) => !rows.includes(row)),
      [],
    )
  })

  it('tell every reason of a verdict in their section', () => {
    const verdict = section(errors, 'Verdict')
    for (const code of verdictCodes) assert.ok(verdict.includes(`\`${code}\``), code)
  })

  it('tell every exit code, in order', () => {
    const told = [...section(errors, 'Exit codes').matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    )
    assert.deepEqual([...told].sort(), Object.values(exitCodes).sort())
    const inReadme = [...textOf('README.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    )
    assert.deepEqual(inReadme, told)
  })

  it('tell every error that is counted', () => {
    const during = section(errors, 'Errors during a run')
    const declared = [...metricNames, ...playedCounters]
    const counted = [
      ...literals(/error_[a-z_]+/, sources('launcher')).filter((name) => !name.endsWith('_')),
      ...declared.filter(({ isError }) => isError).map(({ name }) => name),
    ]
    assert.ok(counted.includes('error_timeout'))
    assert.deepEqual(
      counted.filter((name) => !during.includes(`\`${name}\``)),
      [],
    )
  })
})

describe('docs/compatibility.md', () => {
  for (const heading of [
    'Scenario',
    'Load',
    'User',
    'HTTP',
    'WebSocket',
    'Statistics',
    'Command line',
  ]) {
    it(`has rows under ${heading}`, () => {
      const rows = section(compatibility, heading).match(/^\| .* \| .* \|/gm) ?? []
      assert.ok(rows.length > 2)
    })
  }

  it('lists every name in our logs that Tsung does not have', () => {
    const tsung = readFileSync(join(root, 'test/golden/tsung-names.txt'), 'utf8').split('\n')
    const all = [...metricNames, ...playedCounters].map(({ name }) => name)
    const ours = all.filter((name) => !tsung.includes(name))
    assert.ok(ours.includes('late'))
    const told = section(compatibility, 'Statistics')
    assert.deepEqual(
      ours.filter((name) => !told.includes(`\`${name}\``)),
      [],
    )
  })
})
