/** Hosts that are broken, each in its own way: what `tsts doctor` says of them, and whether its remedies are true. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Check } from '../../controller/doctor/model.ts'
import { requirePath, requirePeer } from '../support/peers.ts'
import { assertQuoted, promisedRow, quotesIn } from '../support/quotes.ts'
import { built, Clinic, type PatientOptions, type Visit } from './clinic.ts'

interface Fault extends PatientOptions {
  /** First cell of its row in docs/doctor.md. */
  readonly title: string
  readonly check: Check
}

/** Debian has it in the folder of the machine's kind. */
const libfaketime =
  readdirSync('/usr/lib')
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path)) ?? '/usr/lib/faketime/libfaketime.so.1'

/** Its date is what a file says. `date -s` writes it, where no kernel lets a host have a clock of its own. */
const skewedClock = `
cp ${process.execPath} "$HOME/real-node"
cat > "$HOME/node" <<'EOF'
#!/bin/sh
export LD_PRELOAD=${libfaketime} FAKETIME_TIMESTAMP_FILE="$HOME/offset" FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1
exec "$HOME/real-node" "$@"
EOF
cat > "$HOME/date" <<'EOF'
#!/bin/sh
[ "$1" = -s ] || exit 64
"$HOME/real-node" -p '(Number(process.argv[1].slice(1)) - Date.now() / 1000).toFixed(3).replace(/^(?!-)/, "+")' "$2" > "$HOME/offset"
EOF
chmod +x "$HOME/node" "$HOME/date"
echo +90 > "$HOME/offset"
mount --bind "$HOME/node" ${process.execPath}
mount --bind "$HOME/date" "$(command -v date)"`

const faults: readonly Fault[] = [
  {
    title: 'no Node',
    name: 'bare',
    check: 'node',
    setUp: `mount --bind /dev/null ${process.execPath}`,
  },
  {
    title: 'its key has changed',
    name: 'renewed',
    check: 'host-key',
    breakIt: ({ sandbox }, { machine, server }) => {
      const known = readFileSync(sandbox.knownHosts, 'utf8')
      const [type, key] = readFileSync(`${sandbox.userKey}.pub`, 'utf8').split(' ')
      const other = `[${machine.address}]:${server.port} ${type} ${key}`
      const line = new RegExp(`^\\[${machine.address}\\]:${server.port} .*$`, 'm')
      writeFileSync(sandbox.knownHosts, known.replace(line, other))
    },
  },
  {
    title: 'few descriptors',
    name: 'narrow',
    check: 'descriptors',
    sshd: ['UsePAM yes'],
    setUp: `mkdir -p "$HOME/limits.d"
mount --bind "$HOME/limits.d" /etc/security/limits.d
echo 'root - nofile 128' > "$HOME/limits.d/50-site.conf"`,
  },
  {
    title: 'a tiny port range',
    name: 'portless',
    check: 'ports',
    breakIt: (clinic, { machine }) => {
      clinic.on(machine, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40009')
    },
  },
  {
    title: 'a firewall before the target',
    name: 'walled',
    check: 'target',
    breakIt: (clinic, { machine }) => {
      const rule = `ip saddr ${machine.address} drop`
      clinic.on(
        clinic.target,
        ...['nft', 'add table inet filter;', 'add chain inet filter input'],
        ...['{ type filter hook input priority 0; };', `add rule inet filter input ${rule}`],
      )
    },
  },
  {
    title: 'source addresses that are not there',
    name: 'addressless',
    check: 'addresses',
    client: '<ip value="10.77.0.200"/>',
  },
  { title: 'its clock is ahead', name: 'skewed', check: 'clock', setUp: skewedClock },
  {
    title: 'a slow link',
    name: 'slow',
    check: 'link',
    breakIt: (clinic, { machine }) => clinic.network.slow(machine, 0.5),
  },
]

describe('hosts that are broken', function () {
  this.timeout(400_000)
  let clinic: Clinic
  let ill: Visit
  let well: Visit

  before(async function () {
    requirePeer(this, 'faketime', 'faketime')
    requirePath(this, libfaketime, 'apt-get install faketime')
    built()
    clinic = await Clinic.open(this, faults)
    ill = await clinic.visit()
    for (const { name, check } of faults) {
      for (const remedy of remediesOf(ill.of(name), check)) clinic.follow(remedy)
    }
    well = await clinic.visit()
  })
  after(() => clinic?.close())

  for (const { title, name, check } of faults) {
    it(`${title}: is told as docs/doctor.md says, and what is told mends it`, () => {
      const [cell = ''] = promisedRow('docs/doctor.md', title)
      assertQuoted(quotesIn(cell), ill.of(name))
      const wrong = linesOf(ill.of(name), check).filter(({ status }) => status !== 'ok')
      assert.ok(wrong.length > 0, ill.seen)
      const left = linesOf(well.of(name), check)
      assert.ok(left.length > 0, well.seen)
      for (const { status, line } of left) assert.equal(status, 'ok', line)
    })
  }

  it('one that cannot be used, or is short, is told by the exit code', () => {
    assert.equal(ill.code, 5, ill.seen)
    assert.match(
      ill.seen,
      /^8 hosts, 2 of them cannot be used, \d+ faults, \d+ warnings?: exit code 5$/m,
    )
  })

  it('nothing forbids when all was done that was told', () => {
    const faulty = well.seen.split('\n').filter((line) => / fault {4}/.test(line))
    assert.deepEqual(faulty, [])
    assert.equal(well.code, 0, well.seen)
  })

  it('nothing is wrong with what was not broken', () => {
    // The CPU is everybody's on this machine.
    const others = faults.flatMap(({ name, check }) =>
      linesOf(ill.of(name), null)
        .filter((each) => each.check !== check && each.check !== 'cpu')
        .filter(({ status }) => status !== 'ok'),
    )
    assert.deepEqual(others, [])
  })

  it('is told for machines as well', async () => {
    const hosts = await clinic.visitJson()
    assert.deepEqual(
      hosts.map(({ host }) => host),
      faults.map(({ name }) => name),
    )
    for (const { findings, needs } of hosts) {
      assert.ok(findings.some(({ check }) => check === 'target'))
      assert.ok(needs!.descriptors > 40)
    }
  })

  it('leaves no process on any host', () => {
    for (const { machine } of clinic.patients) {
      const left = clinic.on(clinic.controller, 'ip', 'netns', 'pids', machine.name)
      const commands = left
        .split('\n')
        .filter((pid) => pid !== '')
        .map((pid) => textOf(`/proc/${pid}/cmdline`))
      assert.deepEqual(
        commands.filter((command) => command.includes('launcher.mjs')),
        [],
      )
    }
  })
})

interface Line {
  readonly check: string
  readonly status: string
  readonly line: string
}

/** @param check null: all */
function linesOf(text: string, check: Check | null): readonly Line[] {
  return text.split('\n').flatMap((line): readonly Line[] => {
    const [, name, status] = /^\S+ +(\S+) +(ok|warning|fault) /.exec(line) ?? []
    if (name === undefined || (check !== null && name !== check)) return []
    return [{ check: name, status: status!, line }]
  })
}

function remediesOf(text: string, check: Check): readonly string[] {
  return linesOf(text, check).flatMap(({ line }) => /; do: (.*)$/.exec(line)?.[1] ?? [])
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // it has ended meanwhile
  }
}
