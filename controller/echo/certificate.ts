import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** PEM texts. */
export interface KeyPair {
  readonly key: string
  readonly cert: string
}

/**
 * A self-signed certificate for `localhost` and 127.0.0.1, made by the `openssl` of this machine: Node cannot make one.
 *
 * @throws when there is no `openssl`, or it fails
 */
export function selfSigned(): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-echo-'))
  try {
    const key = join(folder, 'key.pem')
    const cert = join(folder, 'cert.pem')
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
    const made = spawnSync(
      'openssl',
      // biome-ignore format: an option and its value stand together
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
        '-subj', '/CN=localhost', '-addext', names, '-keyout', key, '-out', cert],
      { encoding: 'utf8', timeout: 30_000 },
    )
    if (made.error !== undefined) {
      throw new Error(`openssl, which makes the certificate, cannot be run: ${made.error.message}`)
    }
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr.trim()}`)
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
