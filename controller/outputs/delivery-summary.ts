/** Of summary.json: messages from user to user. */
import type { DeliveryReport, Receivers } from '../deliveries.ts'

/** Counts are of messages; each receiver of a message counts, save for `stamped`. */
export interface DeliverySummary {
  readonly stamped: number
  /** Each time that one came. */
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
  /** Came after a later one of their stream. */
  readonly lateOrder: number
  /** Came after they were counted as lost, or again after so long. */
  readonly tooLate: number
  /** Not looked at for loss, doubles and order. */
  readonly unfollowed: number
  /** Of another run. */
  readonly foreign: number
  readonly betweenHosts: BetweenHosts
  /** Of the messages whose receivers were compared; their times are among the metrics. */
  readonly receivers: readonly Receivers[]
}

/** Messages that were measured with the clocks of two hosts. */
export interface BetweenHosts {
  readonly count: number
  /** The greatest error of a time; null: there was no such message, or it is not known. */
  readonly clockErrorMs: number | null
  /** Times less than what they may be wrong by. */
  readonly withinError: number
  /** Came before they were sent, as the clocks say: measured as 0. */
  readonly negative: number
  /** Not measured: a clock was not known. */
  readonly unclocked: number
}

/** Null: no message was stamped. */
export function deliverySummary(
  counters: ReadonlyMap<string, number>,
  { clockErrorMs, receivers }: DeliveryReport,
): DeliverySummary | null {
  const of = (name: string): number => counters.get(`tsts_messages_${name}`) ?? 0
  if (of('stamped') + of('delivered') + of('foreign') === 0) return null
  return {
    stamped: of('stamped'),
    delivered: of('delivered'),
    lost: of('lost'),
    duplicated: of('duplicated'),
    lateOrder: of('late_order'),
    tooLate: of('too_late'),
    unfollowed: of('unfollowed'),
    foreign: of('foreign'),
    betweenHosts: {
      count: of('between_hosts'),
      clockErrorMs: clockErrorMs === null ? null : Math.round(clockErrorMs * 1e4) / 1e4,
      withinError: of('within_error'),
      negative: of('negative'),
      unclocked: of('unclocked'),
    },
    receivers,
  }
}
