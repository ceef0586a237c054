/**
 * Brings a file to a host: over the shell, or from another host that offers it.
 *
 * It is written beside its place and moved there when its hash is right, so that a cut leaves no half of it.
 */
import type { FileOffer } from '../../core/wire/messages.ts'
import type { HostFile } from './host-file.ts'
import { type Output, type RemoteShell, runToEnd, shellWord } from './shell.ts'
import { SshError } from './ssh-error.ts'
import { sshFailed, systemSshError } from './system-ssh.ts'

/** What a host can do for us. */
export interface HostTools {
  readonly hasGzip: boolean
  /** With what it can fetch over TCP without a Node; null: it cannot. */
  readonly fetcher: 'bash' | 'curl' | null
}

/** Bytes that are written at a time. */
const sliceBytes = 128 * 1024
/** A transfer in which nothing moves is given up after so long, in ms. */
const stalledMs = 30_000
/** A download from another host may take so long, and so long for each byte, in ms. */
const fetchMs = 30_000
const fetchMsPerByte = 1 / 1000
/** How often it is told that a download goes on, in ms. */
const goingMs = 2000
/** Seconds that a host may take to reach another. */
const connectSeconds = 5

/**
 * @param folder `~/.cache/tsts` of the host, absolute
 * @param onBytes told of bytes that have gone out
 * @returns bytes that went out
 * @throws {SshError} `E_REMOTE` when the host does not keep it, `E_SSH_LOST` when nothing moves
 */
export async function sendTo(
  shell: RemoteShell,
  folder: string,
  file: HostFile,
  tools: HostTools,
  onBytes: (count: number) => void,
): Promise<number> {
  const input = await (tools.hasGzip ? file.gzipped() : file.plain())
  const unpack = tools.hasGzip ? 'gzip -dc' : 'cat'
  const script = `${unpack} > "$t" ${keep(file)}`
  const path = `${folder}/${file.path}`
  const { stdout, stderr, code } = await runWithInput(
    shell,
    `sh -c ${shellWord(begin(path) + script)}`,
    input,
    onBytes,
  )
  if (code === 0 && stdout.includes('kept')) return input.length
  throw notKept(shell.host, file, path, code, stderr)
}

/**
 * @param offer of another host
 * @param onGoing told from time to time while it goes on
 * @throws {SshError} `E_REMOTE` when it could not be fetched
 */
export async function fetchTo(
  shell: RemoteShell,
  folder: string,
  file: HostFile,
  tools: HostTools,
  offer: FileOffer,
  onGoing: () => void,
): Promise<void> {
  const path = `${folder}/${file.path}`
  const { address, port, token } = offer
  if (!/^[0-9a-f.:%\w]+$/i.test(address) || !Number.isInteger(port) || !/^\w+$/.test(token)) {
    throw new SshError('E_REMOTE', `${shell.host} was told of an offer that is none`)
  }
  const get = tools.fetcher === 'bash' ? bashDownload(offer) : curlDownload(offer)
  // By standard input: a token in the arguments of a command would be seen by others on the host.
  const script = `${begin(path)}download() {\n${get}}\ndownload ${keep(file)}`
  const deadlineMs = fetchMs + file.bytes * fetchMsPerByte
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seconds = Math.round(deadlineMs / 1000)
      reject(new SshError('E_REMOTE', `it took longer than ${seconds} s`))
    }, deadlineMs)
  })
  const going = setInterval(onGoing, goingMs)
  try {
    const running = runToEnd(shell, tools.fetcher === 'bash' ? 'bash' : 'sh', script)
    const { stdout, stderr, code } = await Promise.race([running, late])
    if (code === 0 && stdout.includes('kept')) return
    throw new SshError('E_REMOTE', stderr.trim() || `exit code ${code}`)
  } finally {
    clearInterval(going)
    clearTimeout(timer)
  }
}

function begin(path: string): string {
  return `umask 077; f=${shellWord(path)}; t="$f.$$"; mkdir -p "$(dirname "$f")" || exit 1\n`
}

/** Behind a command that writes to `$t`. */
function keep({ sha256, isProgram }: HostFile): string {
  const mode = isProgram ? 'chmod 700 "$t" && ' : ''
  const isWhole = `[ "$(sha256sum < "$t" | cut -d' ' -f1)" = ${sha256} ]`
  return (
    `&& { ${isWhole} || { echo "it arrived broken" >&2; false; }; } && ` +
    `${mode}mv -f "$t" "$f" && echo kept || { rm -f "$t"; exit 1; }\n`
  )
}

/** Bash speaks TCP by itself; every Debian has it. Source: bash(1), REDIRECTION. */
function bashDownload({ address, port, token }: FileOffer): string {
  const place = `/dev/tcp/${address}/${port}`
  return `  timeout ${connectSeconds} bash -c ': < ${place}' 2>/dev/null || { echo "${address} port ${port} cannot be reached" >&2; return 1; }
  exec 3<> ${place} || return 1
  printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' ${token} >&3
  IFS= read -r status <&3
  case $status in *' 200 '*) ;; *) echo "the offer is not there: $status" >&2; return 1;; esac
  while IFS= read -r line <&3 && [ -n "\${line%$'\\r'}" ]; do :; done
  cat <&3 > "$t"
`
}

function curlDownload({ address, port, token }: FileOffer): string {
  const host = address.includes(':') ? `[${address}]` : address
  const url = `http://${host}:${port}/${token}`
  return `  curl -sSf --noproxy '*' --connect-timeout ${connectSeconds} -o "$t" -K - <<END
url = "${url}"
END
`
}

/** Like `runToEnd`, for what takes long: tells what goes out, and gives up when nothing moves. */
async function runWithInput(
  shell: RemoteShell,
  command: string,
  input: Buffer,
  onBytes: (count: number) => void,
): Promise<Output> {
  const { stdin, stdout, stderr, ended } = await shell.run(command)
  const output = { stdout: '', stderr: '' }
  stdout.on('data', (bytes: Buffer) => {
    output.stdout += bytes.toString()
  })
  stderr.on('data', (bytes: Buffer) => {
    output.stderr += bytes.toString()
  })
  // A command that ends early breaks its input; its exit code tells.
  stdin.on('error', () => undefined)
  let stall: (error: SshError) => void = () => undefined
  const stalled = new Promise<never>((_, reject) => {
    stall = reject
  })
  const giveUp = (): void =>
    stall(new SshError('E_SSH_LOST', `${shell.host} takes nothing for ${stalledMs / 1000} s`))
  const timer = setTimeout(giveUp, stalledMs)
  const write = async (): Promise<void> => {
    for (let at = 0; at < input.length && stdin.writable; at += sliceBytes) {
      const slice = input.subarray(at, at + sliceBytes)
      await new Promise<void>((resolve) => stdin.write(slice, () => resolve()))
      timer.refresh()
      onBytes(slice.length)
    }
    stdin.end()
  }
  try {
    const [{ code }] = await Promise.race([
      Promise.all([ended, Promise.race([write(), ended])]),
      stalled,
    ])
    return { ...output, code }
  } finally {
    clearTimeout(timer)
  }
}

function notKept(
  host: string,
  { what }: HostFile,
  path: string,
  code: number | null,
  stderr: string,
): SshError {
  if (code === sshFailed) return systemSshError(host, stderr)
  const why = stderr.trim() || `exit code ${code}`
  return new SshError('E_REMOTE', `${host} does not keep ${what} in ${path}: ${why}`)
}
