/** Functions of Tsung's own modules that people call in their code. Source: Tsung's manual; observed. */
import {
  asList,
  asNumber,
  atomName,
  deepBytes,
  deepText,
  items,
  small,
  stringText,
  variableTerm,
} from '../term/coerce.ts'
import { compare } from '../term/compare.ts'
import {
  atom,
  Binary,
  badarg,
  DynVars,
  fault,
  type Library,
  listOf,
  type Machine,
  no,
  ok,
  stringTerm,
  type Term,
  Tuple,
  tuple,
} from '../term/term.ts'
import { randomText } from './chance.ts'
import { nowUs, stampUs } from './clock.ts'
import { lower } from './old-strings.ts'
import { web } from './web.ts'

/** What Tsung makes its strings of that are not random. */
const pattern = 'qxvmvtglimieyhemzlxc'

export const tsung: Library = {
  'ts_dynvars:lookup/2': ([name, variables], machine) => {
    const value = lookUp(name, variables, machine)
    return value === undefined ? no : tuple(ok, value)
  },
  'ts_dynvars:lookup/3': ([name, variables, otherwise], machine) =>
    tuple(ok, lookUp(name, variables, machine) ?? otherwise),
  'ts_dynvars:entries/1': ([variables]) => asList(variables),
  'ts_user_server:get_unique_id/1': (_, { environment }) => BigInt(environment.id),
  'ts_user_server:get_really_unique_id/1': (_, machine) =>
    stringTerm(`${nowUs(machine) / 1_000_000n}-${machine.environment.id}`),
  'ts_utils:now_sec/0': (_, machine) => nowUs(machine) / 1_000_000n,
  // In ms.
  'ts_utils:elapsed/2': ([before, now]) => Number(stampUs(now) - stampUs(before)) / 1000,
  'ts_utils:randomstr/1': ([length], machine) => stringTerm(letters(small(length), machine)),
  'ts_utils:randombinstr/1': ([length], machine) => new Binary(letters(small(length), machine)),
  'ts_utils:random_alphanumstr/1': ([length], machine) => {
    machine.spend(small(length))
    const { environment } = machine
    return stringTerm(
      randomText(small(length), () =>
        alphanumeric.charCodeAt(Math.floor(environment.random() * alphanumeric.length)),
      ),
    )
  },
  'ts_utils:urandomstr/1': ([length], machine) => stringTerm(fixedText(small(length), machine)),
  'ts_utils:urandomstr_noflat/1': ([length], machine) =>
    stringTerm(fixedText(small(length), machine)),
  'ts_utils:urandombinstr/1': ([length], machine) => {
    machine.spend(small(length) / 8)
    const times = Math.ceil(small(length) / pattern.length)
    return new Binary(pattern.repeat(times).slice(0, small(length)))
  },
  'ts_utils:encode_base64/1': web['base64:encode_to_string/1']!,
  'ts_utils:decode_base64/1': web['base64:decode_to_string/1']!,
  'ts_utils:to_lower/1': ([text], machine) => stringTerm(lower(deepText(text, machine))),
  'ts_utils:ceiling/1': ([value]) => {
    const number = asNumber(value)
    if (typeof number !== 'number' && typeof number !== 'bigint') throw badarg()
    return BigInt(Math.ceil(Number(number)))
  },
  'ts_utils:list_to_number/1': ([text], machine) => {
    const number = Number(stringText(text, machine))
    if (!Number.isFinite(number)) throw badarg()
    return Number.isInteger(number) && !deepBytes(text, machine).includes('.')
      ? BigInt(number)
      : number
  },
  'ts_utils:join/2': ([separator, list], machine) => {
    const texts = items(list, machine).map((each) => stringText(each, machine))
    return stringTerm(texts.join(stringText(separator, machine)))
  },
  'ts_utils:split/2': ([text, part], machine) => {
    const [whole, mark] = [stringText(text, machine), stringText(part, machine)]
    return listOf(whole.split(mark).map(stringTerm))
  },
  'ts_utils:splitchar/2': ([text, code], machine) => {
    const mark = String.fromCodePoint(small(code))
    return listOf(stringText(text, machine).split(mark).map(stringTerm))
  },
}

const alphanumeric = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Of all variables, or of a list of pairs that the code made of them. */
function lookUp(name: Term, variables: Term, machine: Machine): Term | undefined {
  if (variables instanceof DynVars) {
    const value = variables.environment.variables.named(nameText(name, machine))
    return value === undefined ? undefined : variableTerm(value)
  }
  const key = typeof name === 'object' ? atom(nameText(name, machine)) : name
  for (const each of items(variables, machine)) {
    if (!(each instanceof Tuple) || each.items.length !== 2) throw fault('function_clause')
    if (compare(each.items[0]!, key, machine) === 0) return each.items[1]!
  }
  return undefined
}

function nameText(name: Term, machine: Machine): string {
  const list = asList(name)
  return list === name && !isListTerm(name) ? atomName(name) : stringText(list, machine)
}

function isListTerm(term: Term): boolean {
  return typeof term === 'object' && 'head' in term
}

/** Letters b..z, as Tsung draws them. */
function letters(length: number, machine: Machine): string {
  machine.spend(length)
  return randomText(length, () => 98 + machine.environment.random() * 25)
}

/** The pattern as often as it fits, and then its last letters. */
function fixedText(length: number, machine: Machine): string {
  machine.spend(length / 8)
  const rest = length % pattern.length
  const end = rest === 0 ? '' : pattern.slice(-rest)
  return pattern.repeat(Math.floor(length / pattern.length)) + end
}
