/** Runs scenarios of the corpus against a stand-in for their servers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { TstsProcess } from '../support/tsts-process.ts'
import { localScenario } from './stand-in.ts'

/** Runs that go on at the same time. */
const parallel = 3

/**
 * @param port where the stand-in listens
 * @param look at the result of each run that went well
 * @returns what went wrong, with its file
 */
export async function faultsOf(
  files: readonly string[],
  port: number,
  look: (file: string, summary: Summary) => void = () => undefined,
): Promise<readonly string[]> {
  const waiting = [...files]
  const faults: string[] = []
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const fault = await faultOf(file, port, look)
      if (fault !== null) faults.push(`${file}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return faults
}

/** What went wrong in a run; null: nothing. */
async function faultOf(
  file: string,
  port: number,
  look: (file: string, summary: Summary) => void,
): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-corpus-'))
  try {
    const { xml, files } = localScenario(file, port)
    const scenario = join(folder, 'scenario.xml')
    writeFileSync(scenario, xml)
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
    const logs = join(folder, 'logs')
    const flags = ['-l', logs, '--no-live', '--no-report', '-w', '0', '--drain', '0', '--seed', '1']
    const tsts = new TstsProcess(['run', scenario, ...flags])
    const code = await tsts.ended
    // 4: a busy machine made the launcher late.
    if (code !== 0 && code !== 4) return `exit ${code}\n${tsts.stdout}${tsts.stderr}`
    const [name] = readdirSync(logs)
    const summary = JSON.parse(readFileSync(join(logs, name!, 'summary.json'), 'utf8')) as Summary
    const fault = faultIn(summary)
    if (fault === null) look(file, summary)
    return fault
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function faultIn({ requests, load, counters }: Summary): string | null {
  const { issued, acknowledged, noAck, failed, inFlight, unknown } = requests
  if (issued !== acknowledged + noAck + failed + inFlight + unknown) return 'requests do not add up'
  if (load.startedUsers === 0) return 'nobody started'
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('error_'))
  const unexpected = errors.filter(([name]) => !expectedErrors.test(name))
  return unexpected.length > 0 ? JSON.stringify(unexpected) : null
}

/** What the stand-in's answers and the cut after 3 s may cause. */
const expectedErrors =
  /^error_(abort|function|if_undef|foreach_.*undef|repeat_.*undef|(json|xml)_.*)$/
