import type { Options, PositionalOptions } from 'yargs'
import type { Command } from '../../controller/command.ts'

/** docs/commands.md, made of what the commands themselves declare. */
export function commandsPage(commands: readonly Command[]): string {
  const lines = [
    '# Commands',
    '',
    'Made of the command line itself: `UPDATE_GOLDEN=1 npx mocha test/docs.test.ts` writes this page anew.',
    '`tsts COMMAND --help` tells the same. Exit codes: [errors.md](errors.md#exit-codes).',
    '',
    ...commands.map(({ name, describe }) => `- [${name}](#tsts-${name}): ${describe}`),
  ]
  for (const command of commands) lines.push(...commandSection(command))
  return `${lines.join('\n')}\n`
}

function commandSection({ name, usage, describe, positionals, options }: Command): string[] {
  const places = Object.entries(positionals ?? {}).map(([place, { describe: text }]) => [
    `\`${place}\``,
    text ?? '',
  ])
  const flags = Object.entries(options).map(([flag, option]) => [
    flagText(flag, option),
    flagDoc(option),
  ])
  const rows = [...places, ...flags].map((cells) => `| ${cells.map(cell).join(' | ')} |`)
  const table = rows.length === 0 ? [] : ['', '| argument | is |', '| --- | --- |', ...rows]
  return ['', `## tsts ${name}`, '', `\`tsts ${usage}\`: ${describe}.`, ...table]
}

function flagText(name: string, { alias, type, choices }: Options): string {
  const aliases = alias === undefined ? [] : [alias].flat()
  const names = [...aliases, name].map((each) => (each.length === 1 ? `-${each}` : `--${each}`))
  const value = choices !== undefined ? choices.join('|') : type === 'boolean' ? '' : 'VALUE'
  return `\`${[names.join(', '), value].join(' ').trim()}\``
}

function flagDoc({ describe, default: otherwise }: Options): string {
  const text = describe ?? ''
  return otherwise === undefined || otherwise === true ? text : `${text} (default: ${otherwise})`
}

function cell(text: string | PositionalOptions['describe']): string {
  return String(text).replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
