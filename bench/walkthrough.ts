/**
 * One operator, from a list of bare hosts to a running load and back to bare hosts: every command as it is typed, what
 * it says, and how long it takes. The hosts are network namespaces, each with an sshd and no Node; an Ansible inventory
 * is all that is known of them. Three things are wrong, and are mended as `tsts doctor` says. Ends with exit code 1 when
 * a step did not do what it should, or something is left behind.
 *
 * `npx tsx bench/walkthrough.ts [--hosts 8]`, as root after `npm run build`, with
 * `apt-get install openssh-server openssh-client iproute2 nftables util-linux procps`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Done, Operator } from './support/operator.ts'
import { options } from './support/options.ts'

const { hosts: count } = options({ hosts: 8 }, 'hosts')
const main = fileURLToPath(new URL('../dist/controller/main.js', import.meta.url))
/** Users of each host at the same time, about: more than a login may have files by itself. */
const usersPerHost = 1100
const arrivalSeconds = 30
const targetPort = 8080
/** Lines of a command that are shown; of more the first and the last. */
const shownLines = 24
const few = 'load3'
const elsewhere = 'load5'
const limits = '/etc/security/limits.d/50-site.conf'
const reach = '--ssh-config hosts.ssh'

interface Row extends Done {
  readonly line: string
}

const rows: Row[] = []
const wrong: string[] = []

if (count < 5) throw new Error('--hosts: at least 5')
const operator = await Operator.open(count, {
  [few]: { [limits]: 'root - nofile 1024\n' },
})
const before = operator.hosts.map((host) => operator.filesOf(host))
const echo = await startEcho()
const tidy = async (): Promise<void> => {
  echo.kill()
  await operator.close()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void tidy().finally(() => process.exit(130)))
}
try {
  writeFileSync(join(operator.folder, 'inventory.ini'), operator.inventory)
  writeFileSync(join(operator.folder, 'shop.xml'), scenario(operator.target.address))
  await walk()
} finally {
  await tidy()
}
for (const each of wrong) console.log(`WRONG: ${each}`)
process.exitCode = wrong.length > 0 ? 1 : 0

async function walk(): Promise<void> {
  await type('cat inventory.ini', 0)
  await type(`tsts hosts import inventory.ini --into shop.xml ${reach} --cpu 1 --maxusers 5000`, 0)
  // One host gets a source address of its own.
  const client = `<client host="${elsewhere}"`
  const address = `${operator.hosts[0]!.server.address.replace(/\d+$/, '205')}`
  await type(`sed -i 's|\\(${client}[^/]*\\)/>|\\1><ip value="${address}"/></client>|' shop.xml`, 0)
  await type('cat shop.xml', 0)
  await mend()
  await type(`tsts tune shop.xml ${reach} > tune.sh`, 0)
  await type('cat tune.sh', 0)
  await type('sh tune.sh', 0)
  const run = await type(`tsts run shop.xml ${reach} -l log`, 0)
  const folder = join(operator.folder, 'log', readdirSync(join(operator.folder, 'log'))[0] ?? '')
  await type(`tsts report ${folder}`, 0)
  judgeRun(folder, run)
  await type('sh tune.sh undo', 0)
  await type(`tsts hosts clean shop.xml ${reach}`, 0)
  judgeHosts()
  told()
}

/** Examines the hosts, does what is told, and examines them again, until nothing is left to do. */
async function mend(): Promise<void> {
  const first = await type(`tsts doctor shop.xml ${reach} -q`, 5)
  const noNode = faultsIn(first)
  check(noNode.length === count, `${noNode.length} hosts without Node were told`)
  check(
    noNode.every(({ what }) => what === 'node'),
    'what is wrong is that there is no Node',
  )
  let visit = first
  const seen = new Set(noNode.map(({ host, what }) => `${host} ${what}`))
  for (const remedy of new Set(noNode.map(({ remedy }) => remedy))) visit = await type(remedy, 4)
  for (const { host, what, remedy } of faultsIn(visit)) {
    seen.add(`${host} ${what}`)
    await type(remedy, 0)
  }
  for (const fault of [`${few} descriptors`, `${elsewhere} addresses`]) {
    check(seen.has(fault), `the doctor told of ${fault}`)
  }
  const last = await type(`tsts doctor shop.xml ${reach} -q`, 0)
  check(faultsIn(last).length === 0, 'no fault is left')
}

