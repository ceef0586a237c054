/** A controller whose disk is full, or whose reader is slow. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requirePeer } from '../support/peers.ts'
import { assertWhole, type Bed } from './bed.ts'
import { assertAsPromised } from './quotes.ts'
import { type Fault, fault, together } from './together.ts'

describe('a controller', function () {
  this.timeout(150_000)
  before(function () {
    requirePeer(this, 'script', 'bsdutils')
  })

  const faults: Fault[] = [
    fault('its disk is full for a while', { hosts: 1 }, async (bed, title) => {
      const disk = smallDisk(bed)
      try {
        // Enough is written for the rest of a page to be used up soon.
        const play = { phaseSeconds: 10, usersPerSecond: 20, fullStats: true }
        const tsts = bed.startIn(disk.folder, bed.hosts, play, [])
        await tsts.said(/phase 1 has begun/)
        disk.fill()
        await tsts.said(/the disk is full/)
        disk.free()
        const ended = await bed.ended(tsts, disk.folder)
        assertAsPromised(title, ended)
        assertWhole(ended, bed, 200)
        await bed.assertClean()
      } finally {
        disk.close()
      }
    }),
    fault('its disk is full to the end', { hosts: 1 }, async (bed, title) => {
      const disk = smallDisk(bed)
      try {
        const play = { phaseSeconds: 4, usersPerSecond: 10 }
        const tsts = bed.startIn(disk.folder, bed.hosts, play, [])
        await tsts.said(/phase 1 has begun/)
        disk.fill()
        const code = await tsts.ended
        const seen = tsts.stdout + tsts.stderr
        // There is no summary to read: reasons stand in what was printed.
        const reasons = [...seen.matchAll(/^ +- (V_\w+):/gm)].map(([, reason]) => ({
          code: reason!,
        }))
        assertAsPromised(title, { code, seen, summary: { verdict: { reasons } } })
        assert.match(seen, /^requests +80 issued, 80 acknowledged, 0 failed$/m)
        assert.equal(statSync(join(folderOf(seen), 'summary.json')).size, 0)
        await bed.requested(80)
        await bed.assertClean()
      } finally {
        disk.close()
      }
    }),
    fault('a terminal that stands still for 8 s', { hosts: 1 }, async (bed, title) => {
      const keys = new Keyboard(join(bed.files.folder, 'keys'))
      try {
        const under = keys.terminal
        const tsts = bed.start(
          { phaseSeconds: 14, usersPerSecond: 10, live: true, under },
          '--grace',
          '3',
        )
        await tsts.said(/phase 1 has begun/)
        const { requests } = bed.target
        keys.press(ctrlS)
        await sleep(2000)
        const shown = tsts.stdout.length
        await sleep(6000)
        assert.equal(tsts.stdout.length, shown)
        keys.press(ctrlQ)
        assert.ok(bed.target.requests > requests + 20)
        const ended = await bed.ended(tsts)
        assertAsPromised(title, ended)
        assertWhole(ended, bed, 140)
        await bed.assertClean()
      } finally {
        keys.close()
      }
    }),
  ]

  together(faults)
})

/** A disk of 256 KB, mounted in the folder of a bed. */
function smallDisk(bed: Bed): {
  readonly folder: string
  fill(): void
  free(): void
  close(): void
} {
  const folder = join(bed.files.folder, 'disk')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder])
  const unmount = (): void => {
    execFileSync('umount', ['-l', folder])
  }
  process.once('exit', unmount)

  return {
    folder,
    fill: () => fillUp(join(folder, '.filler')),
    free: () => rmSync(join(folder, '.filler')),
    close: () => {
      process.off('exit', unmount)
      unmount()
    },
  }
}

function fillUp(path: string): void {
  const block = Buffer.alloc(4096)
  try {
    for (;;) writeFileSync(path, block, { flag: 'a' })
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
}

/** They stop a terminal, so that whoever writes to it waits, and let it go on. */
const ctrlS = '\x13'
const ctrlQ = '\x11'

/** What is typed into a terminal in which a command runs. */
class Keyboard {
  /** Before a command: runs it in the terminal. */
  readonly terminal: readonly string[]
  readonly #keys: number

  /** @param path of a pipe to be made */
  constructor(path: string) {
    execFileSync('mkfifo', [path])
    // Both ways: opening it waits for nobody.
    this.#keys = openSync(path, 'r+')
    const inTerminal = `stty rows 40 cols 120; $(printf '%q ' "$@")`
    const script = `exec script -qefc "${inTerminal}" /dev/null < "$0"`
    this.terminal = ['bash', '-c', script, path]
  }

  press(key: string): void {
    writeSync(this.#keys, key)
  }

  close(): void {
    closeSync(this.#keys)
  }
}

/** The run's folder, as it is told at the end. */
function folderOf(seen: string): string {
  return /^folder +(.+)$/m.exec(seen)![1]!
}
