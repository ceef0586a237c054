/** What names and values of headers may be. Source: RFC 9113, 8.2.1. */

/** @param name as it is sent: in lower case */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)
}

/** What follows a NUL or the end of a line would be something else where it is said in HTTP/1.1. */
export function isHeaderValue(value: string): boolean {
  return !/[\0\r\n]/.test(value)
}
