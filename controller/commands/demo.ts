/** `tsts demo`: the bundled target and examples/quickstart.xml, from nothing to a report. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from '../command.ts'
import { type Echo, startEcho } from '../echo/server.ts'
import { run } from '../run.ts'
import { UsageError } from '../usage-error.ts'
import { packageRoot } from '../version.ts'
import { runFlags, runOptionsOf } from './run-flags.ts'

const example = 'quickstart.xml'
/** What the target takes before it answers: long enough to be seen in the report, ms. */
const delay = { type: 'normal', meanMs: 20, deviationMs: 5 } as const

export const demoCommand: Command = {
  name: 'demo',
  usage: 'demo',
  describe: `play examples/${example} against a target of our own, about 15 s`,
  options: runFlags,
  run: async (args, io) => {
    const folder = await mkdtemp(join(tmpdir(), 'tsts-demo-'))
    const target = await startEcho({ port: 0, delay, sizeBytes: 1024 })
    try {
      io.stdout.write(`target   ${target.url}, answers after about ${delay.meanMs} ms\n`)
      const file = join(folder, example)
      await writeFile(file, pointedAt(target, await exampleText()))
      return await run(runOptionsOf(args, file), io)
    } finally {
      await target.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function exampleText(): Promise<string> {
  try {
    return await readFile(new URL(`examples/${example}`, packageRoot), 'utf8')
  } catch (error) {
    throw new UsageError(`demo: ${(error as Error).message}`, { cause: error })
  }
}

/** The same scenario with `target` as its server. */
function pointedAt({ host, port }: Echo, xml: string): string {
  return xml.replace(/<server\s[^>]*>/, `<server host="${host}" port="${port}" type="tcp"/>`)
}
