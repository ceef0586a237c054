/** What the launchers of a run have to agree on so that a message can be measured from one to another. */

/** What a launcher stamps messages with. */
export interface StampSettings {
  /** Of the run (`tokenLength` letters and digits). */
  readonly token: string
  /** Index of the launcher's host: launchers of one host share its monotonic clock. */
  readonly host: number
  /** Of the messages that this launcher stamps in a second, so many at most have their receivers compared. */
  readonly comparedPerSecond: number
}

/** How the monotonic clock of a host stands. */
export interface ClockReading {
  /** Index of the host. */
  readonly host: number
  /** ahead of the clock of the controller's host. */
  readonly offsetMs: number
  /** Right to this, at the moment of sending. */
  readonly errorMs: number
}

/** How much two clocks may drift apart, ms in a ms: crystals are right to some 50 millionths. */
export const clockDrift = 1e-4
