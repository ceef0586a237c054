/** `tsts compare`: is a run faster or slower than another one? */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Args, type Command, isGiven, numberOf, textOf } from '../command.ts'
import { type Comparison, compareRuns } from '../compare/compare-runs.ts'
import { comparisonPage } from '../compare/comparison-page.ts'
import { comparisonText } from '../compare/comparison-text.ts'
import { slowerLimit } from '../compare/slower-limits.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'

export const compareCommand: Command = {
  name: 'compare',
  usage: 'compare <folders..>',
  describe: 'whether a run was faster or slower than another, figure by figure',
  positionals: {
    folders: {
      type: 'string',
      array: true,
      describe: 'folders of two runs or more; the first is what the others are compared with',
    },
  },
  options: {
    'fail-if-slower': {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: "exit code 3 when a time is told to be slower by more: 5%, 'p99(request)=5%'",
    },
    json: { type: 'boolean', describe: 'print JSON' },
    html: { type: 'string', requiresArg: true, describe: 'write a page to this file' },
    after: {
      type: 'string',
      requiresArg: true,
      describe: 'leave out so many seconds at the beginning of each run, default 0',
    },
    confidence: {
      type: 'string',
      requiresArg: true,
      describe: 'of all verdicts together, in percent, default 95',
    },
    least: {
      type: 'string',
      requiresArg: true,
      describe: 'smaller changes are not told, in percent, default 1',
    },
  },
  run: async (args, io) => {
    const folders = foldersOf(args)
    const limits = limitsOf(args).map(slowerLimit)
    const confidence = numberOf(args, 'confidence', 95, 50)
    if (confidence >= 100) throw new UsageError('--confidence wants less than 100')
    const comparison = await compared(folders, {
      limits,
      alpha: Math.round(1e6 * (1 - confidence / 100)) / 1e6,
      least: numberOf(args, 'least', 1, 0) / 100,
      afterMs: 1000 * numberOf(args, 'after', 0, 0),
    })
    const page = textOf(args, 'html')
    if (page !== null) await writePage(resolve(page), comparisonPage(comparison))
    const text = isGiven(args, 'json')
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : comparisonText(comparison)
    io.stdout.write(text)
    return exitCode(comparison)
  },
}

/** A run that is not to be trusted proves nothing, so no limit is kept by it. */
function exitCode({ limits, exceeded, runs }: Comparison): ExitCode {
  if (limits.length === 0) return exitCodes.ok
  if (exceeded.length > 0) return exitCodes.threshold
  return runs.some(({ verdict }) => verdict === 'invalid' || verdict === 'unfinished')
    ? exitCodes.verdict
    : exitCodes.ok
}

async function compared(
  folders: readonly string[],
  options: Parameters<typeof compareRuns>[1],
): Promise<Comparison> {
  try {
    return await compareRuns(folders, options)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'E_REPORT_FOLDER') throw error
    throw new UsageError((error as Error).message, { cause: error })
  }
}

/** @throws {UsageError} */
async function writePage(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function foldersOf(args: Args): readonly string[] {
  const given = args['folders']
  const folders = (Array.isArray(given) ? given : []).map((each) => resolve(String(each)))
  if (folders.length < 2) throw new UsageError('compare wants the folders of two runs or more')
  if (new Set(folders).size < folders.length) {
    throw new UsageError('compare wants different runs, one folder is given twice')
  }
  return folders
}

/** Not cut at commas: names of metrics may hold some. */
function limitsOf(args: Args): readonly string[] {
  const value = args['fail-if-slower']
  return Array.isArray(value) ? value.map(String) : []
}
