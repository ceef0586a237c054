import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEcho } from '../controller/echo/server.ts'
import type { Summary } from '../controller/outputs/summary.ts'
import { execute } from './support/dist.ts'
import { tenTimesAsFast } from './support/examples.ts'
import { installPacked, npm, packed, writeManifest } from './support/packed.ts'
import { root } from './support/sources.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
}

/** A plugin of a third party, as strict as TypeScript gets. */
const consumer = `import { type Plugin, ProtocolError } from 'tsts/plugin'

export const foo: Plugin<string, null, { pending: boolean }> = {
  declaration: {
    type: 'ts_foo',
    requestElement: 'foo',
    elements: [],
    options: [],
    counters: [{ name: 'error_foo', kind: 'count', isError: true, doc: 'a wrong answer' }],
    defaults: { persistent: true, bidi: false },
    transports: ['tcp'],
    doc: 'foo',
  },
  compile: (data) => String(data),
  newUser: () => null,
  newConnection: () => ({ pending: false }),
  target: () => null,
  encode(request, _user, connection) {
    connection.pending = true
    return request
  },
  decode(bytes, connection) {
    if (!connection.pending) return 'unexpected'
    if (bytes[0] !== 0x2b) throw new ProtocolError('error_foo', 'no plus')
    return 'done'
  },
  end: () => 'more',
}
`

/** The same by `definePlugin`: every type follows from what is declared. */
const defined = `import { definePlugin, type Template } from 'tsts/plugin'

export const plugin = definePlugin({
  apiVersion: 1,
  type: 'ts_foo',
  doc: 'foo',
  elements: [
    {
      name: 'foo',
      doc: 'asks foo',
      content: 'mixed',
      attributes: {
        command: { type: 'enum', values: ['get', 'put'], required: true, doc: 'what' },
        key: { type: 'string', substitutable: true, required: true, doc: 'the key' },
        size: { type: 'integer', default: '3', doc: 'how much' },
        maybe: { type: 'boolean', doc: 'perhaps' },
      },
    },
    {
      name: 'foo_part',
      doc: 'a part',
      attributes: { value: { type: 'number', required: true, doc: 'its value' } },
    },
  ],
  options: [
    {
      name: 'foo_limit',
      doc: 'a limit',
      attributes: { value: { type: 'integer', default: '1', doc: 'how many' } },
    },
  ],
  newUser: (_view, options) => ({ limit: options.foo_limit }),
  newConnection: () => ({ pending: false }),
  encode(request, user, connection, view) {
    const key: Template = request.key
    const text: Template = request.text
    const size: number = request.size + user.limit
    const maybe: boolean | null = request.maybe
    const parts: readonly number[] = request.foo_part.map((part) => part.value)
    connection.pending = request.command === 'get'
    return view.render(key) + view.render(text) + size + maybe + parts.join()
  },
  decode: (_bytes, connection) => (connection.pending ? 'done' : 'unexpected'),
})
`

