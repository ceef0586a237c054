/** A request as it travels from controller to launcher. */
export type RawData =
  | { readonly type: 'data'; readonly data: string }
  /** Zero bytes: a number, or a text with markers. */
  | { readonly type: 'size'; readonly size: string }

/** Zero bytes of one request, at most. */
export const maxSize: number = 256 * 1024 * 1024

/** Null: it is no size. */
export function sizeOf(text: string): number | null {
  const size = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return size <= maxSize ? size : null
}
