/** Ours and the peers in turn, in the same run. */
import type { Contender, Round } from './contenders.ts'
import { figure, median } from './figures.ts'
import type { Nginx } from './nginx.ts'
import { type Budget, isRowClose, type Row } from './results.ts'

/** Pairs that are played with peers whose ratio is close to 1 or to its budget. */
const closePairs = 15
/** From here on a claim is meant: fewer are a trial of the script. */
const claimedPairs = 5

export interface Comparison {
  readonly claim: string
  readonly what: string
  /** Of the figures; default: answers/s. */
  readonly unit?: string
  readonly contenders: readonly Contender[]
  /** Of which the CPU is told. */
  readonly nginx: Pick<Nginx, 'cpuMs'>
  readonly pairs: number
  /** By the peer's name. */
  readonly budgets: { readonly [peer: string]: Budget }
}

interface Played extends Round {
  /** Share of its core that the server was busy, 0 to 1. */
  readonly serverBusy: number
}

export interface Compared {
  /** One for each peer; one without a peer when there is none. */
  readonly rows: readonly Row[]
  /** Peers that failed, and how. */
  readonly failed: readonly string[]
}

/**
 * A peer that fails is left out from then on.
 *
 * @throws when tsts fails
 */
export async function compare(comparison: Comparison): Promise<Compared> {
  const { contenders, pairs } = comparison
  const rounds = new Map<string, Played[]>(contenders.map(({ name }) => [name, []]))
  const failed: string[] = []
  const play = async (count: number, isWanted: (name: string) => boolean): Promise<void> => {
    for (let pair = 0; pair < count; pair++) {
      for (const contender of contenders) {
        const played = rounds.get(contender.name)
        if (played === undefined || !isWanted(contender.name)) continue
        try {
          played.push(await playOne(contender, comparison))
        } catch (error) {
          if (contender.name === 'tsts') throw error
          rounds.delete(contender.name)
          failed.push(
            `${comparison.what}: ${contender.name} is left out: ${(error as Error).message}`,
          )
        }
      }
    }
  }
  await play(pairs, () => true)
  const rows = rowsOf(comparison, rounds)
  const close = new Set(rows.filter(isRowClose).map(({ peer }) => peer!.name))
  if (pairs < claimedPairs || pairs >= closePairs || close.size === 0) return { rows, failed }
  await play(closePairs - pairs, (name) => name === 'tsts' || close.has(name))
  return { rows: rowsOf(comparison, rounds), failed }
}

async function playOne(contender: Contender, { nginx }: Comparison): Promise<Played> {
  const cpuMs = nginx.cpuMs()
  const round = await contender.run()
  if (!(round.rate > 0)) throw new Error(`${contender.name} had no answer`)
  console.error(
    `${contender.name.padEnd(10)} ${figure(round.rate)}/s, ${figure(cpuUsOf(round))} µs`,
  )
  return { ...round, serverBusy: ((nginx.cpuMs() - cpuMs) / round.answers) * (round.rate / 1000) }
}

function rowsOf(
  { claim, what, unit = 'answers/s', budgets }: Comparison,
  rounds: ReadonlyMap<string, readonly Played[]>,
): readonly Row[] {
  const ours = rounds.get('tsts')!
  const rates = (of: readonly Played[]): readonly number[] => of.map(({ rate }) => rate)
  const row = { claim, what, unit, ours: rates(ours) }
  const peers = [...rounds].filter(([name]) => name !== 'tsts')
  if (peers.length === 0) return [{ ...row, peer: null, budget: null, note: costOf('tsts', ours) }]
  return peers.map(([name, theirs]) => ({
    ...row,
    peer: { name, values: rates(theirs) },
    budget: budgets[name] ?? null,
    note: `${costOf('tsts', ours)}; ${costOf(name, theirs)}`,
  }))
}

function costOf(name: string, rounds: readonly Played[]): string {
  const cpuUs = median(rounds.map(cpuUsOf))
  const busy = median(rounds.map((round) => round.serverBusy))
  return `${name}: ${figure(cpuUs)} µs of client CPU each, server ${Math.round(busy * 100)} % busy`
}

/** Of one answer. */
function cpuUsOf({ cpuMs, answers }: Round): number {
  return (cpuMs * 1000) / answers
}
