import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tsts } from '../support/dist.ts'
import { root } from '../support/sources.ts'

type Tree = { readonly [key: string]: unknown }

/** HashiCorp's own parser, compiled to JavaScript; expressions stay text. */
const { parseToObject } = createRequire(import.meta.url)('hcl2-parser') as {
  parseToObject(text: string): readonly [Tree | null, unknown]
}

const folder = join(root, 'examples/fleet/aws')
const files = readdirSync(folder).filter((name) => name.endsWith('.tf'))
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
const whole = files.map(textOf).join('\n')
/** Without comments and descriptions. */
const code = whole.replace(/^\s*#.*$|\s+description\s+=.*$/gm, '')

function parsed(name: string): Tree {
  const [tree, error] = parseToObject(textOf(name))
  assert.ok(tree !== null, `${name}: ${JSON.stringify(error)}`)
  return tree
}

/** The blocks of a kind (`variable`, `resource`) over all files: labels to their body. */
function blocks(kind: string): { readonly [label: string]: Tree } {
  return Object.assign({}, ...files.map((name) => parsed(name)[kind] ?? {}))
}

/** The only body of a block with one label. */
function bodyOf(kind: string, label: string): Tree {
  const [body] = blocks(kind)[label] as unknown as readonly Tree[]
  assert.ok(body !== undefined, `${kind} ${label}`)
  return body
}

function resource(type: string, name: string): Tree {
  const [body] = (blocks('resource')[type] as Tree)[name] as readonly Tree[]
  assert.ok(body !== undefined, `${type}.${name}`)
  return body
}

function names(pattern: RegExp): readonly string[] {
  return [...new Set([...code.matchAll(pattern)].map((match) => match[1]!))].sort()
}

describe('the Terraform module of examples/fleet', () => {
  for (const name of files) it(`${name} is HCL`, () => void parsed(name))

  it('the parser refuses what is no HCL', () => {
    const [tree, error] = parseToObject('variable "a" {\n  type =\n}\n')
    assert.equal(tree, null)
    assert.ok(error)
  })

  it('uses every variable that it declares, and no other', () => {
    assert.deepEqual(Object.keys(blocks('variable')).sort(), names(/\bvar\.(\w+)/g))
  })

  it('says of every variable what it is', () => {
    for (const name of Object.keys(blocks('variable'))) {
      assert.match(String(bodyOf('variable', name)['description']), /\.$/, name)
    }
  })

  it('refers to resources, data and locals that are there', () => {
    const there = (kind: string): string[] =>
      Object.entries(blocks(kind)).flatMap(([type, named]) =>
        Object.keys(named).map((name) => `${type}.${name}`),
      )
    const used = names(/(?<![\w.])((?:data\.)?aws_\w+\.\w+)/g)
    const known = [...there('resource'), ...there('data').map((name) => `data.${name}`)]
    assert.ok(used.length >= 6)
    assert.deepEqual(
      used.filter((name) => !known.includes(name)),
      [],
    )
    const [locals] = parsed('main.tf')['locals'] as readonly Tree[]
    assert.deepEqual(Object.keys(locals!).sort(), names(/\blocal\.(\w+)/g))
  })

  it('has hosts that end with their shutdown, disk included', () => {
    const host = resource('aws_instance', 'host')
    assert.equal(host['instance_initiated_shutdown_behavior'], 'terminate')
    const [disk] = host['root_block_device'] as readonly Tree[]
    assert.equal(disk!['delete_on_termination'], true)
    assert.match(String(host['user_data']), /user-data\.sh\.tftpl/)
  })

  it('has nothing that costs money without a host', () => {
    const types = Object.keys(blocks('resource')).sort()
    assert.deepEqual(types, [
      'aws_instance',
      'aws_internet_gateway',
      'aws_key_pair',
      'aws_route_table',
      'aws_route_table_association',
      'aws_security_group',
      'aws_subnet',
      'aws_vpc',
    ])
  })

  it('lets SSH in from the networks that were named alone', () => {
    const ingress = resource('aws_security_group', 'fleet')['ingress'] as readonly Tree[]
    const open = ingress.map((rule) => [rule['cidr_blocks'] ?? null, rule['self'] ?? false])
    assert.deepEqual(open, [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of HCL
      ['${var.ssh_from}', false],
      [null, true],
    ])
  })

  it('puts out what tsts hosts import reads', async () => {
    const value = String(bodyOf('output', 'hosts')['value'])
    const keys = [...value.matchAll(/^\s+(\w+)\s+=/gm)].map(([, key]) => key!)
    const sample: { readonly [key: string]: unknown } = {
      name: 'tsts-1',
      address: '192.0.2.17',
      user: 'admin',
      port: 2222,
    }
    assert.deepEqual(keys, Object.keys(sample))
    const output = { hosts: { sensitive: false, type: 'dynamic', value: [sample] } }
    const work = mkdtempSync(join(tmpdir(), 'tsts-fleet-'))
    try {
      const path = join(work, 'hosts.json')
      writeFileSync(path, JSON.stringify(output))
      const { code, stdout, stderr } = await tsts(['hosts', 'import', path])
      assert.equal(code, 0, stderr)
      assert.match(stdout, /<client host="[^"]*192\.0\.2\.17/)
    } finally {
      rmSync(work, { recursive: true })
    }
  })
})

