import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Context } from 'mocha'
import { requirePeer } from './peers.ts'

/** Where tsts looks for a Node besides PATH, outside the user's home. */
const places = ['/usr/local/bin', '/usr/bin', '/opt/node/bin', '/opt/nodejs/bin', '/snap/bin']

/**
 * Before a command it makes that run where no Node is found: a mount namespace in which nothing can be seen of those
 * that are on this machine. Skips the test where there is no root.
 */
export function withoutNode(context: Context): readonly string[] {
  requirePeer(context, 'unshare', 'util-linux')
  if (process.getuid?.() !== 0) {
    console.log('skipped: mount namespaces need root: run the tests as root')
    context.skip()
  }
  return bareUnder()
}

export function bareUnder(): readonly string[] {
  const folders = new Set([...(process.env['PATH'] ?? '').split(delimiter), ...places])
  const nodes = [...folders]
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
  const hidden = nodes.map((path) => `mount --bind /dev/null ${path}`)
  return ['unshare', '--mount', 'sh', '-ec', [...hidden, 'exec "$@"'].join('\n'), 'sh']
}
