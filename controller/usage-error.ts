/** Arguments, scenario or folder cannot be used: told in one line without a stack, exit code 2. */
export class UsageError extends Error {
  readonly code = 'E_USAGE'
}

/** Whether `error` is a `UsageError`, by its code. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'code' in error && error.code === 'E_USAGE'
}
