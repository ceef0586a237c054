/** `tsts hosts prepare`: the bundle, and Node where it is missing, on every host before a run needs them. */
import type { Client } from '../../core/scenario/model.ts'
import { exitCodes } from '../exit-codes.ts'
import { ownBundle, type ReachOptions, remoteHosts, supplyOf } from '../hosts.ts'
import { plural } from '../outputs/format.ts'
import type { RunIo } from '../run-options.ts'
import { makeReady, type ReadyHost, type Supply } from '../ssh/remote-host.ts'
import type { RemoteShell } from '../ssh/shell.ts'
import { bytesText, reasonOf } from './hosts-text.ts'

/** How often it is told how far it has come, in ms. */
const progressMs = 10_000
/** From so many hosts on it matters who sends them Node. */
const manyHosts = 4

/** @returns the exit code: 5 when a host could not be made ready */
export async function prepareHosts(
  clients: readonly Client[],
  options: ReachOptions,
  io: Pick<RunIo, 'stdout' | 'stderr'>,
): Promise<number> {
  const hosts = remoteHosts(clients, options)
  if (hosts.length === 0) {
    io.stdout.write('every client is on this machine: nothing has to be prepared\n')
    return exitCodes.ok
  }
  const warn = (text: string): void => {
    io.stderr.write(`tsts: warning: ${text}\n`)
  }
  const names = hosts.map(({ host }) => host)
  const supply = supplyOf(options, names, warn)
  const bundle = ownBundle()
  let sentBytes = 0
  const counted: Supply = { ...supply, onBytes: (count) => (sentBytes += count) }
  // They give to others until all have what they need.
  const shells: RemoteShell[] = []
  const beginMs = performance.now()
  let readyCount = 0
  const progress = setInterval(() => {
    io.stderr.write(
      `tsts: ${readyCount} of ${plural(hosts.length, 'host')} ready, ${bytesText(sentBytes)} sent so far\n`,
    )
  }, progressMs)
  if (options.sendNode && !options.spread && hosts.length >= manyHosts) {
    io.stderr.write('tsts: every host without Node is sent it from here; --spread sends it once\n')
  }
  const prepared = await Promise.all(
    hosts.map(async ({ host, open }) => {
      const startMs = performance.now()
      try {
        const shell = await open()
        shells.push(shell)
        const ready = await makeReady(shell, bundle, options.remoteNode, counted)
        const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
        readyCount++
        io.stdout.write(`${host}: ready in ${seconds} s: ${readyText(ready)}\n`)
        return true
      } catch (error) {
        supply.tree?.failed(host)
        io.stdout.write(`${host}: not ready: ${reasonOf(error)}\n`)
        return false
      }
    }),
  )
  clearInterval(progress)
  for (const shell of shells) shell.close()
  const ready = prepared.filter((each) => each).length
  const seconds = ((performance.now() - beginMs) / 1000).toFixed(1)
  io.stdout.write(
    `${ready} of ${hosts.length} hosts are ready after ${seconds} s, ${bytesText(sentBytes)} sent from here\n`,
  )
  return ready === hosts.length ? exitCodes.ok : exitCodes.lost
}

function readyText({ nodeVersion, node, brought }: ReadyHost): string {
  const there = brought.length === 0 ? 'everything was there' : brought.map(broughtText).join(', ')
  return `Node ${nodeVersion} (${node}); ${there}`
}

function broughtText({ what, from, sentBytes }: ReadyHost['brought'][number]): string {
  return from === null ? `${what} sent (${bytesText(sentBytes)})` : `${what} from ${from}`
}
