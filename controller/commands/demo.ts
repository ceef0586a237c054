/** `tsts demo`: the bundled target and examples/quickstart.xml, from nothing to a report. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../../core/scenario/model.ts'
import type { Command } from '../command.ts'
import { type Echo, startEcho } from '../echo/server.ts'
import { run } from '../run.ts'
import { UsageError } from '../usage-error.ts'
import { packageRoot } from '../version.ts'
import { runFlags, runOptionsOf } from './run-flags.ts'

/** What the target takes before it answers: long enough to be seen in the report, ms. */
const delay = { type: 'normal', meanMs: 20, deviationMs: 5 } as const

export const demoCommand: Command = {
  name: 'demo',
  usage: 'demo',
  describe: 'play examples/quickstart.xml against a target of our own, about 15 s',
  options: runFlags,
  run: async (args, io) => {
    const file = fileURLToPath(new URL('examples/quickstart.xml', packageRoot))
    if (!existsSync(file)) throw new UsageError(`demo: ${file} is missing`)
    const target = await startEcho({ port: 0, delay, sizeBytes: 1024 })
    io.stdout.write(`target   ${target.url}, answers after about ${delay.meanMs} ms\n`)
    try {
      const rewrite = (scenario: Scenario): Scenario => pointedAt(target, scenario)
      return await run({ ...runOptionsOf(args, file), rewrite }, io)
    } finally {
      await target.close()
    }
  },
}

/** The same scenario with `target` as its only server. */
function pointedAt({ host, port }: Echo, scenario: Scenario): Scenario {
  return { ...scenario, servers: [{ host, port, transport: 'tcp', weight: 1 }] }
}
