import { readFileSync } from 'node:fs'
import { isIP, type TcpNetConnectOpts } from 'node:net'
import { resolve } from 'node:path'
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
} from 'node:tls'
import type { Certificate, CertificateFile, TlsOptions } from '../core/scenario/model.ts'

/** What a user brings to its next TLS handshake. */
export interface TlsSettings {
  /** Markers in it are replaced already. */
  readonly certificate: Certificate | null
  /** A session to resume; null: full handshake. */
  readonly session: Buffer | null
}

/** A client certificate, or what belongs to it, cannot be read or used. */
export class CertificateError extends Error {
  readonly code: string = certificateErrorCode
}
export const certificateErrorCode = 'certificate'

/** Contexts of certificates that are kept: making one costs milliseconds, each takes some 10 KB. */
const maxContexts = 1000

/**
 * TLS as the scenario's options want it. Contexts are made once and shared by users with the same certificate.
 *
 * The server's certificate is not verified unless `ssl_verify` says so, as in Tsung.
 */
export class TlsClient {
  readonly #options: TlsOptions
  readonly #folder: string
  readonly #files: { readonly [path: string]: string }
  readonly #default: SecureContext
  readonly #contexts = new Map<string, SecureContext>()

  /**
   * @param folder where relative paths of certificates begin
   * @param files where some of them lie instead, by absolute path
   * @throws when a cipher list or version is unusable
   */
  constructor(
    options: TlsOptions,
    folder: string,
    files: { readonly [path: string]: string } = {},
  ) {
    this.#options = options
    this.#folder = folder
    this.#files = files
    this.#default = this.#context(null)
  }

  get reusesSessions(): boolean {
    return this.#options.reuseSessions
  }

  /**
   * @param host as the scenario names it: what the certificate is checked against, and SNI when it is a name
   * @throws {CertificateError}
   */
  options(tcp: TcpNetConnectOpts, host: string, settings: TlsSettings): ConnectionOptions {
    const { verify, disableSni } = this.#options
    return {
      ...(tcp as ConnectionOptions),
      secureContext: this.#contextOf(settings.certificate),
      rejectUnauthorized: verify,
      servername: disableSni || isIP(host) !== 0 ? '' : host,
      checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
        checkServerIdentity(host, certificate),
      ...(settings.session === null ? {} : { session: settings.session }),
    }
  }

  #contextOf(certificate: Certificate | null): SecureContext {
    if (certificate === null) return this.#default
    const key = JSON.stringify(certificate)
    let context = this.#contexts.get(key)
    if (context === undefined) {
      try {
        context = this.#context(certificate)
      } catch (error) {
        throw new CertificateError((error as Error).message, { cause: error })
      }
      if (this.#contexts.size >= maxContexts) {
        this.#contexts.delete(this.#contexts.keys().next().value!)
      }
      this.#contexts.set(key, context)
    }
    return context
  }

  #context(certificate: Certificate | null): SecureContext {
    const { ciphers, version } = this.#options
    const ca = this.#pem(certificate?.ca)
    const cert = this.#pem(certificate?.cert)
    const key = this.#pem(certificate?.key)
    return createSecureContext({
      ...(ciphers === null ? {} : { ciphers }),
      ...(version === null
        ? {}
        : { minVersion: version as SecureVersion, maxVersion: version as SecureVersion }),
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
      ...(certificate?.passphrase ? { passphrase: certificate.passphrase } : {}),
    })
  }

  #pem(file: CertificateFile | null | undefined): string | null {
    if (file === null || file === undefined) return null
    if ('pem' in file) return file.pem
    const path = resolve(this.#folder, Buffer.from(file.path, 'latin1').toString('utf8'))
    return readFileSync(this.#files[path] ?? path, 'latin1')
  }
}
