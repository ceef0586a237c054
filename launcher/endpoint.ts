import type { Endpoint } from '../core/scenario/model.ts'

export function isTls(endpoint: Endpoint): boolean {
  const { transport } = endpoint
  return (
    transport === 'ssl' ||
    transport === 'ssl6' ||
    transport === 'websocket_ssl' ||
    transport === 'bosh_ssl'
  )
}

export function isUdp(endpoint: Endpoint): boolean {
  return endpoint.transport === 'udp' || endpoint.transport === 'udp6'
}

export function isIpv6(endpoint: Endpoint): boolean {
  const { transport } = endpoint
  return transport === 'tcp6' || transport === 'ssl6' || transport === 'udp6'
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.host === b.host && a.transport === b.transport)
}
