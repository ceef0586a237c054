/** `tsts runs`: what was run, and how it went. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { type Command, isGiven, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { historyPage } from '../history/history-page.ts'
import { historyText } from '../history/history-text.ts'
import { type PastRun, readHistory } from '../history/read-history.ts'
import { renderReport } from '../report/render-report.ts'
import { defaultLogDir } from '../run-folder.ts'
import { UsageError } from '../usage-error.ts'

export const runsCommand: Command = {
  name: 'runs',
  usage: 'runs [folder]',
  describe: 'history: when, which scenario, verdict, users, rate, p95',
  positionals: {
    folder: {
      type: 'string',
      describe: `where the folders of runs are (default: -l, TSTS_LOG_DIR, ${defaultLogDir})`,
    },
  },
  options: {
    'log-dir': { alias: 'l', type: 'string', requiresArg: true, describe: 'the same' },
    json: { type: 'boolean', describe: 'print JSON' },
    html: {
      type: 'string',
      requiresArg: true,
      describe: 'write index.html into this folder, with links to the reports',
    },
  },
  run: async (args, io) => {
    const given = textOf(args, 'folder') || textOf(args, 'log-dir') || process.env['TSTS_LOG_DIR']
    const logDir = resolve(given || defaultLogDir)
    const runs = await readHistory(logDir)
    const site = textOf(args, 'html')
    if (isGiven(args, 'json')) io.stdout.write(`${JSON.stringify(runs, null, 2)}\n`)
    if (site !== null) {
      const path = await writeSite(resolve(site), runs, (text) => io.stderr.write(`${text}\n`))
      if (!isGiven(args, 'json')) io.stdout.write(`${path}\n`)
    } else if (!isGiven(args, 'json')) io.stdout.write(historyText(runs, logDir))
    return exitCodes.ok
  },
}

/**
 * A run without a report gets one beside the index.
 *
 * @param onTrouble told in words of a report that cannot be made
 * @returns the path of the index
 */
async function writeSite(
  site: string,
  runs: readonly PastRun[],
  onTrouble: (text: string) => void,
): Promise<string> {
  const links = new Map<PastRun, string>()
  const path = join(site, 'index.html')
  try {
    await mkdir(site, { recursive: true })
    for (const run of runs) {
      const report = run.hasReport
        ? join(run.folder, 'report.html')
        : await made(run, site, onTrouble)
      if (report !== null) links.set(run, linkTo(relative(site, report)))
    }
    await writeFile(
      path,
      historyPage(runs, (run) => links.get(run) ?? null),
    )
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
  return path
}

/** Null: there is nothing to make it of, or the run goes on. */
async function made(
  run: PastRun,
  site: string,
  onTrouble: (text: string) => void,
): Promise<string | null> {
  if (run.state === 'running') return null
  let text: string
  try {
    text = await renderReport(run.folder)
  } catch (error) {
    onTrouble(`${run.name} has no report: ${(error as Error).message}`)
    return null
  }
  const path = join(site, `${run.name}-report.html`)
  await writeFile(path, text)
  return path
}

function linkTo(path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/')
}
