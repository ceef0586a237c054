/** `<set_option>` and `<change_type>` as a user plays them. Source: reference tsung-core.md, 1.10 and 1.12. */
import type { Environment } from '../core/dynvars/environment.ts'
import { renderTemplate } from '../core/dynvars/template.ts'
import { unreachable } from '../core/json.ts'
import type { ChangeTypeOp } from '../core/program/ops.ts'
import { type CompiledSetOption, certificateFor, wholeNumberOf } from '../core/program/settings.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import type { Link } from './link.ts'

/** @returns false: a text that should say it is no whole number, nothing is changed */
export function applyOption(
  option: CompiledSetOption,
  link: Link,
  environment: Environment,
): boolean {
  switch (option.name) {
    case 'connect_timeout': {
      const ms = wholeNumberOf(option.ms, 1, environment)
      if (ms === null) return false
      link.connectTimeoutMs = ms
      return true
    }
    case 'rate_limit': {
      const kibPerS = wholeNumberOf(option.kibPerS, 0, environment)
      const burstKib = wholeNumberOf(option.burstKib, 0, environment)
      if (kibPerS === null || burstKib === null) return false
      // As Tsung counts: whole bytes a ms.
      link.setRateLimit(Math.floor((1024 * kibPerS) / 1000), 1024 * burstKib)
      return true
    }
    case 'certificate':
      link.useCertificate(certificateFor(option.certificate, environment))
      return true
    default:
      return unreachable(option)
  }
}

const maxPort = 65_535

/** Where `<change_type>` goes; null: its port is none. */
export function changedServer(op: ChangeTypeOp, environment: Environment): Endpoint | null {
  const port = wholeNumberOf(op.port, 1, environment)
  if (port === null || port > maxPort) return null
  const { transport } = op
  return { host: renderTemplate(op.host, environment), port, transport }
}