describe('the packed tarball', function () {
  this.timeout(180_000)
  let folder = ''
  let files: readonly string[] = []

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-packed-'))
    files = (await packed()).files
    writeManifest(folder)
    await installPacked(folder)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const path of [
    'dist/controller/main.js',
    'dist/launcher.mjs',
    'dist/plugin.mjs',
    'dist/plugins/published.d.ts',
    'dist/plugins/conformance.js',
    'dist/plugins/conformance.d.ts',
    'examples/tsts-plugin-kv/plugin.mjs',
    'examples/quickstart.xml',
    'docs/errors.md',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ]) {
    it(`holds ${path}`, () => assert.ok(files.includes(path)))
  }

  it('holds no source, no test and no run', () => {
    const surplus = files.filter((path) =>
      /^(core|plugins|launcher|controller|test|bench|scripts|tsts-log)\//.test(path),
    )
    assert.deepEqual(surplus, [])
  })

  it('brings nothing that is only for development', () => {
    for (const name of ['mocha', 'typescript', 'esbuild', '@biomejs']) {
      assert.ok(!existsSync(join(folder, 'node_modules', name)), name)
    }
  })

  it('gives a command that says its version', async () => {
    assert.equal((await npm(['exec', '--', 'tsts', '--version'], folder)).trim(), version)
  })

  it('gives a command that checks its own example', async () => {
    const example = join(folder, 'node_modules/tsts/examples/quickstart.xml')
    const { code, stdout, stderr } = await installed(['check', example])
    assert.equal(code, 0, stdout + stderr)
  })

  it('gives a command that runs a scenario and writes its report', async () => {
    const echo = await startEcho({ port: 0 })
    try {
      writeFileSync(join(folder, 'mine.xml'), tenTimesAsFast('quickstart.xml', echo.port))
      const { code, stdout, stderr } = await installed(['run', 'mine.xml', '--no-live'])
      // A busy machine may make a launcher late, which the verdict has to say.
      assert.ok(code === 0 || code === 4, `exit code ${code}\n${stdout}${stderr}`)
    } finally {
      await echo.close()
    }
    const run = join(folder, 'tsts-log', readdirSync(join(folder, 'tsts-log'))[0]!)
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    assert.equal(summary.load.startedUsers, 100)
    assert.ok(readFileSync(join(run, 'report.html'), 'utf8').includes('uPlot'))
  })

  it('gives types that a strict consumer can use', async () => {
    writeFileSync(join(folder, 'plugin.ts'), consumer)
    const { code, stdout } = await typeCheck('plugin.ts')
    assert.equal(code, 0, stdout)
  })

  it('gives types by which attributes are known in encode', async () => {
    writeFileSync(join(folder, 'defined.ts'), defined)
    const { code, stdout } = await typeCheck('defined.ts')
    assert.equal(code, 0, stdout)
  })

  for (const [what, right, wrong] of [
    ['an attribute that is not declared', 'request.key', 'request.kei'],
    ['a value that an enum does not have', `=== 'get'`, `=== 'got'`],
    ['an option that is not declared', 'options.foo_limit', 'options.foo_limits'],
    ['another version', 'apiVersion: 1', 'apiVersion: 2'],
    ['a state that newConnection does not make', 'connection.pending', 'connection.waiting'],
  ] as const) {
    it(`gives types that refuse ${what}`, async () => {
      assert.ok(defined.includes(right))
      writeFileSync(join(folder, 'refused.ts'), defined.replace(right, wrong))
      assert.notEqual((await typeCheck('refused.ts')).code, 0)
    })
  }

  it('gives types that know the example, which is JavaScript', async () => {
    for (const name of ['plugin.mjs', 'plugin.test.mjs']) {
      copyFileSync(join(root, 'examples/tsts-plugin-kv', name), join(folder, name))
    }
    const { code, stdout } = await typeCheck('plugin.mjs', '--allowJs', '--checkJs')
    assert.equal(code, 0, stdout)
  })

  it('gives types that refuse a wrong plugin', async () => {
    writeFileSync(join(folder, 'plugin.ts'), consumer.replace(`'unexpected'`, `'nothing'`))
    const { code, stdout } = await typeCheck('plugin.ts')
    assert.notEqual(code, 0)
    assert.match(stdout, /TS2322/)
  })

  it('gives ProtocolError at run time', async () => {
    const script = `import { ProtocolError } from 'tsts/plugin'
      console.log(new ProtocolError('error_foo', 'text').code)`
    const args = ['--input-type=module', '--eval', script]
    const { stdout, stderr } = await execute(process.execPath, args, folder)
    assert.equal(stdout.trim(), 'error_foo', stderr)
  })

  function installed(args: readonly string[]): ReturnType<typeof execute> {
    const main = join(folder, 'node_modules/tsts/dist/controller/main.js')
    return execute(process.execPath, [main, ...args], folder)
  }

  function typeCheck(file: string, ...more: string[]): ReturnType<typeof execute> {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
    const flags = ['--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', '']
    return execute(process.execPath, [tsc, ...strict, ...flags, ...more, file], folder)
  }
})
