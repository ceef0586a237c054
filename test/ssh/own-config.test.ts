import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownConfig } from '../../controller/ssh/own-config.ts'
import { sshSettings } from '../../controller/ssh/settings.ts'

describe('the user’s ssh_config', () => {
  const { HOME } = process.env
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tsts-home-'))
    mkdirSync(join(home, '.ssh/config.d'), { recursive: true })
    process.env['HOME'] = home
  })
  afterEach(() => {
    process.env['HOME'] = HOME
    rmSync(home, { recursive: true, force: true })
  })
  function file(name: string, text: string): string {
    const path = join(home, '.ssh', name)
    writeFileSync(path, text)
    return path
  }
  function portOf(host: string, before: string | null = null): number {
    const config = ownConfig(before)
    return sshSettings(host, { config, home, user: 'ann', agentSocket: null }).port
  }

  it('may be missing', () => assert.equal(portOf('a'), 22))

  it('includes other files, also by a pattern, and files that these include', () => {
    file('config', 'Include config.d/*.conf\nInclude "more" gone\nHost a\n  Port 1\n')
    file('config.d/1.conf', 'Host b\n  Port 2\n')
    file('config.d/2.txt', 'Host b\n  Port 3\n')
    file('more', `Include ${file('most', 'Host c\n  Port 4\n')}\n`)
    assert.deepEqual([portOf('a'), portOf('b'), portOf('c')], [1, 2, 4])
  })

  it('that includes itself is read all the same', () => {
    file('config', 'Include config\nHost a\n  Port 1\n')
    assert.equal(portOf('a'), 1)
  })

  it('gives way to a file that is read before', () => {
    file('config', 'Host a\n  Port 1\nHost *\n  Port 9\n')
    const before = file('hosts', 'Host a\n  Port 7\n')
    assert.deepEqual([portOf('a', before), portOf('b', before)], [7, 9])
  })

  it('and says when that file is not there', () => {
    assert.throws(
      () => ownConfig('/nowhere/hosts'),
      /--ssh-config \/nowhere\/hosts cannot be read: ENOENT/,
    )
  })
})
