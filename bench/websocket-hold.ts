/**
 * Claim w: idle WebSocket users are held. So many connect to a server that pings each of them every 30 s, think for as long
 * as they are held, say something on the connection that they opened, and close it: none may be lost on the way.
 *
 * `npm run bench:websocket-hold -- [--users 15000] [--minutes 10] [--json]`
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { options } from './support/options.ts'
import { run, withFolder } from './support/processes.ts'
import { print } from './support/results.ts'
import { okCodes, readSummary, tstsCommand } from './support/run-tsts.ts'
import { scenario } from './support/scenario.ts'
import { startWebSocketServer } from './support/websocket-server.ts'

const pingSeconds = 30
const arrivalRate = 500

const { users, minutes, json } = options({ users: 15_000, minutes: 10 })

await withFolder(async (folder) => {
  const server = await startWebSocketServer(0, pingSeconds)
  const file = join(folder, 'hold.xml')
  const arrivalSeconds = Math.ceil(users / arrivalRate)
  const heldSeconds = Math.round(minutes * 60)
  writeFileSync(
    file,
    scenario({
      port: server.port,
      load: `<arrivalphase phase="1" duration="${arrivalSeconds}" unit="second"><users arrivalrate="${arrivalRate}" unit="second" maxnumber="${users}"/></arrivalphase>`,
      type: 'ts_websocket',
      session: `<request><websocket type="connect" path="/"/></request>
        <thinktime value="${heldSeconds}"/>
        <request><match do="log" when="nomatch">still here</match><websocket type="message">still here</websocket></request>
        <request><websocket type="close"/></request>`,
    }),
  )
  const logs = mkdtempSync(join(folder, 'tsts-'))
  const deadlineMs = (arrivalSeconds + heldSeconds + 120) * 1000
  await run(1, tstsCommand(file, logs), { okCodes, deadlineMs })
  const { counters, gauges, launchers } = readSummary(logs)
  const seen = await server.stop()
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('error_'))
  // A user that had lost its connection would have opened another one for its message.
  const kept = Math.min(users, counters['match'] ?? 0) - Math.max(0, seen.opened - users)
  const megabytes = launchers.reduce((sum, { rssBytesMax }) => sum + rssBytesMax, 0) / 1024 / 1024
  print(
    {
      script: 'websocket-hold.ts',
      rows: [
        {
          claim: 'w',
          what: `WebSocket users held for ${minutes} minutes, a ping every ${pingSeconds} s: lost`,
          unit: `of ${users} users`,
          ours: [users - kept + seen.lost],
          peer: null,
          budget: { of: 'ours', better: 'lower', must: 0, wish: null },
          note: `${seen.pings} pings, ${seen.pongs} pongs, ${gauges['connected']?.max} connected at a time, ${megabytes.toFixed(0)} MiB RSS, errors ${JSON.stringify(errors)}`,
        },
      ],
      missing: [],
    },
    json,
  )
})
