/** Random values, all from the user's own stream: what seeds it is ignored, so that a run can be repeated. */
import { integer, small } from '../term/coerce.ts'
import {
  Binary,
  fault,
  type Library,
  type Machine,
  ok,
  type Term,
  undefinedAtom,
} from '../term/term.ts'

export const chance: Library = {
  'random:uniform/0': (_, machine) => machine.environment.random(),
  'random:uniform/1': ([count], machine) => upTo(count, machine),
  'random:seed/0': () => undefinedAtom,
  'random:seed/1': () => undefinedAtom,
  'random:seed/3': () => undefinedAtom,
  'rand:uniform/0': (_, machine) => machine.environment.random(),
  'rand:uniform_real/0': (_, machine) => 1 - machine.environment.random(),
  'rand:uniform/1': ([count], machine) => upTo(count, machine),
  'rand:normal/0': (_, machine) => normal(machine),
  'rand:bytes/1': ([count], machine) => randomBytes(count, machine),
  'rand:seed/1': () => undefinedAtom,
  'rand:seed/2': () => undefinedAtom,
  'crypto:start/0': () => ok,
  'crypto:rand_seed/0': () => ok,
  'crypto:rand_uniform/2': ([low, high], machine) => {
    const count = integer(high) - integer(low)
    if (count <= 0n) throw fault('badarg')
    return integer(low) + below(count, machine)
  },
  'crypto:rand_bytes/1': ([count], machine) => randomBytes(count, machine),
  'crypto:strong_rand_bytes/1': ([count], machine) => randomBytes(count, machine),
  'erlang:unique_integer/0': (_, machine) => below(2n ** 59n, machine),
  'erlang:unique_integer/1': (_, machine) => below(2n ** 59n, machine) + 1n,
  // Both ends included.
  'ts_stats:uniform/2': ([low, high], machine) => {
    const count = integer(high) - integer(low) + 1n
    if (count <= 0n) throw fault('function_clause')
    return integer(low) + below(count, machine)
  },
}

/** 1 to `count`. */
function upTo(count: Term, machine: Machine): bigint {
  const number = integer(count)
  if (number < 1n) throw fault('function_clause')
  return below(number, machine) + 1n
}

/** 0 to `count` - 1. */
function below(count: bigint, machine: Machine): bigint {
  const { environment } = machine
  if (count <= 2n ** 32n) return BigInt(Math.floor(environment.random() * Number(count)))
  let value = 0n
  for (let size = count; size > 0n; size >>= 24n) value = (value << 24n) | bits24(machine)
  return value % count
}

function bits24(machine: Machine): bigint {
  return BigInt(Math.floor(machine.environment.random() * 2 ** 24))
}

/** Box and Muller. */
function normal({ environment }: Machine): number {
  const radius = Math.sqrt(-2 * Math.log(1 - environment.random()))
  return radius * Math.cos(2 * Math.PI * environment.random())
}

function randomBytes(count: Term, machine: Machine): Binary {
  machine.spend(small(count))
  return new Binary(randomText(small(count), () => machine.environment.random() * 256))
}

/** `code` gives the character code of each, not whole. */
export function randomText(length: number, code: () => number): string {
  let text = ''
  for (let left = length; left > 0; left--) text += String.fromCharCode(Math.floor(code()))
  return text
}
