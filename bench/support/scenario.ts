/** Scenarios that tsts and Debian's Tsung play alike. */

export interface ScenarioParts {
  readonly port: number
  readonly tls?: boolean
  /** Source addresses of the users, from 127.0.1.1 on; 0: the system's choice. */
  readonly sources?: number
  /** Elements of `<load>`. */
  readonly load: string
  /** Attributes of `<load>`. */
  readonly loadAttributes?: string
  /** `<option>` elements. */
  readonly options?: string
  /** `ts_http` unless told. */
  readonly type?: string
  /** Elements of the one `<session>`. */
  readonly session: string
}

export function scenario(parts: ScenarioParts): string {
  const { port, tls = false, sources = 0, load, session } = parts
  const { loadAttributes = '', options = '', type = 'ts_http' } = parts
  const addresses = Array.from({ length: sources }, (_, at) => `<ip value="127.0.1.${at + 1}"/>`)
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="error">
  <clients>
    <client host="localhost" use_controller_vm="true" maxusers="30000">${addresses.join('')}</client>
  </clients>
  <servers><server host="127.0.0.1" port="${port}" type="${tls ? 'ssl' : 'tcp'}"/></servers>
  <load ${loadAttributes}>
    ${load}
  </load>
  <options>${options}</options>
  <sessions>
    <session name="bench" probability="100" type="${type}">
      ${session}
    </session>
  </sessions>
</tsung>
`
}

/** `users` users from the start on, all cut after `seconds`. */
export function closedLoad(
  users: number,
  seconds: number,
): Pick<ScenarioParts, 'load' | 'loadAttributes'> {
  const all = '<user session="bench" start_time="0" unit="second"/>'.repeat(users)
  return {
    loadAttributes: `duration="${seconds}" unit="second"`,
    // Tsung wants a phase.
    load: `<arrivalphase phase="1" duration="1" unit="hour"><users arrivalrate="1" unit="hour" maxnumber="1"/></arrivalphase>${all}`,
  }
}

export function forever(steps: string): string {
  return `<for var="i" from="1" to="1000000000">${steps}</for>`
}
