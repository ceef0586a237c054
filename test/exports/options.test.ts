import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { exportOptionsOf, noExports } from '../../controller/exports/export-options.ts'
import { isUsageError } from '../../controller/usage-error.ts'

/** With these variables of the environment set; null: not. */
function within<Result>(env: { readonly [name: string]: string }, act: () => Result): Result {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, env)
  try {
    return act()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

describe('flags of exports', () => {
  it('ask for nothing when there are none', () => {
    assert.deepEqual(exportOptionsOf({}), noExports)
  })

  for (const [text, host, port] of [
    ['', '127.0.0.1', 9464],
    [':0', '127.0.0.1', 0],
    ['9100', '127.0.0.1', 9100],
    ['0.0.0.0:9100', '0.0.0.0', 9100],
    ['load1.example', 'load1.example', 9464],
    ['[::1]:9100', '::1', 9100],
    ['[::]', '::', 9464],
    ['::1', '::1', 9464],
  ] as const) {
    it(`--prometheus=${text}`, () => {
      assert.deepEqual(exportOptionsOf({ prometheus: text }).prometheus, { host, port })
    })
  }

  for (const [url, want] of [
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/metrics'],
    ['https://otlp.example/', 'https://otlp.example/v1/metrics'],
    ['http://h:9090/api/v1/otlp', 'http://h:9090/api/v1/otlp/v1/metrics'],
    ['http://h/v1/metrics', 'http://h/v1/metrics'],
  ] as const) {
    it(`--otlp ${url}`, () => {
      assert.deepEqual(exportOptionsOf({ otlp: url }).otlp, { url: want, everyMs: 10_000 })
    })
  }

  it('OTEL_METRIC_EXPORT_INTERVAL says how often is pushed', () => {
    const { otlp } = within({ OTEL_METRIC_EXPORT_INTERVAL: '2500' }, () =>
      exportOptionsOf({ otlp: 'http://h' }),
    )
    assert.equal(otlp!.everyMs, 2500)
  })

  it('files are found from where tsts was started', () => {
    const { csv, influx } = exportOptionsOf({ csv: 'a.csv', influx: 'docs/b' })
    assert.deepEqual([csv, influx], [resolve('a.csv'), resolve('docs/b')])
  })

  for (const [args, want, env] of [
    [{ prometheus: 'shop.xml:x' }, /--prometheus wants HOST:PORT/],
    [{ prometheus: ':65536' }, /--prometheus wants HOST:PORT/],
    [{ prometheus: '::1:x' }, /--prometheus wants HOST:PORT/],
    [{ 'prometheus-linger': '3' }, /--prometheus/],
    [{ prometheus: '', 'prometheus-linger': '-1' }, /at least 0/],
    [{ otlp: 'collector:4318' }, /--otlp wants a URL such as http/],
    [{ otlp: 'nonsense' }, /--otlp wants a URL such as http/],
    [{ otlp: 'http://me:secret@h' }, /OTEL_EXPORTER_OTLP_HEADERS/],
    [{ otlp: 'http://h' }, /=grpc: .*http\/protobuf only/, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    [{ otlp: 'http://h' }, /at least 100/, { OTEL_METRIC_EXPORT_INTERVAL: 'often' }],
    [{ csv: '-' }, /--csv wants a file/],
    [{ influx: 'no/such/folder/x' }, /there is no folder .*no\/such\/folder/],
    [{ json: true, 'stats-file': '-' }, /both write to standard output/],
    [{ json: true, detach: true }, /--detach/],
  ] as const) {
    it(`${JSON.stringify(args)} is refused`, () => {
      within(env ?? {}, () =>
        assert.throws(
          () => exportOptionsOf(args),
          (error: Error) =>
            isUsageError(error) && want.test(error.message) && !error.message.includes('secret'),
        ),
      )
    })
  }
})
