/**
 * What an exchange (exchange.ts) is at.
 *
 * | state     | waits for                                      | leaves to                                                  |
 * | --------- | ---------------------------------------------- | ---------------------------------------------------------- |
 * | idle      | nothing (unasked data, closes)                 | opening, waiting                                           |
 * | opening   | the connection, or its failure                 | waiting, retrying, idle (given up: the user ends)          |
 * | retrying  | its timer (back-off)                           | opening, waiting                                           |
 * | waiting   | the answer, idle_timeout                       | idle (answered, closed, failed), retrying (could not send) |
 * | sending   | a peer that reads (`no_ack`)                   | idle                                                       |
 * | barrier   | `released` (`ack="global"`)                    | idle                                                       |
 * | pushed    | the plugin's `goOn` (`bidi_ack`), idle_timeout | idle                                                       |
 * | upgrading | TLS on the connection, idle_timeout            | idle (or the user ends)                                    |
 * | stored    | `resume` (`change_type`)                       | idle                                                       |
 */
export type ExchangeState =
  | ('idle' | 'opening' | 'retrying' | 'waiting' | 'upgrading')
  | ('sending' | 'barrier' | 'pushed' | 'stored')

/** Whether idle_timeout ends the state. */
export function isTimed(state: ExchangeState): boolean {
  return state === 'waiting' || state === 'sending' || state === 'pushed' || state === 'upgrading'
}
