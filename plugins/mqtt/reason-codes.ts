/** What servers say of a refusal. Source: MQTT 3.1.1, 3.2.2.3; MQTT 5.0, 2.4. */

/** Reason codes from here on refuse. */
export const firstRefusal = 0x80

const returnCodes: { readonly [code: number]: string } = {
  1: 'unacceptable protocol version',
  2: 'client identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
}

const reasons: { readonly [code: number]: string } = {
  0: 'normal disconnection',
  4: 'disconnect with will message',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep alive timeout',
  142: 'session taken over',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  145: 'packet identifier in use',
  146: 'packet identifier not found',
  147: 'receive maximum exceeded',
  148: 'topic alias invalid',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  154: 'retain not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  158: 'shared subscriptions not supported',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
  161: 'subscription identifiers not supported',
  162: 'wildcard subscriptions not supported',
}

/** Counter of a refusal that is no CONNACK. */
export function reasonCounter(code: number): string {
  return `error_mqtt_reason_${code}`
}

/** For people. */
export function reasonText(code: number): string {
  return `${reasons[code] ?? 'a reason without a name'} (${code})`
}

/** The same for a CONNACK, whose codes were others before MQTT 5. */
export function connackText(code: number): string {
  return code < firstRefusal ? `${returnCodes[code]} (${code})` : reasonText(code)
}
