/** The realistic session: five requests, two extractions that feed two substitutions, a match, think times. */
import { paths } from './nginx.ts'

/**
 * @param thinkSeconds mean of the exponential wait behind each request
 * @param last elements of the last request, e.g. a header
 */
export function scriptedSession(thinkSeconds: number, last = ''): string {
  const steps = [
    `<request><dyn_variable name="token" re='name="token" value="([^"]*)"'/>${get(paths.page)}</request>`,
    `<request subst="true">${get(`${paths.checked}?token=%%_token%%`)}</request>`,
    `<request><dyn_variable name="cart" jsonpath="$.cart.id"/>${get(paths.json)}</request>`,
    `<request subst="true">${get(`${paths.checked}?cart=%%_cart%%`)}</request>`,
    `<request><match do="log" when="nomatch">lorem ipsum</match>${get(paths.page, last)}</request>`,
  ]
  return steps.map((step) => step + think(thinkSeconds)).join('')
}

/** The same five requests, written out. */
export function plainSession(thinkSeconds: number): string {
  const { page, checked, json } = paths
  const urls = [page, `${checked}?token=a7d3c9`, json, `${checked}?cart=c81f`, page]
  return urls.map((url) => `<request>${get(url)}</request>${think(thinkSeconds)}`).join('')
}

function think(seconds: number): string {
  return `<thinktime value="${seconds}" random="true"/>`
}

function get(url: string, inside = ''): string {
  return `<http url="${url}" method="GET">${inside}</http>`
}
