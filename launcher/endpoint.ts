import type { Endpoint } from '../core/scenario/model.ts'

export function isTls(endpoint: Endpoint): boolean {
  return endpoint.transport === 'ssl' || endpoint.transport === 'ssl6'
}

export function isIpv6(endpoint: Endpoint): boolean {
  return endpoint.transport === 'tcp6' || endpoint.transport === 'ssl6'
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.host === b.host && a.transport === b.transport)
}
