/** Servers of others that take what a run tells, on 127.0.0.1, each with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const startedWithinMs = 60_000

export class MetricServer {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/**
 * Prometheus, scraping a target each second.
 *
 * @param program its path
 * @param target `HOST:PORT`
 */
export async function startPrometheus(program: string, target: string): Promise<MetricServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-prometheus-'))
  const config = join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: tsts
    static_configs: [{ targets: ['${target}'] }]
`,
  )
  const port = await freePort()
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  return started(spawn(program, args, { stdio: 'ignore' }), port, '/-/ready', folder)
}

/** InfluxDB 1, empty. @param program its path */
export async function startInflux(program: string): Promise<MetricServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-influx-'))
  const config = join(folder, 'influxdb.conf')
  const port = await freePort()
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "${join(folder, 'meta')}"
[data]
  dir = "${join(folder, 'data')}"
  wal-dir = "${join(folder, 'wal')}"
[http]
  bind-address = "127.0.0.1:${port}"
`,
  )
  return started(spawn(program, ['-config', config], { stdio: 'ignore' }), port, '/ping', folder)
}

/** A port of 127.0.0.1 that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function started(
  child: ChildProcess,
  port: number,
  path: string,
  folder: string,
): Promise<MetricServer> {
  const server = new MetricServer(`http://127.0.0.1:${port}`, child, folder)
  const startMs = performance.now()
  while (performance.now() - startMs < startedWithinMs && child.exitCode === null) {
    const response = await fetch(`${server.url}${path}`).catch(() => null)
    if (response?.ok === true) return server
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await server.stop()
  throw new Error(`${child.spawnfile} did not start`)
}
