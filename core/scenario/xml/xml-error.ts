import type { Position } from '../model.ts'

export type XmlErrorCode = 'E_XML' | 'E_ENCODING' | 'E_ENTITY'

/** The text is not well-formed; thrown and caught inside core/scenario, where it becomes a diagnostic. */
export class XmlError extends Error {
  readonly code: XmlErrorCode
  readonly position: Position
  readonly hint: string | undefined
  constructor(code: XmlErrorCode, text: string, position: Position, hint?: string) {
    super(text)
    this.code = code
    this.position = position
    this.hint = hint
  }
}

/** Whether `error` is an `XmlError`, by its code. */
export function isXmlError(error: unknown): error is XmlError {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'E_XML' || error.code === 'E_ENCODING' || error.code === 'E_ENTITY')
  )
}
