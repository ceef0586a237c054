/** Words that the commands about hosts share. */

/** Why a host cannot be used, with what to do about it. */
export function reasonOf(error: unknown): string {
  const { message, hint } = error as { readonly message: string; readonly hint?: string | null }
  return hint ? `${message} (${hint})` : message
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