describe('the end of life of a host', () => {
  const template = textOf('user-data.sh.tftpl')

  it('is filled in with what the module gives', () => {
    const given = /templatefile\("[^"]*", \{([^}]*)\}/.exec(textOf('main.tf'))![1]!
    const keys = [...given.matchAll(/^\s+(\w+)\s+=/gm)].map(([, key]) => key)
    const wanted = new Set([...template.matchAll(/\$\{(\w+)\}/g)].map(([, key]) => key))
    assert.deepEqual([...wanted].sort(), keys.sort())
  })

  for (const hours of [1, 72]) {
    it(`comes ${hours} h after the first start, whatever happens to the host meanwhile`, () => {
      const work = mkdtempSync(join(tmpdir(), 'tsts-fleet-'))
      try {
        const nowMs = Date.now()
        const { calls, timer, service } = firstStart(work, hours)
        const [, at] = /^OnCalendar=(.*) UTC$/m.exec(timer) ?? []
        const endMs = Date.parse(`${at?.replace(' ', 'T')}Z`)
        assert.ok(Math.abs(endMs - nowMs - hours * 3_600_000) < 120_000, `${at}`)
        assert.match(timer, /^Persistent=true$/m)
        assert.match(timer, /^WantedBy=timers\.target$/m)
        assert.match(service, /^ExecStart=\/sbin\/shutdown -h now$/m)
        assert.deepEqual(calls, [
          'hostnamectl set-hostname tsts-1',
          'systemctl daemon-reload',
          'systemctl enable --now end-of-life.timer',
          `shutdown -h +${hours * 60 + 5}`,
        ])
      } finally {
        rmSync(work, { recursive: true })
      }
    })
  }

  /** Runs it with units in `work`, and with programs that only note how they were called. */
  function firstStart(
    work: string,
    hours: number,
  ): { readonly calls: readonly string[]; readonly timer: string; readonly service: string } {
    for (const program of ['hostnamectl', 'systemctl', 'shutdown']) {
      const path = join(work, program)
      writeFileSync(path, `#!/bin/sh\necho ${program} "$@" >> '${work}/calls'\n`)
      chmodSync(path, 0o755)
    }
    const script = template
      .replaceAll(/\$\{name\}/g, 'tsts-1')
      .replaceAll(/\$\{ttl_hours\}/g, String(hours))
      .replaceAll('/etc/systemd/system/', `${work}/`)
    const env = { ...process.env, PATH: `${work}:${process.env['PATH']}` }
    const { status, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const read = (name: string): string => readFileSync(join(work, name), 'utf8')
    return {
      calls: read('calls').trimEnd().split('\n'),
      timer: read('end-of-life.timer'),
      service: read('end-of-life.service'),
    }
  }
})
