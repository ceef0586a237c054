/** The live view in a terminal of its own, which is made larger and smaller while it is drawn. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtMain } from '../support/dist.ts'
import { requirePeer } from '../support/peers.ts'
import { RunCase } from '../support/run-case.ts'

const deadlineMs = 60_000

describe('live view in tmux', function () {
  this.timeout(180_000)
  const folder = mkdtempSync(join(tmpdir(), 'tsts-tmux-'))
  const socket = join(folder, 'server')
  let run: RunCase
  let program = ''

  before(async function () {
    program = requirePeer(this, 'tmux', 'tmux')
    run = await RunCase.open()
  })
  after(() => {
    if (program !== '') tmux('kill-server')
    run?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function tmux(...args: readonly string[]): string {
    // Its own server, without anybody's settings.
    const whole = ['-S', socket, '-f', '/dev/null', '-u', ...args]
    const { stdout, stderr } = spawnSync(program, whole, { encoding: 'utf8', timeout: deadlineMs })
    return stdout + stderr
  }
  const screen = (): string => tmux('capture-pane', '-p', '-t', 'view')
  const resize = (columns: number, rows: number): string =>
    tmux('resize-window', '-t', 'view', '-x', String(columns), '-y', String(rows))

  /** Waits until nothing is wrong with what it shows. */
  async function shows(wrong: (text: string) => string | null): Promise<string> {
    const startMs = performance.now()
    for (;;) {
      const text = screen()
      const what = wrong(text)
      if (what === null) return text
      if (performance.now() - startMs > deadlineMs) throw new Error(`${what}:\n${text}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('is drawn once, whatever the size becomes, and leaves the summary', async () => {
    const command = [process.execPath, builtMain(), ...run.arguments({ phaseSeconds: 8 })]
    const shell = `${command.map((word) => `'${word}'`).join(' ')}; echo "ended with $?"; sleep 60`
    tmux('new-session', '-d', '-s', 'view', '-x', '100', '-y', '30', shell)
    for (const [columns, rows] of [
      [100, 30],
      [60, 40],
      [130, 30],
      [46, 40],
    ] as const) {
      resize(columns, rows)
      await shows((text) => {
        if (!text.includes('phase 1 has begun')) return 'events are missing'
        for (const once of [/^users\/s/gm, /^launchers /gm, /^requests\/s/gm]) {
          if (text.match(once)?.length !== 1) return `not once ${once}`
        }
        // Where a row was broken in two, its rest begins the next.
        const begins = text.split('\n').filter((line) => /^[▁▂▃▄▅▆▇█─━,]/.test(line))
        return begins.length > 1 ? 'rows are broken' : null
      })
    }
    resize(100, 60)
    const end = await shows((text) => (/ended with \d+/.test(text) ? null : 'it did not end'))
    assert.match(end, /ended with [04]/)
    assert.match(end, /^verdict {3}/m)
    assert.match(end, /^report {4}/m)
    assert.doesNotMatch(end, /^users\/s/m)
  })
})
