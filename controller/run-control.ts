/** How a run is looked at and steered from outside: by its control socket, and by its dashboard. */
import { ControlServer } from './control/control-server.ts'
import { readRunFile, removeRunFile, removeSocket, writeRunFile } from './control/run-file.ts'
import { newToken } from './dashboard/access.ts'
import { Feed } from './dashboard/feed.ts'
import { defaultListen, type Listen, parseListen } from './dashboard/listen.ts'
import { Dashboard } from './dashboard/server.ts'
import type { Output, RunEvent } from './model.ts'
import { chartLibrary } from './report/render-report.ts'
import { Helm, type Steer } from './steering.ts'

export interface RunControlHooks {
  readonly steer: Steer
  /** @returns how long users have to end, ms */
  stop(who: string, graceMs: number | null): number
  /** Writes down what was steered. */
  tell(event: Omit<RunEvent, 'atMs'>): void
  onTrouble(text: string): void
  /** For the one who started the run alone: it stands in no log. */
  say(text: string): void
}

export class RunControl {
  readonly #hooks: RunControlHooks
  readonly #helm: Helm
  readonly #server: ControlServer
  readonly #feed: Feed
  readonly #dashboard: Dashboard
  #folder = ''
  #socket = ''

  /** @param hasReport whether a report will be written at the end */
  constructor(hooks: RunControlHooks, hasReport: boolean) {
    this.#hooks = hooks
    this.#helm = new Helm(hooks.steer, hooks.tell)
    this.#server = new ControlServer(
      {
        stop: (graceMs) => hooks.stop('tsts stop', graceMs),
        steer: (who, change) => this.#helm.change(who, change),
        dashboard: (listen) => this.#open(listen),
      },
      hasReport,
    )
    this.#feed = new Feed(hasReport)
    this.#dashboard = new Dashboard(
      this.#feed,
      {
        status: () => this.#server.status(),
        steer: (who, change) => this.#helm.change(who, change),
        stop: (who, graceMs) => hooks.stop(who, graceMs),
      },
      chartLibrary,
    )
  }

  /** To be told of the run. */
  get outputs(): readonly Output[] {
    const nothing = (): void => undefined
    const helm: Output = {
      start: nothing,
      second: nothing,
      event: (event) => this.#helm.changed(event),
      end: nothing,
      close: async () => undefined,
    }
    return [helm, this.#server, this.#feed]
  }

  /**
   * Says in the folder where the run is reached; what a controller before this one had opened is open again.
   *
   * @param listen where the dashboard is wanted, if it is
   */
  async open(folder: string, listen: Listen | null): Promise<void> {
    this.#folder = folder
    const before = readRunFile(folder)
    try {
      if (before !== null) removeSocket(before.socket)
      this.#socket = await this.#server.listen(folder)
      this.#writeFile()
    } catch (error) {
      const text = `other terminals cannot reach this run: ${(error as Error).message}`
      this.#hooks.onTrouble(text)
    }
    const at = before?.dashboard ?? listen
    if (at === null) return
    try {
      await this.#openAt(at, before?.dashboard?.token ?? null)
    } catch (error) {
      this.#hooks.onTrouble((error as Error).message)
      return
    }
    if (before === null) this.#hooks.say(`the dashboard is at ${this.#dashboard.url}`)
  }

  /** Nobody is served any more when it resolves. */
  async over(exitCode: number): Promise<void> {
    removeRunFile(this.#folder)
    this.#feed.over(exitCode)
    await Promise.all([this.#server.over(exitCode), this.#dashboard.close()])
  }

  async #open(listen: string | null): Promise<string> {
    const wanted = listen === null ? null : parseListen(listen)
    if (this.#dashboard.at === null) await this.#openAt(wanted ?? defaultListen, null)
    return this.#dashboard.url
  }

  /** @throws when it cannot be opened there */
  async #openAt(listen: Listen, token: string | null): Promise<void> {
    const { host, port } = listen
    try {
      await this.#dashboard.open({ host, port }, () => token ?? newToken())
    } catch (error) {
      const text = `the dashboard cannot be opened at ${host}:${port}: ${(error as Error).message}`
      throw new Error(text, { cause: error })
    }
    this.#writeFile()
  }

  #writeFile(): void {
    const { at } = this.#dashboard
    const dashboard = at === null ? {} : { dashboard: at }
    const file = { version: 1, pid: process.pid, socket: this.#socket, ...dashboard } as const
    writeRunFile(this.#folder, file)
  }
}
