import { isIP, type TcpNetConnectOpts } from 'node:net'
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
} from 'node:tls'
import type { Certificate, TlsOptions } from '../core/scenario/model.ts'

/** What a user brings to its next TLS handshake. */
export interface TlsSettings {
  readonly certificate: Certificate | null
  /** A session to resume; null: full handshake. */
  readonly session: Buffer | null
}

/**
 * TLS as the scenario's options want it. Contexts are made once and shared: making one costs milliseconds.
 *
 * The server's certificate is not verified unless `ssl_verify` says so, as in Tsung.
 */
export class TlsClient {
  readonly #options: TlsOptions
  readonly #default: SecureContext
  readonly #contexts = new Map<Certificate, SecureContext>()

  /** @throws when a cipher list or version is unusable */
  constructor(options: TlsOptions) {
    this.#options = options
    this.#default = this.#context(null)
  }

  get reusesSessions(): boolean {
    return this.#options.reuseSessions
  }

  /** @param host as the scenario names it: what the certificate is checked against, and SNI when it is a name */
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
    let context = this.#contexts.get(certificate)
    if (context === undefined) {
      context = this.#context(certificate)
      this.#contexts.set(certificate, context)
    }
    return context
  }

  #context(certificate: Certificate | null): SecureContext {
    const { ciphers, version } = this.#options
    return createSecureContext({
      ...(ciphers === null ? {} : { ciphers }),
      ...(version === null
        ? {}
        : { minVersion: version as SecureVersion, maxVersion: version as SecureVersion }),
      ...(certificate?.ca ? { ca: certificate.ca } : {}),
      ...(certificate?.cert ? { cert: certificate.cert } : {}),
      ...(certificate?.key ? { key: certificate.key } : {}),
      ...(certificate?.passphrase ? { passphrase: certificate.passphrase } : {}),
    })
  }
}
