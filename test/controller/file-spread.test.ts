import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileSpread, type SpreadAgent } from '../../controller/fleet/file-spread.ts'
import { sendFile } from '../../controller/fleet/sent-files.ts'
import type { AgentCommand } from '../../core/wire/messages.ts'
import { SentFiles } from '../../launcher/sent-files.ts'

/** Agents as far as files go, each with a folder of its own; the wires between them are real. */
class Agents {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tsts-file-spread-'))
  readonly told: string[] = []
  readonly spread: FileSpread = new FileSpread((text) => this.told.push(text))
  readonly agents: SpreadAgent[]
  /** To which agents the controller sent the file. */
  readonly sent: number[] = []

  /** @param deaf agents that answer nothing */
  constructor(path: string, sha256: string, count: number, deaf: readonly number[] = []) {
    this.agents = Array.from({ length: count }, (_, agent): SpreadAgent => {
      const folder = this.folderOf(agent)
      const files = new SentFiles(folder, (message) => this.spread.onMessage(agent, message))
      const send = (command: AgentCommand): void => {
        if (deaf.includes(agent) && command.type !== 'file') this.spread.lost(agent)
        else if (command.type === 'file') files.keep(command)
        else if (command.type === 'offer') void files.offer(command)
        else if (command.type === 'fetch') void files.fetch(command)
        else if (command.type === 'unoffer') files.close()
      }
      const sendIt = (): Promise<void> => {
        this.sent.push(agent)
        return sendFile(path, sha256, { send, backlog: 0 })
      }
      return { agent, host: `load${agent}`, send, sendFile: sendIt }
    })
  }

  folderOf(agent: number): string {
    return join(this.folder, String(agent))
  }
}

describe('a data file among the hosts of a run', function () {
  this.timeout(20_000)
  const bytes = randomBytes(1_500_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { SSH_CONNECTION } = process.env
  let path: string
  let agents: Agents
  before(() => {
    process.env['SSH_CONNECTION'] = '127.0.0.1 50000 127.0.0.1 22'
    path = join(mkdtempSync(join(tmpdir(), 'tsts-data-')), 'names')
    writeFileSync(path, bytes)
  })
  after(() => {
    if (SSH_CONNECTION === undefined) delete process.env['SSH_CONNECTION']
    else process.env['SSH_CONNECTION'] = SSH_CONNECTION
    rmSync(join(path, '..'), { recursive: true, force: true })
  })
  afterEach(() => rmSync(agents.folder, { recursive: true, force: true }))

  function arrived(count: number): boolean {
    return Array.from({ length: count }, (_, agent) =>
      join(agents.folderOf(agent), 'files', sha256),
    ).every((file) => existsSync(file) && readFileSync(file).equals(bytes))
  }

  it('is sent once and arrives everywhere', async () => {
    agents = new Agents(path, sha256, 9)
    await agents.spread.bring(sha256, agents.agents)
    assert.deepEqual(agents.sent, [0])
    assert.deepEqual(agents.told, [])
    assert.ok(arrived(9))
  })

  it('is sent to those that get it from nobody, and it is said', async () => {
    agents = new Agents(path, sha256, 3, [0])
    await agents.spread.bring(sha256, agents.agents)
    assert.ok(agents.sent.includes(1) || agents.sent.includes(2))
    assert.match(agents.told[0]!, /^load\d did not get a file from load0: it opens no listener$/)
    assert.ok(arrived(3))
  })

  it('that cannot be read here is told', async () => {
    agents = new Agents('/nowhere/names', sha256, 2)
    await assert.rejects(agents.spread.bring(sha256, agents.agents), /ENOENT/)
  })
})