function faultsIn({ output }: Done): readonly {
  readonly host: string
  readonly what: string
  readonly remedy: string
}[] {
  const lines = output.matchAll(/^(\S+) +(\S+) +fault .*?; do: (.*)$/gm)
  return [...lines].map(([, host, what, remedy]) => ({ host: host!, what: what!, remedy: remedy! }))
}

function judgeRun(folder: string, { output }: Done): void {
  const path = join(folder, 'summary.json')
  if (!existsSync(path)) {
    check(false, `the run left a summary:\n${output}`)
    return
  }
  const summary = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly verdict: { readonly status: string }
    readonly load: { readonly plannedUsers: number; readonly finishedUsers: number }
    readonly launchers: readonly { readonly host: string }[]
    readonly counters: { readonly [name: string]: number }
  }
  const { plannedUsers, finishedUsers } = summary.load
  check(summary.verdict.status === 'valid', `the verdict is valid: ${summary.verdict.status}`)
  check(
    finishedUsers === plannedUsers,
    `${finishedUsers} of ${plannedUsers} users came to their end`,
  )
  check(summary.counters['200'] === 2 * plannedUsers, 'every request had its answer')
  const hosts = new Set(summary.launchers.map(({ host }) => host))
  check(hosts.size === count, `${hosts.size} hosts played`)
  check(existsSync(join(folder, 'report.html')), 'there is a report')
}

function judgeHosts(): void {
  operator.hosts.forEach((host, at) => {
    const left = operator.left(host, before[at]!)
    check(left.length === 0, `nothing is left on ${host.name}: ${left.join(', ')}`)
  })
  const own = join(operator.home, '.cache/tsts')
  check(!existsSync(own), `nothing is left in ${own}`)
}

/** Shows a command, runs it, and shows what it said. */
async function type(line: string, code: number): Promise<Done> {
  console.log(`$ ${line}`)
  const done = await operator.do(line)
  const lines = done.output.trimEnd().split('\n')
  const hidden = lines.length - shownLines
  const shown =
    hidden <= 0
      ? lines
      : [
          ...lines.slice(0, shownLines / 2),
          `… ${hidden} lines more`,
          ...lines.slice(-shownLines / 2),
        ]
  for (const each of shown) if (each !== '' || shown.length > 1) console.log(`  ${each}`)
  console.log(`[exit code ${done.code}, ${done.seconds.toFixed(1)} s]\n`)
  rows.push({ ...done, line })
  check(done.code === code, `exit code ${code} of: ${line}`)
  return done
}

/** @param what should be so */
function check(isSo: boolean, what: string): void {
  if (!isSo) wrong.push(what)
}

function told(): void {
  console.log('seconds  command')
  for (const { seconds, line } of rows) console.log(`${seconds.toFixed(1).padStart(7)}  ${line}`)
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0)
  console.log(`${total.toFixed(1).padStart(7)}  in all, ${count} hosts`)
}

/** The target, on a machine of its own. */
async function startEcho(): Promise<ReturnType<typeof spawn>> {
  const { address, under } = operator.target
  const [command, ...args] = [...under, process.execPath, main, 'echo']
  const flags = ['--host', address, '--port', String(targetPort)]
  const child = spawn(command!, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}

/** As an operator has it before there are hosts. */
function scenario(target: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="localhost"/></clients>
  <servers><server host="${target}" port="${targetPort}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${arrivalSeconds}" unit="second">
      <users maxnumber="${usersPerHost * count}" arrivalrate="${(usersPerHost * count) / arrivalSeconds}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="visit" probability="100" type="ts_http">
      <request><http url="/" method="GET" version="1.1"/></request>
      <thinktime value="${arrivalSeconds}"/>
      <request><http url="/basket" method="GET" version="1.1"/></request>
    </session>
  </sessions>
</tsung>
`
}
