/** Names under which messages from user to user are measured. */
import type { MetricName } from './names.ts'

const count = { kind: 'count', unit: '', isError: false, inTsungLog: false } as const
const time = { kind: 'sample', unit: 'ms', isError: false, inTsungLog: false } as const

export const messageNames: readonly MetricName[] = [
  {
    ...count,
    name: 'tsts_messages_stamped',
    doc: 'messages stamped by those who sent them',
  },
  {
    ...count,
    name: 'tsts_messages_delivered',
    doc: 'stamped messages that came to a user: one for each of its receivers, and for each time it came',
  },
  {
    ...count,
    name: 'tsts_messages_lost',
    doc: 'messages that a receiver missed between two others of their stream for 30 s or until it ended',
  },
  {
    ...count,
    name: 'tsts_messages_duplicated',
    doc: 'messages that came to a receiver again: measured the first time only',
  },
  {
    ...count,
    name: 'tsts_messages_late_order',
    doc: 'messages that came to a receiver after a later one of their stream',
  },
  {
    ...count,
    name: 'tsts_messages_too_late',
    doc: 'messages that came after they were counted as lost, or again after so long that it is not known which',
  },
  {
    ...count,
    name: 'tsts_messages_unfollowed',
    doc: 'messages that were measured, and not looked at for loss, doubles and order: there were too many streams',
  },
  {
    ...count,
    name: 'tsts_messages_compared',
    doc: 'messages whose receivers were compared with each other: first, median, last',
  },
  {
    ...count,
    name: 'tsts_messages_receivers',
    doc: 'receivers of these messages',
  },
  {
    ...count,
    name: 'tsts_messages_uncompared',
    doc: 'receivers left out of that: they came 10 s after the others, or there were too many messages',
  },
  {
    ...count,
    name: 'tsts_messages_foreign',
    doc: 'messages with a stamp of another run, or of Tsung: not measured',
  },
  {
    ...count,
    name: 'tsts_messages_between_hosts',
    doc: 'stamped messages that came from a user of another host: measured with two clocks',
  },
  {
    ...count,
    name: 'tsts_messages_within_error',
    doc: 'of these, times less than what the two clocks may be wrong by',
  },
  {
    ...count,
    name: 'tsts_messages_negative',
    doc: 'of these, those that came before they were sent, as the two clocks say: measured as 0',
  },
  {
    ...count,
    name: 'tsts_messages_unclocked',
    doc: 'of these, those that were not measured because the other clock was not known yet',
  },
  {
    ...time,
    name: '…_first',
    doc: 'what a message took to the first of its receivers',
  },
  {
    ...time,
    name: '…_median',
    doc: 'what a message took until half of its receivers had it, right to 1.6 %',
  },
  {
    ...time,
    name: '…_last',
    doc: 'what a message took to the last of its receivers',
  },
]
