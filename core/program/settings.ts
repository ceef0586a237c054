/** Think times and options whose values may be known only when they are played. */
import type { Environment } from '../dynvars/environment.ts'
import { numberOf } from '../dynvars/number.ts'
import { compileTemplate, renderTemplate, type Scope, type Template } from '../dynvars/template.ts'
import { unreachable } from '../json.ts'
import type { Certificate, CertificateFile, SetOption, ThinkTime } from '../scenario/model.ts'

export type CompiledThinkTime =
  | Exclude<ThinkTime, { readonly type: 'text' | 'text-range' }>
  | { readonly type: 'text'; readonly valueS: Template; readonly random: boolean }
  | { readonly type: 'text-range'; readonly minS: Template; readonly maxS: Template }

/** A think time that ends by itself. */
export type TimedThinkTime = Exclude<
  CompiledThinkTime,
  { readonly type: 'wait_global' | 'wait_bidi' }
>

export type CompiledSetOption =
  | { readonly name: 'connect_timeout'; readonly ms: Template }
  | { readonly name: 'rate_limit'; readonly kibPerS: Template; readonly burstKib: Template }
  | { readonly name: 'certificate'; readonly certificate: CompiledCertificate }

export interface CompiledCertificate {
  /** As the scenario has it: what holds when it has no markers. */
  readonly plain: Certificate
  readonly hasMarkers: boolean
  readonly ca: Template | null
  readonly key: Template | null
  readonly passphrase: Template | null
  readonly cert: Template | null
}

export function compileThinkTime(thinkTime: ThinkTime, scope: Scope): CompiledThinkTime {
  switch (thinkTime.type) {
    case 'text': {
      const { type, valueS, random } = thinkTime
      return { type, valueS: compileTemplate(valueS, scope), random }
    }
    case 'text-range': {
      const { type, minS, maxS } = thinkTime
      return { type, minS: compileTemplate(minS, scope), maxS: compileTemplate(maxS, scope) }
    }
    default:
      return thinkTime
  }
}

/** How long to wait, in ms; null: a text that should say it is no number of seconds. */
export function thinkMs(thinkTime: TimedThinkTime, environment: Environment): number | null {
  switch (thinkTime.type) {
    case 'constant':
      return thinkTime.ms
    case 'exponential':
      return exponential(thinkTime.meanMs, environment)
    case 'uniform':
      return uniform(thinkTime.minMs, thinkTime.maxMs, environment)
    case 'text': {
      const seconds = secondsOf(thinkTime.valueS, environment)
      if (seconds === null) return null
      return thinkTime.random ? exponential(seconds * 1000, environment) : seconds * 1000
    }
    case 'text-range': {
      const minS = secondsOf(thinkTime.minS, environment)
      const maxS = secondsOf(thinkTime.maxS, environment)
      if (minS === null || maxS === null || maxS < minS) return null
      return uniform(minS * 1000, maxS * 1000, environment)
    }
    default:
      return unreachable(thinkTime)
  }
}

/** Longest wait that a text may ask for: what is longer can only be a mistake. */
const maxSeconds = 365 * 24 * 3600

function secondsOf(text: Template, environment: Environment): number | null {
  const seconds = numberOf(renderTemplate(text, environment))
  return seconds === null || seconds < 0 || seconds > maxSeconds ? null : seconds
}

function exponential(meanMs: number, environment: Environment): number {
  return -Math.log(1 - environment.random()) * meanMs
}

function uniform(minMs: number, maxMs: number, environment: Environment): number {
  return minMs + environment.random() * (maxMs - minMs)
}

export function compileSetOption(option: SetOption, scope: Scope): CompiledSetOption {
  switch (option.name) {
    case 'connect_timeout':
      return { name: option.name, ms: compileTemplate(option.ms, scope) }
    case 'rate_limit': {
      const { name, kibPerS, burstKib } = option
      return {
        name,
        kibPerS: compileTemplate(kibPerS, scope),
        burstKib: compileTemplate(burstKib, scope),
      }
    }
    case 'certificate':
      return { name: option.name, certificate: compileCertificate(option.certificate, scope) }
    default:
      return unreachable(option)
  }
}

function compileCertificate(plain: Certificate, scope: Scope): CompiledCertificate {
  const path = (file: CertificateFile | null): Template | null =>
    file === null || 'pem' in file ? null : compileTemplate(file.path, scope)
  const ca = path(plain.ca)
  const key = path(plain.key)
  const cert = path(plain.cert)
  const passphrase = plain.passphrase === null ? null : compileTemplate(plain.passphrase, scope)
  const hasMarkers = [ca, key, cert, passphrase].some((text) => text?.constant === null)
  return { plain, hasMarkers, ca, key, passphrase, cert }
}

/** The certificate for a user. */
export function certificateFor(
  { plain, hasMarkers, ca, key, passphrase, cert }: CompiledCertificate,
  environment: Environment,
): Certificate {
  if (!hasMarkers) return plain
  return {
    ca: ca === null ? plain.ca : { path: renderTemplate(ca, environment) },
    key: key === null ? plain.key : { path: renderTemplate(key, environment) },
    passphrase: passphrase === null ? null : renderTemplate(passphrase, environment),
    cert: cert === null ? plain.cert : { path: renderTemplate(cert, environment) },
  }
}

/** A whole number from a text; null: it is none, or below `least`. */
export function wholeNumberOf(
  text: Template,
  least: number,
  environment: Environment,
): number | null {
  const value = numberOf(renderTemplate(text, environment))
  return value === null || !Number.isSafeInteger(value) || value < least ? null : value
}
