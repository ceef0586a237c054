/** Time. There are no time zones here: local time is UTC. */
import { integer, small } from '../term/coerce.ts'
import { Atom, badarg, type Library, type Machine, type Term, Tuple, tuple } from '../term/term.ts'

/** From the year 0 to 1970. */
const gregorianEpochDays = 719_528n
const secondsPerDay = 86_400n

export const clock: Library = {
  'erlang:now/0': (_, machine) => timestamp(machine),
  'erlang:timestamp/0': (_, machine) => timestamp(machine),
  'os:timestamp/0': (_, machine) => timestamp(machine),
  'erlang:system_time/0': (_, machine) => nowUs(machine) * 1000n,
  'erlang:system_time/1': ([unit], machine) => inUnit(nowUs(machine), unit),
  'os:system_time/0': (_, machine) => nowUs(machine) * 1000n,
  'os:system_time/1': ([unit], machine) => inUnit(nowUs(machine), unit),
  'erlang:monotonic_time/0': (_, machine) => nowUs(machine) * 1000n,
  'erlang:monotonic_time/1': ([unit], machine) => inUnit(nowUs(machine), unit),
  'erlang:date/0': (_, machine) => nowDateTime(machine).items[0]!,
  'erlang:time/0': (_, machine) => nowDateTime(machine).items[1]!,
  'erlang:localtime/0': (_, machine) => nowDateTime(machine),
  'erlang:universaltime/0': (_, machine) => nowDateTime(machine),
  'calendar:local_time/0': (_, machine) => nowDateTime(machine),
  'calendar:universal_time/0': (_, machine) => nowDateTime(machine),
  'calendar:now_to_datetime/1': ([now]) => dateTime(stampUs(now) / 1_000_000n),
  'calendar:now_to_universal_time/1': ([now]) => dateTime(stampUs(now) / 1_000_000n),
  'calendar:now_to_local_time/1': ([now]) => dateTime(stampUs(now) / 1_000_000n),
  'calendar:system_time_to_universal_time/2': ([time, unit]) =>
    dateTime((integer(time) * 1_000_000n) / inUnit(1_000_000n, unit) / 1_000_000n),
  'calendar:local_time_to_universal_time/1': ([time]) => time,
  'calendar:universal_time_to_local_time/1': ([time]) => time,
  'calendar:datetime_to_gregorian_seconds/1': ([time]) =>
    seconds(time) + gregorianEpochDays * secondsPerDay,
  'calendar:gregorian_seconds_to_datetime/1': ([value]) =>
    dateTime(integer(value) - gregorianEpochDays * secondsPerDay),
  'calendar:date_to_gregorian_days/1': ([date]) => days(date) + gregorianEpochDays,
  'calendar:date_to_gregorian_days/3': ([year, month, day]) =>
    days(tuple(year, month, day)) + gregorianEpochDays,
  'calendar:gregorian_days_to_date/1': ([value]) => date(integer(value) - gregorianEpochDays),
  'calendar:time_to_seconds/1': ([time]) => daySeconds(time),
  'calendar:day_of_the_week/1': ([value]) => ((days(value) + 3n) % 7n) + 1n,
  'timer:now_diff/2': ([late, early]) => stampUs(late) - stampUs(early),
  'timer:seconds/1': ([value]) => integer(value) * 1000n,
  'timer:minutes/1': ([value]) => integer(value) * 60_000n,
  'timer:hours/1': ([value]) => integer(value) * 3_600_000n,
}

/** Microseconds since 1970. */
export function nowUs({ environment }: Machine): bigint {
  return BigInt(Math.floor(environment.nowMs() * 1000))
}

/** Of `{MegaSeconds, Seconds, Microseconds}`. */
export function stampUs(now: Term): bigint {
  const [mega, units, micro] = parts(now, 3)
  return (integer(mega!) * 1_000_000n + integer(units!)) * 1_000_000n + integer(micro!)
}

function timestamp(machine: Machine): Tuple {
  const us = nowUs(machine)
  return tuple(us / 10n ** 12n, (us / 1_000_000n) % 1_000_000n, us % 1_000_000n)
}

const unitsPerSecond: { readonly [name: string]: bigint } = {
  second: 1n,
  seconds: 1n,
  millisecond: 1000n,
  milli_seconds: 1000n,
  microsecond: 1_000_000n,
  micro_seconds: 1_000_000n,
  nanosecond: 1_000_000_000n,
  nano_seconds: 1_000_000_000n,
  native: 1_000_000_000n,
}

function inUnit(us: bigint, unit: Term): bigint {
  const perSecond = unit instanceof Atom ? unitsPerSecond[unit.name] : BigInt(small(unit, 1))
  if (perSecond === undefined) throw badarg()
  return (us * perSecond) / 1_000_000n
}

function nowDateTime(machine: Machine): Tuple {
  return dateTime(nowUs(machine) / 1_000_000n)
}

/** `{{Year, Month, Day}, {Hour, Minute, Second}}` of seconds since 1970. */
function dateTime(value: bigint): Tuple {
  const inDay = ((value % secondsPerDay) + secondsPerDay) % secondsPerDay
  const time = tuple(inDay / 3600n, (inDay / 60n) % 60n, inDay % 60n)
  return tuple(date((value - inDay) / secondsPerDay), time)
}

/** The Gregorian date of a day since 1970, by eras of 400 years that begin in March. */
function date(day: bigint): Tuple {
  const shifted = day + 719_468n
  const era = (shifted >= 0n ? shifted : shifted - 146_096n) / 146_097n
  const ofEra = shifted - era * 146_097n
  const yearOfEra = (ofEra - ofEra / 1460n + ofEra / 36_524n - ofEra / 146_096n) / 365n
  const ofYear = ofEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n)
  const march = (5n * ofYear + 2n) / 153n
  const month = march < 10n ? march + 3n : march - 9n
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n)
  return tuple(year, month, ofYear - (153n * march + 2n) / 5n + 1n)
}

/** Days since 1970 of `{Year, Month, Day}`. */
function days(value: Term): bigint {
  const [year, month, day] = parts(value, 3).map(integer)
  if (month! < 1n || month! > 12n || day! < 1n || day! > 31n) throw badarg()
  const shifted = month! <= 2n ? year! - 1n : year!
  const era = (shifted >= 0n ? shifted : shifted - 399n) / 400n
  const yearOfEra = shifted - era * 400n
  const march = month! > 2n ? month! - 3n : month! + 9n
  const ofYear = (153n * march + 2n) / 5n + day! - 1n
  const ofEra = yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + ofYear
  return era * 146_097n + ofEra - 719_468n
}

function daySeconds(value: Term): bigint {
  const [hours, minutes, rest] = parts(value, 3).map(integer)
  return hours! * 3600n + minutes! * 60n + rest!
}

function seconds(value: Term): bigint {
  const [day, time] = parts(value, 2)
  return days(day!) * secondsPerDay + daySeconds(time!)
}

function parts(value: Term, count: number): readonly Term[] {
  if (value instanceof Tuple && value.items.length === count) return value.items
  throw badarg()
}
