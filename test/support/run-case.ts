/** What end-to-end tests of runs need: a target, a scenario, a folder, the files of the run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../controller/model.ts'
import type { Summary } from '../../controller/outputs/summary.ts'

export interface ScenarioText {
  /** Attributes of `<client>` besides its host. */
  readonly client?: string
  readonly host?: string
  readonly load?: string
  readonly phaseSeconds?: number
  readonly usersPerSecond?: number
  readonly thinkSeconds?: number
  readonly options?: string
}

/** A scenario of HTTP users that ask, think, and ask again. */
export function scenarioText(port: number, text: ScenarioText = {}): string {
  const request = '<request><http url="/" method="GET" version="1.1"/></request>'
  const think =
    text.thinkSeconds === 0 ? '' : `<thinktime value="${text.thinkSeconds ?? 0.1}"></thinktime>`
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="${text.host ?? 'localhost'}" ${text.client ?? ''}/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load ${text.load ?? ''}>
    <arrivalphase phase="1" duration="${text.phaseSeconds ?? 2}" unit="second">
      <users arrivalrate="${text.usersPerSecond ?? 20}" unit="second"/>
    </arrivalphase>
  </load>
  ${text.options === undefined ? '' : `<options>${text.options}</options>`}
  <sessions>
    <session name="ask" probability="100" type="ts_http">${request}${think}${request}</session>
  </sessions>
</tsung>
`
}

export class RunCase {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tsts-run-'))
  readonly logDir: string = join(this.folder, 'log')
  readonly #server: Server
  requests = 0
  /** Of the requests that came. */
  readonly urls: string[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  /** A case with a target that answers everything. */
  static async open(): Promise<RunCase> {
    const server = createServer((request, response) => {
      opened.requests++
      opened.urls.push(request.url ?? '')
      response.end('hello')
    })
    const opened = new RunCase(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return opened
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Arguments of `tsts run` for a scenario. */
  arguments(text: ScenarioText = {}): string[] {
    const path = join(this.folder, 'shop.xml')
    writeFileSync(path, scenarioText(this.port, text))
    return ['run', path, '-l', this.logDir, '--seed', '1']
  }

  get runs(): readonly string[] {
    return readdirSync(this.logDir).map((name) => join(this.logDir, name))
  }

  get files(): readonly string[] {
    return readdirSync(this.runs[0]!).sort()
  }

  read(name: string): string {
    return readFileSync(join(this.runs[0]!, name), 'utf8')
  }

  get summary(): Summary {
    return JSON.parse(this.read('summary.json')) as Summary
  }

  /** None as long as there is no file of them. */
  get events(): readonly RunEvent[] {
    if (!this.files.includes('events.ndjson')) return []
    // The last line may be half written.
    return this.read('events.ndjson')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as RunEvent)
  }
}
