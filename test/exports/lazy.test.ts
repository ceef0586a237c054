import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execute } from '../support/dist.ts'
import { root } from '../support/sources.ts'

/** Libraries that a process of Node has loaded when these modules of controller/ are. */
async function loadedBy(...modules: readonly string[]): Promise<readonly string[]> {
  const urls = modules.map((name) => pathToFileURL(join(root, 'controller', name)).href)
  const script = `import { createRequire } from 'node:module'
    for (const url of ${JSON.stringify(urls)}) await import(url)
    console.log(JSON.stringify(Object.keys(createRequire(${JSON.stringify(urls[0])}).cache)))`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { code, stdout, stderr } = await execute(process.execPath, args, root)
  assert.equal(code, 0, stderr)
  const files = JSON.parse(stdout) as readonly string[]
  return libraries.filter((name) => files.some((file) => file.includes(`node_modules/${name}/`)))
}

const libraries = ['@opentelemetry/api', '@opentelemetry/sdk-metrics', 'prom-client']

describe('libraries of exports', function () {
  this.timeout(120_000)

  it('are not loaded by the command line', async () => {
    assert.deepEqual(await loadedBy('cli.ts', 'exports/exports.ts'), [])
  })

  it('are loaded by what needs them', async () => {
    const forPrometheus = await loadedBy('exports/prometheus-text.ts')
    assert.deepEqual(forPrometheus, ['@opentelemetry/api', 'prom-client'])
    const forOtlp = await loadedBy('exports/otlp-metrics.ts')
    assert.deepEqual(forOtlp, ['@opentelemetry/api', '@opentelemetry/sdk-metrics'])
  })
})
